#include <memory>
#include <vector>

#include <clipclap/error.h>
#include <clipclap/tagging.h>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/options.h"

namespace clipclap::cli {
namespace {

struct EmbedOptions {
  MediaOptions media;
  std::vector<std::string> texts;
};

constexpr auto kExamples = R"(
Examples:
  clipclap embed holiday.mp4 --every 2s -o holiday.jsonl
  clipclap embed photos/ --model openai/clip-vit-base-patch32
  clipclap embed --text "a dog on a beach" --text "a cat"
)";

std::vector<RecordFormat> embedding_formats() {
  auto formats = record_formats();
  std::erase_if(formats, [](const RecordFormat& format) { return !format.takes_embeddings; });
  return formats;
}

ExitCode embed_texts(const EmbedOptions& options, RecordOutput& output, Surroundings surroundings) {
  const auto models = open_models(options.media, {embedded_models().front()}, surroundings);
  if (models.size() > 1) {
    throw Failure(ExitCode::kNothingRan, "texts have a place in one model; name one --model");
  }
  const auto embeddings = models.front().embed_texts(options.texts);
  for (std::size_t i = 0; i < embeddings.count; ++i) {
    const auto row = embeddings.row(i);
    output.write(TextRecord{options.texts[i], {row.begin(), row.end()}});
  }
  output.commit();
  return ExitCode::kDone;
}

ExitCode run_embed(const EmbedOptions& options, Surroundings surroundings) {
  RecordOutput output(options.media.output, options.media.format, {}, surroundings);
  if (!options.texts.empty()) return embed_texts(options, output, surroundings);
  const auto models = open_models(options.media, embedded_models(), surroundings);
  return run_over_inputs(options.media, kinds_for(models), output, surroundings,
                         [&](std::span<const std::string> inputs, const RunOptions& run,
                             const InputFailure& on_failure) {
                           embed(
                               models, inputs, run,
                               [&](const EmbedRecord& record) { output.write(record); },
                               on_failure);
                         });
}

}  // namespace

void add_embed_command(CLI::App& program, Run& selected) {
  auto* command =
      program.add_subcommand("embed", "Print the embeddings of pictures, videos, sounds or texts");
  const auto options = std::make_shared<EmbedOptions>();
  add_inputs(*command, options->media);
  add_list(*command, "--text", value::kText, "texts instead of inputs; may be repeated",
           [options](const std::string& text) { options->texts.push_back(text); })
      ->group("Inputs");
  add_model_options(*command, options->media);
  add_sampling_options(*command, options->media);
  add_sound_options(*command, options->media.run);
  add_output_options(*command, options->media, embedding_formats());
  add_talk_options(*command, options->media.talk);
  command->footer(kExamples);
  command->callback([command, options, &selected] {
    if (options->media.inputs.empty() == options->texts.empty()) {
      throw_usage(*command, "give either inputs or --text");
    }
    require_sound(*command, options->media);
    selected = [options](Surroundings surroundings) {
      surroundings.console.set_talk(options->media.talk);
      return run_embed(*options, surroundings);
    };
  });
}

}  // namespace clipclap::cli
