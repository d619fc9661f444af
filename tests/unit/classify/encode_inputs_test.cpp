// Whole runs before a tower that counts what it is given.
#include "classify/encode_inputs.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <numeric>
#include <string>
#include <vector>

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "media/encoder.h"
#include "media/muxer.h"
#include "text/tokenizer.h"

namespace clipclap::classify {
namespace {

constexpr int kSide = 8;
constexpr auto kTokenizer = R"({"version": "1.0", "added_tokens": [],
    "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}})";

/// Sees how bright a picture is: rows are (cos, sin) of its mean level in hundredths.
class CountingTower : public model::PictureTower {
 public:
  explicit CountingTower(std::vector<std::int64_t>& batches) : batches_(batches) {}

  at::Tensor encode(const at::Tensor& pixels) const override {
    const std::lock_guard lock(mutex_);
    batches_.push_back(pixels.size(0));
    const auto angles = pixels.to(at::kFloat).mean({1, 2, 3}) / 100;
    return at::stack({angles.cos(), angles.sin()}, 1);
  }

 private:
  std::vector<std::int64_t>& batches_;
  mutable std::mutex mutex_;
};

model::DualEncoder counting_encoder(std::vector<std::int64_t>& batches) {
  const media::Preprocessing squash{.resize = media::Preprocessing::Resize::kSquash,
                                    .resize_height = kSide,
                                    .resize_width = kSide,
                                    .center_crop = false};
  ModelInfo info;
  info.embedding_dimension = 2;
  return {.info = std::move(info),
          .files = checkpoint::CheckpointFiles::embedded("counting", {}),
          .text = {text::Tokenizer::from_json(kTokenizer, "tokenizer.json"), {}, nullptr},
          .picture = {{squash, std::make_unique<CountingTower>(batches)}},
          .sound = {},
          .score = {}};
}

/// How bright the windows of an input are, by stream.
using InputLevels = std::vector<std::vector<int>>;

class Levels : public EncodedSink {
 public:
  std::vector<InputLevels> of_inputs;

  void begin(std::size_t input, const InputStreams& streams) override {
    EXPECT_EQ(input, of_inputs.size());
    of_inputs.emplace_back(streams.streams.size());
  }
  void take(const EncodedBatch& batch) override {
    for (std::size_t i = 0; i < batch.places.size(); ++i) {
      const auto row = batch.embeddings[static_cast<std::int64_t>(i)];
      const auto angle = std::atan2(row[1].item<double>(), row[0].item<double>());
      const auto& place = batch.places[i];
      of_inputs[place.input][place.stream].push_back(static_cast<int>(std::lround(100 * angle)));
    }
  }
  void end(std::size_t, const std::exception_ptr& failure) override { EXPECT_FALSE(failure); }
  bool agree(const at::Tensor&, const at::Tensor&, float) const override { return false; }
};

class EncodeInputs : public ::testing::TestWithParam<int> {
 protected:
  EncodeInputs() : threads_(at::get_num_threads()) {
    std::filesystem::create_directories(folder_);
    at::set_num_threads(GetParam());
  }
  ~EncodeInputs() override {
    at::set_num_threads(threads_);
    std::filesystem::remove_all(folder_);
  }

  static std::vector<std::uint8_t> grey(int level) {
    return std::vector<std::uint8_t>(3 * kSide * kSide, static_cast<std::uint8_t>(level));
  }

  std::string write_picture(int level) const {
    const auto path = folder_ / (std::to_string(level) + ".ppm");
    const auto pixels = grey(level);
    std::ofstream file(path, std::ios::binary);
    file << "P6 " << kSide << ' ' << kSide << " 255\n";
    file.write(reinterpret_cast<const char*>(pixels.data()), std::ssize(pixels));
    return path.string();
  }

  std::string write_film(const InputLevels& streams) const {
    constexpr AVRational kTimeBase{1, 10};
    const auto path = (folder_ / (std::to_string(streams.front().front()) + ".mkv")).string();
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    media::Muxer muxer(descriptor, path, "");
    std::vector<media::Encoder> encoders;
    const auto& codec = media::find_encoder("ffv1", AV_CODEC_ID_NONE, path);
    for (std::size_t i = 0; i < streams.size(); ++i) {
      encoders.emplace_back(
          codec,
          media::EncoderOptions{
              .width = kSide, .height = kSide, .time_base = kTimeBase, .threads = 1},
          path);
      muxer.add_encoded(encoders.back().context());
    }
    muxer.begin();
    const auto packet = media::make_packet();
    const auto pass_on = [&](std::size_t stream) {
      while (encoders[stream].receive(*packet)) {
        muxer.write(*packet, static_cast<int>(stream), kTimeBase);
      }
    };
    for (std::size_t frame = 0; frame < streams.front().size(); ++frame) {
      for (std::size_t stream = 0; stream < streams.size(); ++stream) {
        encoders[stream].send(grey(streams[stream][frame]), static_cast<std::int64_t>(frame), 1);
        pass_on(stream);
      }
    }
    for (std::size_t stream = 0; stream < streams.size(); ++stream) {
      encoders[stream].send_end();
      pass_on(stream);
    }
    muxer.finish();
    ::close(descriptor);
    return path;
  }

  /// Every window gets its own row, and only the last batch is not full: it is shared out.
  static void expect_full_batches(const std::vector<std::string>& inputs,
                                  const std::vector<InputLevels>& levels,
                                  const std::vector<StreamChoice>& streams) {
    constexpr std::int64_t kBatch = 8;
    std::int64_t windows = 0;
    for (const auto& input : levels) {
      for (const auto& stream : input) windows += std::ssize(stream);
    }
    std::vector<std::int64_t> batches;
    const auto encoder = counting_encoder(batches);
    Levels found;
    RunOptions options{.streams = streams, .batch = kBatch};
    options.sampling = Sampling::parse("1");
    encode_inputs({.eyes = &encoder}, inputs, options, found);

    EXPECT_EQ(found.of_inputs, levels);
    EXPECT_EQ(std::accumulate(batches.begin(), batches.end(), std::int64_t{0}), windows);
    EXPECT_EQ(std::count(batches.begin(), batches.end(), kBatch), windows / kBatch);
    EXPECT_LE(std::ssize(batches), windows / kBatch + GetParam());
  }

 private:
  std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ("encode_inputs_" + std::to_string(::getpid()));
  int threads_;
};

TEST_P(EncodeInputs, BatchesFillAcrossFramesAndFiles) {
  const std::vector<int> frames = {10, 20, 30, 40, 50};
  const std::vector<InputLevels> levels = {{{101}}, {{102}}, {frames}, {{111}},  {{112}}, {{113}},
                                           {{114}}, {{115}}, {{116}},  {frames}, {{117}}};
  std::vector<std::string> inputs;
  for (const auto& input : levels) {
    const auto& first = input.front();
    inputs.push_back(first.size() > 1 ? write_film(input) : write_picture(first.front()));
  }
  expect_full_batches(inputs, levels, {});
}

TEST_P(EncodeInputs, BatchesFillAcrossStreams) {
  const InputLevels film = {{10, 20, 30, 40, 50}, {60, 70, 80, 90, 100}};
  const InputLevels other = {{11, 21, 31, 41}, {61, 71, 81, 91}};
  expect_full_batches({write_film(film), write_film(other)}, {film, other},
                      {StreamChoice::parse("v:0"), StreamChoice::parse("v:1")});
}

TEST_P(EncodeInputs, FilmsHoldTheirThreadsWhileTheyAreRead) {
  std::vector<std::int64_t> batches;
  const auto encoder = counting_encoder(batches);
  const RunOptions options{.streams = {StreamChoice::parse("v:0"), StreamChoice::parse("v:1")},
                           .decoder_threads = 3};
  int held = 0;
  const auto take = [&](std::size_t threads) {
    EXPECT_EQ(threads, 3U);  // ffv1's decoder can have as many as it is given
    ++held;
    return std::shared_ptr<void>(nullptr, [&](void*) { --held; });
  };
  const InputBoxes no_boxes(options.boxes);
  {
    auto film =
        open_windows({.eyes = &encoder}, write_film({{10, 20}, {60, 70}}), options, no_boxes, take);
    EXPECT_EQ(held, 2);
    while (film()) EXPECT_EQ(held, 2);
  }
  EXPECT_EQ(held, 0);
  const auto picture = open_windows({.eyes = &encoder}, write_picture(101), {}, no_boxes, take);
  EXPECT_EQ(held, 0);
}

INSTANTIATE_TEST_SUITE_P(Threads, EncodeInputs, ::testing::Values(1, 2, 5));

}  // namespace
}  // namespace clipclap::classify
