#include "classify/word_file.h"

#include <algorithm>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/file.h"
#include "base/utf8.h"

namespace clipclap::classify {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r\n\v\f";
  const auto start = text.find_first_not_of(kSpaces);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kSpaces) - start + 1);
}

std::vector<WordLine> read_word_lines(const std::string& path) {
  const auto contents = read_file(path);
  std::string_view rest = contents;
  if (rest.starts_with(kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  std::vector<WordLine> lines;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (const auto offset = find_invalid_utf8(line)) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("line {}, byte {}: is not UTF-8; save the file as UTF-8", number,
                              *offset + 1),
                  path);
    }
    const auto text = trim(line);
    if (text.empty() || text.front() == '#') continue;
    lines.push_back({number, std::string(text)});
  }
  return lines;
}

}  // namespace clipclap::classify
