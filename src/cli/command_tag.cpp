#include <memory>
#include <optional>
#include <utility>

#include <clipclap/categories.h>
#include <clipclap/error.h>
#include <clipclap/labels.h>
#include <clipclap/tagging.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/summary_output.h"

namespace clipclap::cli {
namespace {

struct TagOptions {
  MediaOptions media;
  LabelSet labels;
  LabelSet sound_labels;   ///< where other words hold for sound
  CategorySet categories;  ///< in place of labels
  ScoreOptions score;
  SummaryOptions summary;
};

constexpr Range<double> kTemperatureRange{1e-4, 1e4};
constexpr Range<double> kThresholdRange{0, 1};
constexpr Range<long> kTopRange{1, 1'000'000};

constexpr auto kExamples = R"(
Examples:
  clipclap tag holiday.mp4 --labels "beach,mountain,city"
  clipclap tag photos/ --labels @words.txt --template "a photo of a {}" --top 5
  clipclap tag talk.mkv --labels slide,speaker --every 5s --format jsonl -o talk.jsonl
  clipclap tag film.mp4 --categories scenes.txt --format srt -o film.srt --summary film.csv
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
    TaggerPart part{model, options.labels, score, options.categories};
    auto& words = part.labels;
    if (model.info().hears) {
      hears = true;
      if (!own.labels.empty()) {
        words.labels = own.labels;
        part.categories.units.clear();
      }
      if (!own.templates.empty()) words.templates = own.templates;
    }
    if (words.labels.empty() && part.categories.empty()) {
      throw Failure(ExitCode::kUsage, "--audio-labels are for a model that hears, and " +
                                          model.info().name +
                                          " sees; give it --labels or --categories");
    }
    if (words.templates.empty()) words.templates = LabelSet{}.templates;
    parts.push_back(std::move(part));
  }
  if (!hears && !(own.labels.empty() && own.templates.empty())) {
    throw Failure(ExitCode::kUsage,
                  "no model hears, so --audio-labels and --audio-template have no use; name one "
                  "that does with --model");
  }
  return parts;
}

// What may come, for a table's columns.
std::vector<std::string> label_names(const TagOptions& options) {
  auto names = options.labels.labels;
  for (const auto& unit : options.categories.units) {
    for (const auto& category : unit.categories) names.push_back(category.name);
  }
  return names;
}

std::vector<Model> open_for_words(const TagOptions& options, Surroundings surroundings) {
  auto demo = embedded_models();
  const bool has_words_for_eyes = !options.labels.labels.empty() || !options.categories.empty();
  if (!has_words_for_eyes) demo.erase(demo.begin());
  return open_models(options.media, demo, surroundings);
}

ScoreOptions score_options(const TagOptions& options, const RecordFormat& format) {
  auto score = options.score;
  score.logit_scale = options.media.model.script.logit_scale;
  if (!score.top && format.usual_top > 0) score.top = format.usual_top;
  return score;
}

// Of records with all labels the summary is made, of the best of them the output.
void write(TagRecord record, const ScoreOptions& kept, SummaryOutput& summary,
           RecordOutput& output) {
  summary.add(record);
  keep_best(record.labels, kept);
  output.write(record);
}

ExitCode run_tag(const TagOptions& options, Surroundings surroundings) {
  std::optional<SummaryOutput> summary;
  if (!options.summary.path.empty()) summary.emplace(options.summary);
  RecordOutput output(options.media.output, options.media.format, label_names(options),
                      surroundings);
  surroundings.interruption.set_last_act([&] {
    output.abandon();
    if (summary) summary->abandon();
  });
  const auto models = open_for_words(options, surroundings);
  if (options.media.run.boxes && !kinds_for(models).seen) {
    throw Failure(ExitCode::kUsage,
                  "--boxes are looked at, and no model sees; name one that does with --model");
  }
  const auto kept = score_options(options, output.format());
  auto score = kept;
  if (summary) {
    score.top.reset();
    score.threshold = 0;
  }
  const Tagger tagger(make_parts(models, options, score));
  const auto sink = [&](const TagRecord& record) {
    if (!summary) return output.write(record);
    write(record, kept, *summary, output);
  };
  const auto result = run_over_inputs(
      options.media, kinds_for(models), output, surroundings,
      [&](std::span<const std::string> inputs, const RunOptions& run,
          const InputFailure& on_failure) { tagger.tag(inputs, run, sink, on_failure); });
  if (summary && output.is_committed()) summary->commit();
  return result;
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
  add_value(
      command, "--categories", value::kFile,
      "in place of --labels: a file of [units] of (categories), below each its prompts, one "
      "a line; the categories of a unit are weighed against each other",
      [&](const std::string& text) { options.categories.units = read_categories(text).units; })
      ->group(kGroup);
  add_flag(command, "--sum-prompts",
           "a category's score is the sum of its prompts' scores, so that more prompts make it "
           "larger (default: of their mean embedding)",
           options.categories.sums_prompts)
      ->group(kGroup);
  add_template_option(command, "--template",
                      "the sentence around a label, with {} in its place, such as \"a photo of a "
                      "{}\"; several are averaged (default: \"{}\")",
                      options.labels);
  add_template_option(command, "--audio-template",
                      "the same for sound, such as \"the sound of a {}\" (default: as --template)",
                      options.sound_labels);
}

// The option that TorchScript files have holds for every model where it scores.
void widen_logit_scale(CLI::App& command, MediaOptions& options) {
  options.makes_scores = true;
  command.get_option("--logit-scale")
      ->description("what cosines are multiplied with (default: the model's own)")
      ->group("Scores");
}

void add_summary_options(CLI::App& command, SummaryOptions& options) {
  add_value(command, "--summary", value::kFile,
            "write, at the end, each label's mean over time, peak and share above a threshold, of "
            "every stream: CSV, or JSON if it ends in .json; - for standard output",
            [&](const std::string& text) {
              if (text.empty()) throw Error(ErrorCode::kInvalidArgument, "the file has no name");
              options.path = text;
            })
      ->group("Output");
  add_value(
      command, "--summary-threshold", value::kReal,
      "the score from which on time counts as above, 0 to 1 (default: 0.5)",
      [&](const std::string& text) { options.threshold = read_number(text, kThresholdRange); })
      ->group("Output");
}

void add_score_options(CLI::App& command, ScoreOptions& options) {
  add_value(
      command, "--temperature", value::kReal,
      "divides the logits: above 1 makes scores more even, below 1 sharper (default: 1)",
      [&](const std::string& text) { options.temperature = read_number(text, kTemperatureRange); })
      ->group("Scores");
  add_value(command, "--top", value::kNumber,
            "keep the N best labels, of each unit of --categories (default: 3 in a table, 1 in "
            "subtitles, else all)",
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

void require_words(const CLI::App& command, const TagOptions& options) {
  const bool has_labels = !options.labels.labels.empty() || !options.sound_labels.labels.empty();
  const bool has_templates =
      !options.labels.templates.empty() || !options.sound_labels.templates.empty();
  const auto& categories = options.categories;
  if (!has_labels && categories.empty()) {
    throw_usage(command, "--labels is required, or --categories");
  }
  if (!options.labels.labels.empty() && !categories.empty()) {
    throw_usage(command, "--labels and --categories exclude each other");
  }
  if (has_templates && !has_labels) {
    throw_usage(command,
                "--template is for --labels; the prompts of a categories file stand as they are");
  }
  if (categories.sums_prompts && categories.empty()) {
    throw_usage(command, "--sum-prompts is for --categories");
  }
}

void require_summary(const CLI::App& command, const TagOptions& options) {
  const auto& path = options.summary.path;
  if (path.empty() && options.summary.threshold) {
    throw_usage(command, "--summary-threshold is for --summary");
  }
  if (!path.empty() && path == options.media.output) {
    throw_usage(command, "--summary and --output go to the same place; name another with -o FILE");
  }
  require_no_input(command, options.media, "--summary", path);
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
  widen_logit_scale(*command, options->media);
  add_sampling_options(*command, options->media);
  add_box_options(*command, options->media);
  add_sound_options(*command, options->media.run);
  add_output_options(*command, options->media, record_formats());
  add_summary_options(*command, options->summary);
  add_talk_options(*command, options->media.talk);
  command->footer(kExamples);
  command->callback([command, options, &selected] {
    require_words(*command, *options);
    require_sound(*command, options->media);
    require_boxes(*command, options->media);
    require_summary(*command, *options);
    selected = [options](Surroundings surroundings) {
      surroundings.console.set_talk(options->media.talk);
      return run_tag(*options, surroundings);
    };
  });
}

}  // namespace clipclap::cli
