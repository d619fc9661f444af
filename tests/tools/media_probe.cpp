// Shows what the media folder makes of a file, for comparison with ffprobe, ffmpeg and Pillow.
//   media_probe read INPUT [every=1s] [fast=1] [threads=N] [rgb=FILE] [prepare=JSON]
//   one JSON line a picture, then the end
//   media_probe hear INPUT [rate=48000] [window=10] [hop=5] [floor=-70] [stream=a:0] [samples=FILE]
//   one JSON line a window of sound
//   media_probe prepare RGB WIDTH HEIGHT ASPECT JSON OUTPUT       prepare() on packed RGB
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <map>

#include <fmt/format.h>

#include <clipclap/error.h>
#include <clipclap/log.h>

#include "base/file.h"
#include "base/json.h"
#include "media/loudness.h"
#include "media/media_reader.h"
#include "media/preprocessing.h"

namespace clipclap {
namespace {

void print(const Json& line) {
  std::cout << line.dump(-1, ' ', true, Json::error_handler_t::replace) << '\n';
}

std::map<std::string, std::string> read_options(int count, char** arguments) {
  std::map<std::string, std::string> options;
  for (int i = 0; i < count; ++i) {
    const std::string argument = arguments[i];
    const std::size_t equals = argument.find('=');
    options[argument.substr(0, equals)] = argument.substr(equals + 1);
  }
  return options;
}

Sampling parse_sampling(const std::string& text) {
  if (text == "keyframes") return {Sampling::Mode::kKeyframes};
  return Sampling::parse(text);
}

void print_head(const media::StreamDescription& stream) {
  Json head{{"kind", to_string(stream.kind)},
            {"stream", stream.name},
            {"stream_start", stream.start_seconds}};
  if (stream.duration_seconds) head["duration"] = *stream.duration_seconds;
  print(head);
}

using Options = std::map<std::string, std::string>;

auto option_reader(const Options& options) {
  return [&options](const std::string& name, const std::string& otherwise) {
    const auto found = options.find(name);
    return found == options.end() ? otherwise : found->second;
  };
}

void read_sounds(const std::string& input, const Options& options) {
  const auto option = option_reader(options);
  media::ReaderOptions reader_options;
  auto& wishes = reader_options.wishes;
  wishes.pictures = false;
  wishes.sounds = true;
  if (options.contains("stream")) {
    wishes.chosen.push_back(StreamChoice::parse(option("stream", "")));
  }
  auto& sound = reader_options.sound;
  sound.sample_rate = std::stoi(option("rate", "48000"));
  sound.window_seconds = std::stod(option("window", "10"));
  sound.hop_seconds = std::stod(option("hop", "5"));
  sound.silence_floor = std::stod(option("floor", "-70"));
  std::ofstream samples;
  if (options.contains("samples")) samples.open(option("samples", ""), std::ios::binary);
  media::MediaReader reader(input, reader_options);
  print_head(reader.streams().front());
  const media::LoudnessGate gate(sound.sample_rate);
  while (const auto item = reader.next()) {
    const auto& window = std::get<media::SoundWindow>(item->content);
    const double loudness = gate.loudest_block(window.samples);
    print({{"start", window.start_seconds},
           {"end", window.end_seconds},
           {"silent", window.is_silent},
           {"loudness", std::isfinite(loudness) ? Json(loudness) : Json()},
           {"count", window.samples.size()}});
    samples.write(reinterpret_cast<const char*>(window.samples.data()),
                  static_cast<std::streamsize>(window.samples.size() * sizeof(float)));
  }
}

media::Preprocessing parse_preprocessing(const std::string& text) {
  using Resize = media::Preprocessing::Resize;
  const std::map<std::string, Resize> resizes{{"none", Resize::kNone},
                                              {"shortest_edge", Resize::kShortestEdge},
                                              {"longest_edge", Resize::kLongestEdge},
                                              {"squash", Resize::kSquash},
                                              {"patch_budget", Resize::kPatchBudget}};
  const Json json = parse_json(text, "preprocessing");
  media::Preprocessing order;
  order.resize = resizes.at(json.at("resize"));
  order.resize_height = json.value("resize_height", 224);
  order.resize_width = json.value("resize_width", 224);
  order.patch_size = json.value("patch_size", 16);
  order.patch_limit = json.value("patch_limit", 256);
  order.filter = static_cast<media::Filter>(json.value("filter", 3));
  order.center_crop = json.value("center_crop", false);
  if (json.value("torchvision", false)) {
    order.centering = media::Preprocessing::Centering::kTorchvision;
  }
  order.fill = json.value("fill", std::uint8_t{0});
  order.crop_height = json.value("crop_height", 224);
  order.crop_width = json.value("crop_width", 224);
  return order;
}

void read_pictures(const std::string& input, const Options& options) {
  const auto option = option_reader(options);
  media::ReaderOptions reader_options;
  reader_options.sampling = parse_sampling(option("every", "1s"));
  reader_options.sampling.fast = option("fast", "0") == "1";
  reader_options.decoder_threads = std::stoi(option("threads", "0"));
  if (options.contains("prepare")) {
    reader_options.preprocessing = parse_preprocessing(option("prepare", ""));
  }
  std::ofstream rgb;
  if (options.contains("rgb")) rgb.open(option("rgb", ""), std::ios::binary);
  media::MediaReader reader(input, reader_options);
  print_head(reader.streams().front());
  while (const auto item = reader.next()) {
    const auto& sample = std::get<media::SampledPicture>(item->content);
    const Picture& picture = sample.picture;
    print({{"start", sample.start_seconds},
           {"end", sample.end_seconds},
           {"width", picture.width},
           {"height", picture.height},
           {"pixel_aspect", picture.pixel_aspect}});
    rgb.write(reinterpret_cast<const char*>(picture.rgb.data()),
              static_cast<std::streamsize>(picture.rgb.size()));
  }
}

void prepare_picture(char** arguments) {
  const std::string rgb = read_file(arguments[0]);
  const Picture picture{std::stoi(arguments[1]),
                        std::stoi(arguments[2]),
                        std::stod(arguments[3]),
                        {rgb.begin(), rgb.end()}};
  const media::Preprocessing order = parse_preprocessing(arguments[4]);
  const auto begin = std::chrono::steady_clock::now();
  const Picture result = media::prepare(picture, order);
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
  std::ofstream(arguments[5], std::ios::binary)
      .write(reinterpret_cast<const char*>(result.rgb.data()),
             static_cast<std::streamsize>(result.rgb.size()));
  print({{"width", result.width}, {"height", result.height}, {"milliseconds", time.count()}});
}

int run(int count, char** arguments) {
  const std::string verb = count > 1 ? arguments[1] : "";
  if (verb == "read" && count >= 3) {
    read_pictures(arguments[2], read_options(count - 3, arguments + 3));
    return 0;
  }
  if (verb == "hear" && count >= 3) {
    read_sounds(arguments[2], read_options(count - 3, arguments + 3));
    return 0;
  }
  if (verb == "prepare" && count == 8) {
    prepare_picture(arguments + 2);
    return 0;
  }
  std::cerr
      << "usage: media_probe read INPUT [every=] [threads=] [rgb=] [prepare=] | hear INPUT [rate=] "
         "[window=] "
         "[hop=] [floor=] [stream=] [samples=] | prepare RGB WIDTH HEIGHT ASPECT JSON OUTPUT\n";
  return 2;
}

}  // namespace
}  // namespace clipclap

int main(int count, char** arguments) {
  using namespace clipclap;
  set_log_handler([](LogLevel level, std::string_view message) {
    if (level == LogLevel::kWarning) print({{"warning", message}});
  });
  try {
    return run(count, arguments);
  } catch (const Error& error) {
    print({{"error", to_string(error.code())},
           {"message", error.message()},
           {"context", error.context()}});
    return 1;
  }
}
