#include <algorithm>
#include <cctype>
#include <filesystem>
#include <span>
#include <string_view>

#include <clipclap/error.h>
#include <clipclap/tagging.h>

namespace clipclap {
namespace {

namespace fs = std::filesystem;

using Extensions = std::span<const std::string_view>;

// What a folder is searched for. A file that is named by itself is tried whatever its name.
constexpr std::string_view kPictures[] = {"apng", "avif", "bmp", "gif",  "heic", "heif", "jfif",
                                          "jpe",  "jpeg", "jpg", "jxl",  "pgm",  "png",  "pnm",
                                          "ppm",  "tga",  "tif", "tiff", "webp"};
constexpr std::string_view kMutePictures[] = {"av1", "h264", "hevc", "ivf"};
constexpr std::string_view kFilms[] = {"3gp", "asf", "avi", "dv",  "f4v",  "flv",  "m2ts",
                                       "m4v", "mkv", "mov", "mp4", "mpeg", "mpg",  "mts",
                                       "mxf", "nut", "ogv", "qt",  "ts",   "webm", "wmv"};
constexpr std::string_view kSounds[] = {
    "aac", "ac3", "aif", "aiff", "amr", "ape",  "au",  "caf", "dts", "eac3", "flac", "m4a", "m4b",
    "mka", "mp2", "mp3", "oga",  "ogg", "opus", "spx", "tta", "w64", "wav",  "wma",  "wv"};

bool is_among(std::string_view extension, Extensions extensions) {
  return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

bool looks_like_media(const fs::path& path, const InputKinds& kinds) {
  auto extension = path.extension().string();
  if (extension.empty()) return false;
  extension.erase(0, 1);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool is_seen = is_among(extension, kPictures) || is_among(extension, kMutePictures);
  return is_among(extension, kFilms) || (kinds.seen && is_seen) ||
         (kinds.heard && is_among(extension, kSounds));
}

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

}  // namespace

std::vector<std::string> expand_input(const std::string& path, const InputKinds& kinds) {
  std::error_code failure;
  if (!fs::is_directory(path, failure)) return {path};
  std::vector<std::string> found;
  for (auto entry = fs::recursive_directory_iterator(path, failure);
       !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
    if (is_hidden(entry->path())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file() && looks_like_media(entry->path(), kinds)) {
      found.push_back(entry->path().string());
    }
  }
  if (failure) {
    throw Error(ErrorCode::kIo, "cannot read the folder: " + failure.message(), path);
  }
  if (found.empty()) {
    throw Error(
        ErrorCode::kNotFound,
        "the folder holds no file of the wanted kind that can be told by its name; name the "
        "files themselves",
        path);
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace clipclap
