#include "text/sentencepiece/model_file.h"

#include <bitset>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_set>

#include <fmt/format.h>

#include <clipclap/error.h>

#include "base/utf8.h"
#include "text/sentencepiece/protobuf.h"
#include "text/unicode/code_points.h"

namespace clipclap::text {
namespace {

using Algorithm = SentencePieceModel::Algorithm;
using PieceType = SentencePieceModel::PieceType;

[[noreturn]] void fail(const std::string& what) { throw Error(ErrorCode::kInvalidData, what); }

void read_piece(std::string_view message, SentencePieceModel& model) {
  std::string_view piece;
  float score = 0;
  auto type = PieceType::kNormal;
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == 1) piece = field->as_bytes().value_or(piece);
    if (field->number == 2) score = field->as_float().value_or(score);
    const int value = field->number == 3 ? field->as_integer().value_or(0) : 0;
    if (value >= 1 && value <= static_cast<int>(PieceType::kByte)) {
      type = static_cast<PieceType>(value);
    }
  }
  const auto id = model.types.size();
  constexpr std::size_t kTooLong = 8000;
  if (piece.empty() || piece.size() >= kTooLong) {
    fail(fmt::format("piece {} is of {} bytes", id, piece.size()));
  }
  if (!std::isfinite(score)) fail(fmt::format("the score of piece {} is not finite", id));
  model.pieces.add(piece);
  model.scores.push_back(score);
  model.types.push_back(type);
}

void read_trainer(std::string_view message, SentencePieceModel& model) {
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    switch (field->number) {
      case 3:
        // A kind that the format does not have is an unknown field.
        if (const auto value = field->as_integer(); value && *value >= 1 && *value <= 4) {
          model.algorithm = static_cast<Algorithm>(*value);
        }
        break;
      case 24:
        model.normalization.spaces_behind_words =
            field->as_boolean().value_or(model.normalization.spaces_behind_words);
        break;
      case 35:
        model.byte_fallback = field->as_boolean().value_or(model.byte_fallback);
        break;
      default:
        break;
    }
  }
}

void read_normalizer(std::string_view message, SentencePieceModel::Normalization& normalization) {
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    const auto read = [&](bool& target) { target = field->as_boolean().value_or(target); };
    switch (field->number) {
      case 2:
        normalization.charsmap = field->as_bytes().value_or(normalization.charsmap);
        break;
      case 3:
        read(normalization.adds_dummy_prefix);
        break;
      case 4:
        read(normalization.removes_extra_spaces);
        break;
      case 5:
        read(normalization.escapes_spaces);
        break;
      default:
        break;
    }
  }
}

std::optional<unsigned> byte_of(std::string_view piece) {
  if (piece.size() != 6) return std::nullopt;
  unsigned byte = 0;
  std::from_chars(piece.data() + 3, piece.data() + 5, byte, 16);
  if (piece != fmt::format("<0x{:02X}>", byte)) return std::nullopt;
  return byte;
}

/// Some conversions add a piece for the byte 0 that is left out of everything.
bool is_stray_zero(SentencePieceModel& model, std::uint32_t id) {
  if (model.pieces[id] != std::string_view("\0", 1)) return false;
  if (model.byte_fallback) model.types[id] = PieceType::kUnused;
  return model.types[id] == PieceType::kUnused;
}

/// As ModelInterface::InitializePieces of SentencePiece does.
void check_pieces(SentencePieceModel& model) {
  std::unordered_set<std::string_view> seen;
  std::bitset<256> bytes;
  std::optional<std::uint32_t> unknown;
  for (std::uint32_t id = 0; id < model.types.size(); ++id) {
    const auto piece = model.pieces[id];
    if (is_stray_zero(model, id)) continue;
    if (find_invalid_utf8(piece) || piece.find('\0') != std::string_view::npos) {
      fail(fmt::format("piece {} is not text", id));
    }
    if (!seen.insert(piece).second) {
      fail(fmt::format("piece {}, \"{}\", is there twice", id, shorten(piece)));
    }
    if (model.types[id] == PieceType::kUnknown) {
      if (unknown) fail(fmt::format("pieces {} and {} both stand for the unknown", *unknown, id));
      unknown = id;
    }
    if (model.types[id] != PieceType::kByte) continue;
    const auto byte = byte_of(piece);
    if (!byte || !model.byte_fallback) {
      fail(fmt::format("piece {}, \"{}\", is a byte that cannot be", id, shorten(piece)));
    }
    bytes.set(*byte);
  }
  if (!unknown && !model.byte_fallback) fail("no piece stands for the unknown");
  model.unknown_id = unknown.value_or(static_cast<std::uint32_t>(model.types.size()));
  if (model.byte_fallback && !bytes.all()) fail("pieces for some of the 256 bytes are missing");
}

void check_support(const SentencePieceModel& model) {
  if (model.algorithm != Algorithm::kUnigram && model.algorithm != Algorithm::kBpe) {
    throw Error(ErrorCode::kUnsupported,
                "is a word or character model; only Unigram and BPE models are known");
  }
  if (model.algorithm != Algorithm::kBpe) return;
  for (const auto id : model.ids_of(PieceType::kUnused)) {
    if (model.pieces[id] == std::string_view("\0", 1)) continue;
    throw Error(ErrorCode::kUnsupported,
                "has unused pieces, which BPE cannot leave out; use the model as it was trained");
  }
}

}  // namespace

std::vector<std::uint32_t> SentencePieceModel::ids_of(PieceType type) const {
  std::vector<std::uint32_t> ids;
  for (std::uint32_t id = 0; id < types.size(); ++id) {
    if (types[id] == type) ids.push_back(id);
  }
  return ids;
}

SentencePieceModel read_sentencepiece_model(std::string_view bytes, const std::string& origin) {
  try {
    if (bytes.empty()) fail("is empty; fetch the file again");
    if (bytes.size() > std::numeric_limits<std::uint32_t>::max()) fail("is larger than 4 GiB");
    SentencePieceModel model;
    ProtobufReader reader(bytes);
    while (const auto field = reader.next()) {
      const auto message = field->as_bytes();
      if (!message) continue;
      if (field->number == 1) read_piece(*message, model);
      if (field->number == 2) read_trainer(*message, model);
      if (field->number == 3) read_normalizer(*message, model.normalization);
    }
    check_pieces(model);
    check_support(model);
    return model;
  } catch (const Error& error) {
    if (!error.context().empty()) throw;
    throw Error(error.code(), error.message(), origin);
  }
}

}  // namespace clipclap::text
