// What a user of the installed library writes: consumer FILE LABEL… prints for every window that is
// seen or heard its stream, its start, the best label and its score.
#include <cstdio>
#include <exception>
#include <vector>

#include <clipclap/error.h>
#include <clipclap/labels.h>
#include <clipclap/log.h>
#include <clipclap/media.h>
#include <clipclap/model.h>
#include <clipclap/picture.h>
#include <clipclap/records.h>
#include <clipclap/tagging.h>
#include <clipclap/version.h>

int main(int argc, char** argv) {
  try {
    const clipclap::LabelSet words{.labels = {argv + 2, argv + argc}};
    std::vector<clipclap::TaggerPart> parts;
    for (const auto& name : clipclap::embedded_models()) {
      parts.push_back({clipclap::Model::open({.model = name}), words});
    }
    const clipclap::Tagger tagger(parts);
    tagger.tag(argv[1], {}, [](const clipclap::TagRecord& record) {
      const auto& best = record.labels.front();
      std::printf("%s\t%.6f\t%s\t%.9g\n", record.window.stream.c_str(), record.window.start_seconds,
                  best.label.c_str(), static_cast<double>(best.score));
    });
    return 0;
  } catch (const clipclap::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
