#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <string_view>

#include <clipclap/error.h>
#include <clipclap/tagging.h>

namespace clipclap {
namespace {

namespace fs = std::filesystem;

// What a folder is searched for. A file that is named by itself is tried whatever its name.
constexpr std::array<std::string_view, 44> kExtensions{
    "3gp",  "apng", "asf",  "av1",  "avi",  "avif", "bmp",  "dv",   "f4v",  "flv",  "gif",
    "h264", "heic", "heif", "hevc", "ivf",  "jfif", "jpe",  "jpeg", "jpg",  "jxl",  "m2ts",
    "m4v",  "mkv",  "mov",  "mp4",  "mpeg", "mpg",  "mts",  "mxf",  "nut",  "ogv",  "pgm",
    "png",  "pnm",  "ppm",  "qt",   "tga",  "tif",  "tiff", "ts",   "webm", "webp", "wmv"};

bool looks_like_media(const fs::path& path) {
  auto extension = path.extension().string();
  if (extension.empty()) return false;
  extension.erase(0, 1);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

}  // namespace

std::vector<std::string> expand_input(const std::string& path) {
  std::error_code failure;
  if (!fs::is_directory(path, failure)) return {path};
  std::vector<std::string> found;
  for (auto entry = fs::recursive_directory_iterator(path, failure);
       !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
    if (is_hidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file() && looks_like_media(entry->path())) {
      found.push_back(entry->path().string());
    }
  }
  if (failure) {
    throw Error(ErrorCode::kIo, "cannot read the folder: " + failure.message(), path);
  }
  if (found.empty()) {
    throw Error(ErrorCode::kNotFound,
                "the folder holds no picture or video that can be told by "
                "its name; name the files themselves",
                path);
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace clipclap
