// Pictures and sound that the caller has decoded, as they come.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <clipclap/export.h>
#include <clipclap/media.h>
#include <clipclap/model.h>
#include <clipclap/tagging.h>

namespace clipclap {

/// A picture in memory of the caller. Formats, matrices, ranges and places of chroma go by FFmpeg's
/// names (`ffmpeg -pix_fmts`, libavutil/pixdesc.h), whose numbers differ between versions.
struct RawPicture {
  int width = 0;
  int height = 0;
  std::string pixel_format{};  ///< "yuv420p", "rgb24"
  std::array<const std::uint8_t*, 4> planes{};
  std::array<std::ptrdiff_t, 4> strides{};  ///< bytes from row to row; below 0 for upside down
  std::string color_matrix{};               ///< "bt709"; empty where it is not told
  std::string color_range{};                ///< "tv" or "pc"; likewise
  std::string chroma_location{};            ///< "left"; likewise
  double pixel_aspect = 1;                  ///< width of a pixel over its height
};

/// Sound in memory of the caller, likewise.
struct RawSamples {
  std::string sample_format{};   ///< "fltp", "s16"
  std::string channel_layout{};  ///< "stereo", "5.1"; empty: the usual one of `channel_count`
  int channel_count = 0;
  int sample_rate = 0;
  std::span<const std::uint8_t* const> planes{};  ///< one, or one for each channel where planar
  std::size_t count = 0;                          ///< samples of each channel
};

struct SessionOptions {
  std::size_t batch = 0;              ///< as RunOptions
  std::size_t batches_in_flight = 0;  ///< under way at once; 0: as many as keep every core busy
  /// As RunOptions.
  std::optional<double> window_seconds{};
  std::optional<double> hop_seconds{};
  std::optional<double> silence_floor = -70;
};

struct SessionResult {
  std::uint64_t id = 0;               ///< the picture's; 0 for sound
  std::optional<std::size_t> box{};   ///< which of the picture's; none for the whole
  Window window{};                    ///< without file and stream
  std::vector<ScoredLabel> labels{};  ///< all of them, as TagRecord
  ScoreOptions options{};             ///< that it was pushed under: for keep_best()
};

/// Scores media as they are pushed. Batches fill across pushes and are encoded on threads of the
/// session's own; results come in the order of what was pushed. Memory is bounded: pushing waits
/// where too much is under way. Any number of threads may call it; calls exclude each other, but
/// for waiting.
class CLIPCLAP_API Session {
 public:
  /// Pictures where the model sees, sound where it hears. Throws Error (kInvalidArgument).
  Session(Model model, const SessionOptions& options = {});
  /// Drops what is under way.
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// What to judge by, for what is pushed from now on: categories in place of labels, where there
  /// are any. The text tower runs in here. Throws Error (kInvalidArgument).
  void set_words(const LabelSet& labels, const CategorySet& categories = {},
                 const ScoreOptions& options = {});
  /// The same words, another threshold. Throws Error (kInvalidArgument).
  void set_threshold(double threshold);

  /// `boxes`: regions to look at, none for the whole. Says how many results there will be: boxes
  /// that have no area inside the picture are passed over. The picture is read before it returns.
  /// Throws Error (kInvalidArgument, kUnsupported); then nothing has been pushed.
  std::size_t push(const RawPicture& picture, double start_seconds, double end_seconds,
                   std::span<const Box> boxes = {}, std::uint64_t id = 0);
  /// Without a start the sound follows what was pushed last. Gaps of up to a window are silence;
  /// behind a longer one windows begin anew. Throws Error (kInvalidArgument, kUnsupported).
  void push(const RawSamples& samples, std::optional<double> start_seconds = {});

  /// What was pushed need not wait for more, and sound ends.
  void flush();

  enum class Status {
    kReady,
    kPending,  ///< not known yet
    kNone,     ///< nothing that was pushed is without its result
  };
  /// The next result. Throws the Error that it came to; the one behind it may be good.
  Status poll(SessionResult& result);
  /// Waits for it, at most so long, and sends on its way what is in a batch that is not full.
  Status wait(SessionResult& result, std::optional<double> timeout_seconds = {});

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace clipclap
