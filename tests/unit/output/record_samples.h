// Records for the tests of the output forms.
#pragma once

#include <random>
#include <sstream>
#include <string>

#include <clipclap/records.h>

namespace clipclap {

inline Window window(double start, double end, std::string file = "clip.mp4") {
  return {.file = std::move(file),
          .stream = "v:0",
          .kind = MediaKind::kVideo,
          .start_seconds = start,
          .end_seconds = end};
}

/// Bytes of every kind, among them broken UTF-8, control characters and quotes.
inline std::string random_bytes(std::mt19937& random, std::size_t most) {
  std::string text(random() % (most + 1), '\0');
  for (auto& byte : text) byte = static_cast<char>(random());
  return text;
}

/// What a form writes for these records.
template <class... Records>
std::string written(std::string_view format, const TableStyle& style, const Records&... records) {
  std::ostringstream stream;
  const auto writer = make_record_writer(format, stream, style);
  (writer->write(records), ...);
  writer->finish();
  return stream.str();
}

}  // namespace clipclap
