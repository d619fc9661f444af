// Files of words, as the user writes them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace clipclap::classify {

/// The text without white space at its ends.
std::string_view trim(std::string_view text);

struct WordLine {
  std::size_t number = 0;  ///< in the file, from 1
  std::string text;        ///< trimmed, not empty
};

/// The lines of a UTF-8 file that say something: those that are empty or begin with "#" are left
/// out, a byte order mark and carriage returns, too. Throws Error (kNotFound, kIo), and
/// (kInvalidArgument) with file, line and byte for what is not UTF-8.
std::vector<WordLine> read_word_lines(const std::string& path);

}  // namespace clipclap::classify
