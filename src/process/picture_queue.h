// Pictures go in, what a model makes of them comes out, in order; batches run side by side.
#pragma once

#include <compare>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include "base/worker_pool.h"
#include "model/script/picture_model.h"

namespace clipclap::process {

struct QueueOptions {
  /// Pictures that go through the model at once; 0: 1 with a processor, 8 with a device.
  std::size_t batch = 0;
  /// Batches that are worked on at once; 0: as many as there are threads, or two a device. With 1,
  /// every thread works on the same.
  std::size_t batches_in_flight = 0;
};

/// Any number of threads may call it. Memory is bounded by what is under way as long as results are
/// taken as they come: pushing waits for the model, never for who takes.
class PictureQueue {
 public:
  PictureQueue(std::shared_ptr<const model::PictureModel> model, const QueueOptions& options);
  /// Waits for the batches that are being worked on and drops the rest.
  ~PictureQueue();
  PictureQueue(const PictureQueue&) = delete;
  PictureQueue& operator=(const PictureQueue&) = delete;

  const model::PictureModel& model() const { return *model_; }
  /// An empty one on the same model.
  std::unique_ptr<PictureQueue> fork() const;

  /// [channels, height, width] float32, which the caller does not touch again. Throws Error
  /// (kInvalidArgument) where it has another size than those before it.
  void push(at::Tensor picture);

  /// Sends what waits for its batch to be filled.
  void flush();

  enum class Status {
    kPicture,
    kAgain,  ///< not known yet
    kEnd,    ///< everything that was pushed has been taken
  };
  using Use = std::function<void(const at::Tensor& picture)>;

  /// Hands the next picture, [channels, height, width], to `use`; it counts as taken when `use`
  /// returns. A picture that the model failed on throws that failure in its turn and is dropped.
  Status poll(const Use& use);

  /// Waits for it until `seconds` are over, without limit below 0. It is sent on its way if it
  /// still waits for its batch to be filled.
  Status wait(double seconds, const Use& use);

  struct Size {
    std::int64_t height = 0;
    std::int64_t width = 0;
    auto operator<=>(const Size&) const = default;
  };
  /// Of what becomes of pictures of this size, by trying. Results of another size are failures.
  Size output_size(Size input);

 private:
  struct Result {
    at::Tensor picture{};
    std::exception_ptr failure{};
  };
  struct Batch {
    std::vector<at::Tensor> pictures{};
    std::deque<Result> results{};
    bool is_done = false;
  };
  using Lock = std::unique_lock<std::mutex>;

  bool is_full() const { return filling_.pictures.size() >= batch_size_; }
  void send();
  void work(const std::shared_ptr<Batch>& batch);
  std::deque<Result> run(const std::vector<at::Tensor>& pictures) const;
  at::Tensor run_together(const std::vector<at::Tensor>& pictures) const;
  void require_known_size(const at::Tensor& picture, Size input);
  bool has_result() const { return !sent_.empty() && sent_.front()->is_done; }
  Status take(const Use& use);

  std::shared_ptr<const model::PictureModel> model_;
  QueueOptions options_;
  std::size_t batch_size_;
  std::size_t most_under_way_;

  std::mutex mutex_;
  std::condition_variable changed_;
  Batch filling_;
  /// Not all of their results are taken yet; oldest first.
  std::deque<std::shared_ptr<Batch>> sent_;
  std::size_t under_way_ = 0;
  std::optional<Size> input_size_;
  /// Of outputs, by the size of the input: tried, or of the first.
  std::map<Size, Size> output_sizes_;
  /// Last, so that its threads end before what they use goes.
  WorkerPool<void> pool_;
};

}  // namespace clipclap::process
