// Pictures into pictures: super-resolution, denoising, colouring.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <clipclap/export.h>
#include <clipclap/output_file.h>
#include <clipclap/tagging.h>

namespace clipclap {

struct ProcessorOptions {
  /// A TorchScript file (which runs code that is in it: open none that you don't trust) whose
  /// forward() takes and gives [batch, channels, height, width] of float32 in 0 … 1, channels 3
  /// (red, green, blue) or 1. What it gives may have another size and other channels.
  std::string model;
  std::string device = "cpu";  ///< as ModelOptions::device
  /// Threads that compute; 0 takes every core. A setting of the process.
  int threads = 0;
  /// Pictures that go through the model at once; 0: 1 with a processor, 8 with another device.
  std::size_t batch = 0;
  /// Batches that are worked on at once; 0: as many as keep every core busy. With 1 all cores work
  /// on each.
  std::size_t batches_in_flight = 0;
  /// Sides are padded to multiples of it, at the right and at the bottom with their last pixels,
  /// and what becomes of that is cut away; 0: found by trying 1, 2, 4 … 64.
  int multiple = 0;
};

struct PictureSize {
  int width = 0;
  int height = 0;
  bool operator==(const PictureSize&) const = default;
};

namespace process {
class PictureQueue;
}

/// A loaded model and the pictures that are on their way through it. Any number of threads may call
/// it. Memory is bounded as long as results are taken as they come: pushing waits for the model,
/// never for who takes.
class CLIPCLAP_API Processor {
 public:
  /// Throws Error: kNotFound, kInvalidData (no TorchScript, or none that takes and gives pictures,
  /// with what was tried), kUnsupported, kInvalidArgument.
  explicit Processor(const ProcessorOptions& options);
  ~Processor();
  Processor(Processor&&) noexcept;
  Processor& operator=(Processor&&) noexcept;

  int channels() const;         ///< of what goes in, 1 or 3
  int output_channels() const;  ///< of what comes out, 1 or 3
  int multiple() const;         ///< that sides are padded to
  /// Of what becomes of pictures of this size; tries the model. Results of another are failures.
  PictureSize output_size(int width, int height);

  /// Copies planes of float32, one a channel in the order red, green, blue, and waits where too
  /// much is under way; `strides` are bytes from row to row, below 0 where a picture lies upside
  /// down. What is outside of 0 … 1 is passed on as it is. Throws Error (kInvalidArgument) where
  /// the size is not that of the pictures before it.
  void push(const float* const* planes, const std::ptrdiff_t* strides, int width, int height);

  enum class Status {
    kPicture,
    kAgain,  ///< not known yet
    kEnd,    ///< nothing that was pushed is without its result
  };
  /// Writes the next picture, in the order of what was pushed, into planes of the output's size and
  /// channels. Throws Error where the model failed on that picture, which is dropped: the one
  /// behind it may be good.
  Status poll(float* const* planes, const std::ptrdiff_t* strides);
  /// The same, but waits for it, at most so long; below 0 without limit. What waits for a batch to
  /// be filled is sent on its way.
  Status wait(double timeout_seconds, float* const* planes, const std::ptrdiff_t* strides);
  /// What was pushed need not wait for more.
  void flush();

  /// For the library itself: an empty one on the same model.
  std::unique_ptr<process::PictureQueue> new_queue() const;

 private:
  std::unique_ptr<process::PictureQueue> queue_;
};

struct FilmOptions {
  std::string format{};  ///< libavformat's name of the container; empty: by OUT's extension
  std::string codec{};   ///< of the pictures, as ffmpeg -c:v takes it; empty: the container's
  std::string codec_settings{};  ///< "crf=18:preset=slow", as libavcodec calls them
  int codec_threads = 0;         ///< of decoder and encoder; 0: what keeps all cores busy
  std::function<void(const Progress&)> on_progress{};  ///< after every picture; windows are those
  const std::atomic<bool>* stop = nullptr;             ///< checked between pictures: kCancelled
};

/// Puts every picture of a film, or the one of a picture, through the model, upright, with 8 bits;
/// times stay, sound and subtitles are passed on as they are where the container takes them. The
/// output is whole when this returns, and the caller commits it. What was pushed into the processor
/// stays there. Throws Error: of the input as Tagger::tag, of the model as Processor::poll, of the
/// output kIo, kCancelled, kInvalidArgument (no such container, codec or setting) and kUnsupported.
CLIPCLAP_API void process_film(const Processor& processor, const std::string& input,
                               const OutputFile& output, const FilmOptions& options = {});

}  // namespace clipclap
