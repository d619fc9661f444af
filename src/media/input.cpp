#include "media/input.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clipclap/error.h>

#include "media/declared_size.h"
#include "media/ffmpeg_error.h"

namespace clipclap::media {
namespace {

/// Demuxers of pictures besides image2 and the *_pipe family.
constexpr std::string_view kPictureFormats[] = {"image2", "image2pipe", "gif",         "apng",
                                                "mjpeg",  "ico",        "jpegxl_anim", "webp_anim"};

/// Demuxers that draw any text or unknown bytes as pictures of characters. What they would accept
/// is a mistake here.
constexpr std::string_view kTextFormats[] = {"tty", "bin", "xbin", "adf", "idf"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_pipe_format(std::string_view format) { return format.ends_with("_pipe"); }

/// ISO media brands of pictures (AVIF, HEIF).
bool has_picture_brand(const AVFormatContext& format) {
  constexpr std::string_view kBrands[] = {"avif", "avis", "mif1", "msf1", "heic", "heix", "hevc"};
  const AVDictionaryEntry* brand = av_dict_get(format.metadata, "major_brand", nullptr, 0);
  return brand != nullptr && is_one_of(brand->value, kBrands);
}

/// A URL that means this path and nothing else.
std::string file_url(const std::string& path) { return "file:" + path; }

/// Standard input's URL. A redirected file can be sought in, which many containers need.
std::string standard_input_url() {
  struct stat status {};
  const bool is_file = ::fstat(STDIN_FILENO, &status) == 0 && S_ISREG(status.st_mode);
  if (is_file && ::lseek(STDIN_FILENO, 0, SEEK_CUR) == 0 && ::access("/dev/stdin", R_OK) == 0) {
    return file_url("/dev/stdin");
  }
  return "pipe:0";
}

/// "scheme" of "scheme:rest"; empty where there is none.
std::string_view url_scheme(std::string_view name) {
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view scheme = name.substr(0, colon);
  const auto allowed = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.' || c == ',';
  };
  return std::all_of(scheme.begin(), scheme.end(), allowed) ? scheme : std::string_view{};
}

/// A name for probing that keeps the extension, which some formats are only known by, and nothing
/// that libavformat could take for a pattern.
std::string probe_name(std::string_view url) {
  if (url.find("://") != std::string_view::npos) url = url.substr(0, url.find_first_of("?#"));
  const std::size_t dot = url.find_last_of("./");
  if (dot == std::string_view::npos || url[dot] != '.') return "";
  const std::string_view extension = url.substr(dot + 1);
  const auto plain = [](unsigned char c) { return std::isalnum(c) != 0; };
  if (!std::all_of(extension.begin(), extension.end(), plain)) return "";
  return fmt::format("input.{}", extension);
}

[[noreturn]] void throw_not_media(const std::string& name) {
  throw Error(ErrorCode::kInvalidData,
              "is not a picture, video or sound that libavformat knows; is it the right file?",
              name);
}

IoPointer open_io(const std::string& url, const std::string& name) {
  AVIOContext* io = nullptr;
  const int result = avio_open2(&io, url.c_str(), AVIO_FLAG_READ, nullptr, nullptr);
  if (result < 0) throw_av_error(result, "cannot be opened", name);
  return IoPointer(io);
}

const AVInputFormat* probe(AVIOContext& io, const std::string& url, const std::string& name) {
  const AVInputFormat* format = nullptr;
  const int result = av_probe_input_buffer2(&io, &format, probe_name(url).c_str(), nullptr, 0, 0);
  if (io.error < 0 && io.error != AVERROR_EOF) throw_av_error(io.error, "cannot be read", name);
  if (io.buf_end == io.buf_ptr) {
    throw Error(ErrorCode::kInvalidData, "is empty; is it still being written or copied?", name);
  }
  if (result < 0 || format == nullptr || is_one_of(format->name, kTextFormats)) {
    throw_not_media(name);
  }
  return format;
}

void open_format(Input& input, const std::string& url, const AVInputFormat* format,
                 Dictionary& options) {
  AVFormatContext* context = avformat_alloc_context();
  if (context == nullptr) throw std::bad_alloc();
  context->pb = input.io.get();
  // On failure avformat_open_input frees the context itself.
  const int result = avformat_open_input(&context, url.c_str(), format, options.address());
  if (result < 0) throw_av_error(result, "cannot be read as a container", input.name);
  input.format.reset(context);
}

Input open_bytes(const std::string& url, const std::string& name) {
  Input input{name, open_io(url, name), nullptr};
  const AVInputFormat* format = probe(*input.io, url, name);
  input.declared_size = declared_size(
      {input.io->buf_ptr, static_cast<std::size_t>(input.io->buf_end - input.io->buf_ptr)});
  Dictionary options;
  open_format(input, url, format, options);
  const std::string_view format_name = format->name;
  input.picture_file = is_pipe_format(format_name) || format_name == "image2";
  input.picture_format = input.picture_file || is_one_of(format_name, kPictureFormats) ||
                         has_picture_brand(*input.format);
  return input;
}

Input open_numbered_pictures(const std::string& pattern) {
  const bool is_url = url_scheme(pattern) == "file";
  Input input{pattern, nullptr, nullptr};
  Dictionary options;
  options.set("pattern_type", "sequence");
  const AVInputFormat* format = av_find_input_format("image2");
  if (format == nullptr) {
    throw Error(ErrorCode::kUnsupported, "this libavformat cannot read numbered pictures", pattern);
  }
  try {
    open_format(input, is_url ? pattern : file_url(pattern), format, options);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    throw Error(ErrorCode::kNotFound,
                "no such file, and as a pattern it matches no picture numbered 0 to 4 to begin "
                "with; check the folder and the number of digits",
                pattern);
  }
  return input;
}

Input open_url(const std::string& url) {
  if (avio_find_protocol_name(url.c_str()) != nullptr) return open_bytes(url, url);
  // rtsp and its like are demuxers that open their connections themselves.
  Input input{url, nullptr, nullptr};
  Dictionary options;
  try {
    open_format(input, url, nullptr, options);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnsupported) throw;
    throw Error(ErrorCode::kUnsupported,
                fmt::format("this libavformat has no protocol \"{}\"; `ffmpeg -protocols` lists "
                            "those it has",
                            url_scheme(url)),
                url);
  }
  return input;
}

/// The reason why stat() found nothing decides what the name may still be.
Input open_what_is_no_path(const std::string& name, int reason) {
  if (reason != ENOENT && reason != ENOTDIR && reason != ENAMETOOLONG) {
    throw Error(ErrorCode::kIo, fmt::format("cannot be opened: {}", std::strerror(reason)), name);
  }
  const std::string_view scheme = url_scheme(name);
  const bool has_authority = name.find("://") != std::string::npos;
  if (!has_authority && av_filename_number_test(name.c_str()) != 0) {
    return open_numbered_pictures(name);
  }
  if (!scheme.empty() && (has_authority || avio_find_protocol_name(name.c_str()) != nullptr)) {
    return open_url(name);
  }
  throw Error(ErrorCode::kNotFound, "no such file; check the path", name);
}

}  // namespace

Input open_input(const std::string& name) {
  route_av_log();
  forget_av_message();
  if (name == "-") return open_bytes(standard_input_url(), "standard input");
  if (name.empty()) throw Error(ErrorCode::kInvalidArgument, "the input's name is empty");
  if (name.find('\0') != std::string::npos) {
    throw Error(ErrorCode::kInvalidArgument, "the input's name holds a zero byte");
  }
  struct stat status {};
  if (::stat(name.c_str(), &status) != 0) return open_what_is_no_path(name, errno);
  if (S_ISDIR(status.st_mode)) {
    throw Error(ErrorCode::kInvalidArgument, "is a folder; name a file in it", name);
  }
  return open_bytes(file_url(name), name);
}

}  // namespace clipclap::media
