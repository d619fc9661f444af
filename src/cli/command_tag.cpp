#include <memory>
#include <utility>

#include <clipclap/error.h>
#include <clipclap/labels.h>
#include <clipclap/tagging.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/options.h"

namespace clipclap::cli {
namespace {

struct TagOptions {
  MediaOptions media;
  LabelSet labels;
  LabelSet sound_labels;  ///< where other words hold for sound
  ScoreOptions score;
};

constexpr Range<double> kTemperatureRange{1e-4, 1e4};
constexpr Range<double> kThresholdRange{0, 1};
constexpr Range<long> kTopRange{1, 1'000'000};
constexpr std::size_t kTopForEyes = 3;

constexpr auto kExamples = R"(
Examples:
  clipclap tag holiday.mp4 --labels "beach,mountain,city"
  clipclap tag photos/ --labels @words.txt --template "a photo of a {}" --top 5
  clipclap tag talk.mkv --labels slide,speaker --every 5s --format jsonl -o talk.jsonl
  clipclap tag film.mp4 --model openai/clip-vit-base-patch32 --labels beach,city \
    --model laion/clap-htsat-unfused --audio-labels speech,music
  curl -s https://example.org/clip.mp4 | clipclap tag - --labels cat,dog
)";

// The words for each model.
std::vector<TaggerPart> make_parts(const std::vector<Model>& models, const TagOptions& options,
                                   const ScoreOptions& score) {
  const auto& own = options.sound_labels;
  std::vector<TaggerPart> parts;
  bool hears = false;
  for (const auto& model : models) {
    LabelSet words = options.labels;
    if (model.info().hears) {
      hears = true;
      if (!own.labels.empty()) words.labels = own.labels;
      if (!own.templates.empty()) words.templates = own.templates;
    }
    if (words.labels.empty()) {
      throw Failure(ExitCode::kUsage, "--audio-labels are for a model that hears, and " +
                                          model.info().name + " sees; give it --labels");
    }
    if (words.templates.empty()) words.templates = LabelSet{}.templates;
    parts.push_back({model, std::move(words), score});
  }
  if (!hears && !(own.labels.empty() && own.templates.empty())) {
    throw Failure(ExitCode::kUsage,
                  "no model hears, so --audio-labels and --audio-template have no use; name one "
                  "that does with --model");
  }
  return parts;
}

ExitCode run_tag(const TagOptions& options, Surroundings surroundings) {
  RecordOutput output(options.media.output, options.media.format, options.labels.labels,
                      surroundings);
  auto score = options.score;
  if (!score.top && output.is_for_eyes()) score.top = kTopForEyes;
  auto demo = embedded_models();
  if (options.labels.labels.empty()) demo.erase(demo.begin());  // there are no words for the eyes
  const auto models = open_models(options.media, demo, surroundings);
  const Tagger tagger(make_parts(models, options, score));
  return run_over_inputs(options.media, kinds_for(models), output, surroundings,
                         [&](std::span<const std::string> inputs, const RunOptions& run,
                             const InputFailure& on_failure) {
                           tagger.tag(
                               inputs, run, [&](const TagRecord& record) { output.write(record); },
                               on_failure);
                         });
}

void add_template_option(CLI::App& command, const std::string& name, const std::string& help,
                         LabelSet& words) {
  add_repeated(command, name, value::kText, help, [&](const std::string& text) {
    words.templates.push_back(text);
    LabelSet{.labels = {"label"}, .templates = {text}}.validate();
  })->group("Words");
}

void add_word_options(CLI::App& command, TagOptions& options) {
  constexpr auto kGroup = "Words";
  add_value(command, "--labels", value::kWords,
            "the words to look and listen for: \"cat,dog\" (a backslash keeps a comma in a label), "
            "or @FILE with one a line in UTF-8 and # before comments",
            [&](const std::string& text) { options.labels.labels = parse_labels(text); })
      ->group(kGroup);
  add_value(command, "--audio-labels", value::kWords, "the words to listen for, if others",
            [&](const std::string& text) { options.sound_labels.labels = parse_labels(text); })
      ->group(kGroup);
  add_template_option(command, "--template",
                      "the sentence around a label, with {} in its place, such as \"a photo of a "
                      "{}\"; several are averaged (default: \"{}\")",
                      options.labels);
  add_template_option(command, "--audio-template",
                      "the same for sound, such as \"the sound of a {}\" (default: as --template)",
                      options.sound_labels);
}

void add_score_options(CLI::App& command, ScoreOptions& options) {
  add_value(
      command, "--temperature", value::kReal,
      "divides the logits: above 1 makes scores more even, below 1 sharper (default: 1)",
      [&](const std::string& text) { options.temperature = read_number(text, kTemperatureRange); })
      ->group("Scores");
  add_value(command, "--top", value::kNumber,
            "keep the N best labels (default: 3 in a table, else all)",
            [&](const std::string& text) {
              options.top = static_cast<std::size_t>(read_whole_number(text, kTopRange));
            })
      ->group("Scores");
  add_value(
      command, "--threshold", value::kReal,
      "drop labels whose score is below it, 0 to 1 (default: 0)",
      [&](const std::string& text) { options.threshold = read_number(text, kThresholdRange); })
      ->group("Scores");
}

}  // namespace

void add_tag_command(CLI::App& program, Run& selected) {
  auto* command = program.add_subcommand("tag", "Say what is seen and heard, in your own words");
  const auto options = std::make_shared<TagOptions>();
  options->labels.templates.clear();  // until some are given
  options->sound_labels.templates.clear();
  add_inputs(*command, options->media)->required();
  add_word_options(*command, *options);
  add_score_options(*command, options->score);
  add_model_options(*command, options->media);
  add_sampling_options(*command, options->media);
  add_sound_options(*command, options->media.run);
  add_output_options(*command, options->media);
  add_talk_options(*command, options->media.talk);
  command->footer(kExamples);
  command->callback([command, options, &selected] {
    if (options->labels.labels.empty() && options->sound_labels.labels.empty()) {
      throw_usage(*command, "--labels is required");
    }
    require_sound(*command, options->media);
    selected = [options](Surroundings surroundings) {
      surroundings.console.set_talk(options->media.talk);
      return run_tag(*options, surroundings);
    };
  });
}

}  // namespace clipclap::cli
