#include "media/picture_file.h"

#include <optional>
#include <string_view>

#include "media/declared_size.h"
#include "media/exif.h"

namespace clipclap::media {
namespace {

using Bytes = std::span<const std::uint8_t>;

/// What a file holds that may name an orientation.
struct Metadata {
  Bytes exif;
  Bytes xmp;
  bool complete = true;  ///< the file's end mark was met
  bool animated = false;
};

std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::uint32_t big_endian(Bytes bytes, int count) {
  std::uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = (value << 8) | bytes[static_cast<std::size_t>(i)];
  return value;
}

std::uint32_t little_endian32(Bytes bytes) {
  return bytes[0] | (std::uint32_t{bytes[1]} << 8) | (std::uint32_t{bytes[2]} << 16) |
         (std::uint32_t{bytes[3]} << 24);
}

/// Strips `prefix`; nothing where the bytes do not begin with it.
std::optional<Bytes> behind(Bytes bytes, std::string_view prefix) {
  if (!as_text(bytes).starts_with(prefix)) return std::nullopt;
  return bytes.subspan(prefix.size());
}

/// The offset of the marker that ends the compressed data that begins at `offset`.
std::size_t skip_jpeg_scan(Bytes file, std::size_t offset) {
  for (; offset + 1 < file.size(); ++offset) {
    if (file[offset] != 0xFF) continue;
    const std::uint8_t code = file[offset + 1];
    const bool stuffed = code == 0 || code == 0xFF || (code >= 0xD0 && code <= 0xD7);
    if (!stuffed) return offset;
  }
  return file.size();
}

/// Segments of JPEG (ITU-T T.81, annex B), up to the end of the first image.
Metadata read_jpeg(Bytes file) {
  constexpr std::uint8_t kEndOfImage = 0xD9;
  constexpr std::uint8_t kStartOfScan = 0xDA;
  constexpr std::uint8_t kApp1 = 0xE1;
  Metadata metadata;
  metadata.complete = false;
  std::size_t offset = 2;
  while (offset + 1 < file.size()) {
    const std::uint8_t code = file[offset + 1];
    if (file[offset] != 0xFF || code == 0 || code == 0xFF) {
      ++offset;
      continue;
    }
    if (code == kEndOfImage) {
      metadata.complete = true;
      break;
    }
    offset += 2;
    const bool stands_alone = code == 0x01 || (code >= 0xD0 && code <= 0xD8);
    if (stands_alone) continue;
    if (offset + 2 > file.size()) break;
    const std::size_t length = big_endian(file.subspan(offset), 2);
    if (length < 2 || length > file.size() - offset) break;
    const Bytes segment = file.subspan(offset + 2, length - 2);
    if (code == kApp1) {
      const auto exif = behind(segment, std::string_view("Exif\0\0", 6));
      const auto xmp = behind(segment, std::string_view("http://ns.adobe.com/xap/1.0/\0", 29));
      if (exif && metadata.exif.empty()) metadata.exif = *exif;
      if (xmp && metadata.xmp.empty()) metadata.xmp = *xmp;
    }
    offset += length;
    if (code == kStartOfScan) offset = skip_jpeg_scan(file, offset);
  }
  return metadata;
}

/// Chunks of PNG (ISO/IEC 15948, section 5).
Metadata read_png(Bytes file) {
  constexpr std::size_t kSignatureBytes = 8;
  constexpr std::size_t kChunkOverhead = 12;
  Metadata metadata;
  std::size_t offset = kSignatureBytes;
  while (offset + kChunkOverhead <= file.size()) {
    const std::size_t length = big_endian(file.subspan(offset), 4);
    if (length > file.size() - offset - kChunkOverhead) break;
    const std::string_view type = as_text(file.subspan(offset + 4, 4));
    const Bytes data = file.subspan(offset + 8, length);
    if (type == "IEND") break;
    if (type == "eXIf") metadata.exif = data;
    if (type == "iTXt") {
      if (const auto xmp = behind(data, std::string_view("XML:com.adobe.xmp\0", 18))) {
        metadata.xmp = *xmp;
      }
    }
    offset += length + kChunkOverhead;
  }
  return metadata;
}

/// Chunks of WebP (RFC 9649, section 2).
Metadata read_webp(Bytes file) {
  constexpr std::size_t kHeaderBytes = 12;
  constexpr std::uint8_t kAnimation = 0x02;
  Metadata metadata;
  const std::int64_t declared = declared_size(file.first(std::min<std::size_t>(file.size(), 12)));
  metadata.complete = declared <= static_cast<std::int64_t>(file.size());
  std::size_t offset = kHeaderBytes;
  while (offset + 8 <= file.size()) {
    const std::size_t length = little_endian32(file.subspan(offset + 4));
    if (length > file.size() - offset - 8) break;
    const std::string_view type = as_text(file.subspan(offset, 4));
    const Bytes data = file.subspan(offset + 8, length);
    if (type == "EXIF") metadata.exif = data;
    if (type == "XMP ") metadata.xmp = data;
    if (type == "VP8X" && !data.empty()) metadata.animated = (data[0] & kAnimation) != 0;
    offset += 8 + length + (length & 1);
  }
  return metadata;
}

Metadata read_tiff(Bytes file) {
  Metadata metadata;
  metadata.exif = file;
  return metadata;
}

struct Reader {
  AVCodecID codec;
  Metadata (*read)(Bytes);
};

constexpr Reader kReaders[] = {
    {AV_CODEC_ID_MJPEG, read_jpeg},
    {AV_CODEC_ID_PNG, read_png},
    {AV_CODEC_ID_WEBP, read_webp},
    {AV_CODEC_ID_TIFF, read_tiff},
};

Metadata read_metadata(AVCodecID codec, Bytes file) {
  for (const Reader& reader : kReaders) {
    if (reader.codec == codec) return reader.read(file);
  }
  return {};
}

}  // namespace

bool stores_orientation(AVCodecID codec) {
  for (const Reader& reader : kReaders) {
    if (reader.codec == codec) return true;
  }
  return false;
}

Orientation stored_orientation(AVCodecID codec, Bytes file) {
  const Metadata metadata = read_metadata(codec, file);
  if (const auto value = exif_orientation(metadata.exif)) return orientation_from_exif(*value);
  return orientation_from_exif(xmp_orientation(metadata.xmp).value_or(1));
}

std::string missing_part(AVCodecID codec, Bytes file) {
  if (read_metadata(codec, file).complete) return {};
  return "the file ends before the picture does";
}

bool is_animated_webp(AVCodecID codec, Bytes file) {
  return codec == AV_CODEC_ID_WEBP && read_metadata(codec, file).animated;
}

}  // namespace clipclap::media
