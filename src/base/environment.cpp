#include "base/environment.h"

#include <cstddef>
#include <cstdlib>

#include <pwd.h>
#include <unistd.h>

#include "base/ascii.h"

namespace clipclap {
namespace {

std::string home_folder() {
  if (auto home = environment("HOME"); !home.empty()) return home;
  const passwd* user = ::getpwuid(::getuid());
  return user == nullptr ? std::string() : std::string(user->pw_dir);
}

std::string expand_variables(const std::string& text) {
  std::string result;
  std::size_t offset = 0;
  while (offset < text.size()) {
    const bool braced = text.compare(offset, 2, "${") == 0;
    const std::size_t start = offset + (braced ? 2 : 1);
    std::size_t end = start;
    if (text[offset] == '$') {
      while (end < text.size() && (braced ? text[end] != '}' : is_ascii_word(text[end]))) ++end;
    }
    const bool complete = end > start && (!braced || end < text.size());
    const char* value = complete ? std::getenv(text.substr(start, end - start).c_str()) : nullptr;
    if (value == nullptr) {
      result += text[offset++];
      continue;
    }
    result += value;
    offset = end + (braced ? 1 : 0);
  }
  return result;
}

}  // namespace

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string expand_home(const std::string& path) {
  if (path != "~" && !path.starts_with("~/")) return path;
  const auto home = home_folder();
  return home.empty() ? path : home + path.substr(1);
}

std::filesystem::path expand_path(const std::string& path) {
  return expand_variables(expand_home(path));
}

}  // namespace clipclap
