#include "checkpoint/audio_preprocessing_config.h"

#include <fmt/format.h>

#include "checkpoint/processor_document.h"
#include "checkpoint/quote.h"

namespace clipclap::checkpoint {
namespace {

using Padding = AudioPreprocessing::Padding;
using Truncation = AudioPreprocessing::Truncation;

template <typename Value>
struct NamedValue {
  std::string_view name;
  Value value;
};

constexpr NamedValue<Padding> kPaddings[] = {{"repeatpad", Padding::kRepeatThenSilence},
                                             {"repeat", Padding::kRepeat},
                                             {"pad", Padding::kSilence}};
// The reference takes a window at random, anew each time; here it is the first.
constexpr NamedValue<Truncation> kTruncations[] = {{"fusion", Truncation::kFusion},
                                                   {"rand_trunc", Truncation::kFirstWindow}};

template <typename Value, std::size_t count>
Value read_choice(const JsonFields& fields, std::string_view key,
                  const NamedValue<Value> (&choices)[count]) {
  const auto name = fields.string(key, choices[0].name);
  std::string known;
  for (const auto& choice : choices) {
    if (choice.name == name) return choice.value;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", choice.name);
  }
  fields.refuse(key, fmt::format("is {}, which is not one of {}", quote(name), known),
                ErrorCode::kUnsupported);
}

void require_clap(const JsonFields& fields) {
  constexpr std::string_view kKey = "feature_extractor_type";
  if (fields.find_given(kKey) == nullptr) return;
  const auto name = fields.string(kKey, "");
  if (name == "ClapFeatureExtractor") return;
  fields.refuse(kKey, fmt::format("is {}; known is ClapFeatureExtractor", quote(name)),
                ErrorCode::kUnsupported);
}

}  // namespace

AudioPreprocessing parse_audio_preprocessing(const CheckpointFiles& files) {
  constexpr int kHighestRate = 1 << 20;
  constexpr int kLongestWindow = 3600;
  constexpr int kLargestTransform = 1 << 16;
  const auto document = read_processor_document(files, "feature_extractor", "sounds");
  const auto fields = document.fields();
  require_clap(fields);
  AudioPreprocessing result;
  result.sample_rate = fields.integer("sampling_rate", result.sample_rate, 1, kHighestRate);
  result.window_seconds = fields.integer("max_length_s", result.window_seconds, 1, kLongestWindow);
  result.hop_length = fields.integer("hop_length", result.hop_length, 1, kHighestRate);
  result.fft_size = fields.integer("fft_window_size", result.fft_size, 2, kLargestTransform);
  result.mel_count = fields.integer("feature_size", result.mel_count, 1, kLargestTransform);
  result.lowest_frequency = fields.number("frequency_min", result.lowest_frequency);
  result.highest_frequency = fields.number("frequency_max", result.highest_frequency);
  result.padding = read_choice(fields, "padding", kPaddings);
  result.truncation = read_choice(fields, "truncation", kTruncations);
  if (result.lowest_frequency < 0 || !(result.lowest_frequency < result.highest_frequency)) {
    fields.refuse("frequency_min",
                  fmt::format("is {}, but must lie from 0 to below frequency_max, {}",
                              result.lowest_frequency, result.highest_frequency));
  }
  // The spectrogram's ends are made by reflection, for which there must be enough.
  if (result.window_samples() <= result.fft_size / 2) {
    fields.refuse("fft_window_size", fmt::format("is {}, too long for windows of {} samples",
                                                 result.fft_size, result.window_samples()));
  }
  return result;
}

}  // namespace clipclap::checkpoint
