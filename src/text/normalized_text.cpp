#include "text/normalized_text.h"

#include <algorithm>

#include <clipclap/error.h>

#include "text/unicode/properties.h"

namespace clipclap::text {
namespace {

/// Walks through the code points that a transformation takes away.
class Consumer {
 public:
  Consumer(std::string_view text, std::size_t offset) : text_(text), offset_(offset) {}

  /// The bytes of the next `count` code points, or of as many as there are.
  std::size_t take(std::size_t count) {
    const std::size_t begin = offset_;
    for (; count > 0 && offset_ < text_.size(); --count) offset_ += utf8_length(text_[offset_]);
    return offset_ - begin;
  }

 private:
  std::string_view text_;
  std::size_t offset_;
};

}  // namespace

NormalizedText::NormalizedText(std::string_view original)
    : text_(original), original_length_(original.size()) {
  alignment_.reserve(original.size());
  for_each_code_point(original, [&](char32_t, std::size_t begin, std::size_t end) {
    const Span span{static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
    alignment_.insert(alignment_.end(), end - begin, span);
  });
}

NormalizedText NormalizedText::slice(std::size_t begin, std::size_t end) const {
  NormalizedText part;
  if (begin >= end) return part;
  const std::uint32_t origin = alignment_[begin].begin;
  part.text_ = text_.substr(begin, end - begin);
  part.alignment_.reserve(end - begin);
  for (std::size_t i = begin; i < end; ++i) {
    part.alignment_.push_back({alignment_[i].begin - origin, alignment_[i].end - origin});
  }
  part.original_begin_ = original_begin_ + origin;
  part.original_length_ = alignment_[end - 1].end - origin;
  return part;
}

void NormalizedText::transform(const std::vector<Change>& changes, std::size_t removed_before) {
  // The range is the whole original, expressed in the text: what stands for no original at the
  // beginning lies outside it and is left as it is.
  if (original_length_ == 0) {
    transform_range(0, 0, changes, removed_before);
    return;
  }
  if (alignment_.empty()) return;
  const auto first = std::find_if(alignment_.begin(), alignment_.end(),
                                  [](const Span& span) { return span.begin != span.end; });
  transform_range(static_cast<std::size_t>(first - alignment_.begin()), text_.size(), changes,
                  removed_before);
}

void NormalizedText::transform_range(std::size_t begin, std::size_t end,
                                     const std::vector<Change>& changes,
                                     std::size_t removed_before) {
  Consumer replaced(std::string_view(text_).substr(0, end), begin);
  std::size_t offset = begin + replaced.take(removed_before);
  std::string text;
  std::vector<Span> alignment;
  text.reserve(end - begin);
  alignment.reserve(end - begin);
  for (const auto& [code_point, change] : changes) {
    Span span{0, 0};
    if (change > 0) {
      // A new code point stands for the same original as the one before it.
      if (offset > 0) span = alignment_[offset - 1];
    } else {
      if (offset >= alignment_.size()) {
        throw Error(ErrorCode::kUnsupported,
                    "a normalizer changes text that an earlier one inserted out of nothing, which "
                    "the reference cannot do either; use another tokenizer.json");
      }
      span = alignment_[offset];
      offset += replaced.take(1 + static_cast<std::size_t>(-change));
    }
    append_utf8(text, code_point);
    check_growth(text.size());
    alignment.insert(alignment.end(), text.size() - alignment.size(), span);
  }
  const auto at = [](auto& sequence, std::size_t index) {
    return sequence.begin() + static_cast<std::ptrdiff_t>(index);
  };
  text_.replace(begin, end - begin, text);
  alignment_.erase(at(alignment_, begin), at(alignment_, end));
  alignment_.insert(at(alignment_, begin), alignment.begin(), alignment.end());
}

void NormalizedText::check_growth(std::size_t size) const {
  constexpr std::size_t kFree = std::size_t{64} << 10;
  constexpr std::size_t kMaximum = std::size_t{256} << 20;
  if (size <= std::min(kFree + 256 * original_length_, kMaximum)) return;
  throw Error(ErrorCode::kInvalidData,
              "the normalizers make a text more than 256 times as long; use another "
              "tokenizer.json");
}

void NormalizedText::prepend(std::string_view prefix) {
  if (text_.empty()) return;
  std::vector<Change> changes;
  for_each_code_point(prefix, [&](char32_t c, std::size_t begin, std::size_t) {
    changes.push_back({c, begin == 0 ? 0 : 1});
  });
  std::size_t first_length = 0;
  const char32_t first = next_code_point(text_, first_length);
  changes.push_back({first, 1});
  transform_range(0, first_length, changes, 0);
}

void NormalizedText::replace(const Stretches& stretches, std::string_view content) {
  std::string text;
  std::vector<Span> alignment;
  for (const auto& [begin, end, is_match] : stretches) {
    if (is_match) {
      const Span span = end > 0 ? alignment_[end - 1] : Span{0, 0};
      text += content;
      check_growth(text.size());
      alignment.insert(alignment.end(), content.size(), span);
    } else {
      text.append(text_, begin, end - begin);
      alignment.insert(alignment.end(), alignment_.begin() + static_cast<std::ptrdiff_t>(begin),
                       alignment_.begin() + static_cast<std::ptrdiff_t>(end));
    }
  }
  text_ = std::move(text);
  alignment_ = std::move(alignment);
}

void NormalizedText::assign(std::string text) {
  check_growth(text.size());
  text_ = std::move(text);
  alignment_.assign(text_.size(), {0, static_cast<std::uint32_t>(original_length_)});
}

void NormalizedText::strip(bool left, bool right) {
  std::vector<char32_t> code_points;
  for_each_code_point(text_,
                      [&](char32_t c, std::size_t, std::size_t) { code_points.push_back(c); });
  std::size_t begin = 0;
  std::size_t end = code_points.size();
  while (left && begin < end && is_white_space(code_points[begin])) ++begin;
  while (right && end > begin && is_white_space(code_points[end - 1])) --end;
  if (begin == 0 && end == code_points.size()) return;
  std::vector<Change> changes;
  for (std::size_t i = begin; i < end; ++i) changes.push_back({code_points[i], 0});
  transform(changes, begin);
}

}  // namespace clipclap::text
