// What a user of the installed library writes: consumer FILE LABEL… prints the best label of every
// second with its start and score.
#include <cstdio>
#include <exception>

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
    const clipclap::Tagger tagger(clipclap::Model::open(), words);
    tagger.tag(argv[1], {}, [](const clipclap::TagRecord& record) {
      const auto& best = record.labels.front();
      std::printf("%.6f\t%s\t%.9g\n", record.window.start_seconds, best.label.c_str(),
                  static_cast<double>(best.score));
    });
    return 0;
  } catch (const clipclap::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
