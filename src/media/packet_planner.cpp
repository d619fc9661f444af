#include "media/packet_planner.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "media/packet_units.h"

namespace clipclap::media {
namespace {

/// Beyond this a run of packets is not waited for.
constexpr std::size_t kMaxWaitingBytes = std::size_t{32} << 20;
constexpr std::size_t kMaxWaitingPackets = 1024;

/// Frames are not shown later than so many others that are decoded behind them.
constexpr std::size_t kTimesKept = 64;

}  // namespace

PacketPlanner::PacketPlanner(const AVCodecParameters& codec, bool looks_far)
    : codec_(codec.codec_id),
      looks_far_(looks_far),
      skips_unreferred_(marks_unreferred(codec.codec_id)),
      length_bytes_(unit_length_bytes(codec)) {}

void PacketPlanner::push(const AVPacket* packet) {
  if (packet == nullptr) {
    at_end_ = true;
    return;
  }
  PacketPointer copy(av_packet_clone(packet));
  if (!copy) throw std::bad_alloc();
  if (copy->pts == AV_NOPTS_VALUE || copy->dts == AV_NOPTS_VALUE) {
    gave_up_ = true;
  } else {
    times_.insert(copy->pts);
    last_decode_time_ = copy->dts;
  }
  waiting_bytes_ += static_cast<std::size_t>(copy->size);
  waiting_.push_back(std::move(copy));
}

void PacketPlanner::check_frame(std::int64_t timestamp) {
  if (!decoding_.contains(timestamp)) gave_up_ = true;
  decoding_.erase(decoding_.begin(), decoding_.upper_bound(timestamp));
}

bool PacketPlanner::starts_anew(const AVPacket& packet) const {
  return media::starts_anew(codec_, packet, length_bytes_);
}

bool PacketPlanner::is_sampled(const Sampler& sampler, std::int64_t timestamp) const {
  const auto place = times_.lower_bound(timestamp);
  return place == times_.begin() || sampler.takes_after(*std::prev(place), timestamp);
}

PacketPlanner::Planned PacketPlanner::take_first(Planned::Use use) {
  Planned planned{std::move(waiting_.front()), use};
  waiting_.pop_front();
  waiting_bytes_ -= static_cast<std::size_t>(planned.packet->size);
  if (use != Planned::Use::kDrop) decoding_.insert(planned.packet->pts);
  while (times_.size() > waiting_.size() + kTimesKept) times_.erase(times_.begin());
  return planned;
}

std::optional<PacketPlanner::Planned> PacketPlanner::next(const Sampler& sampler) {
  if (waiting_.empty()) {
    if (!at_end_) return std::nullopt;
    return Planned{nullptr, Planned::Use::kDecode};
  }
  if (gave_up_ || !sampler.goes_by_time()) {
    if (dropping_ && !starts_anew(*waiting_.front())) return take_first(Planned::Use::kDrop);
    dropping_ = false;
    return take_first(Planned::Use::kDecode);
  }
  return next_of_run(sampler);
}

std::optional<PacketPlanner::Planned> PacketPlanner::next_of_run(const Sampler& sampler) {
  using Use = Planned::Use;
  if (looks_far_ && run_.left == 0) {
    const auto run = plan_run(sampler);
    if (!run) return std::nullopt;
    run_ = *run;
    // The run before was cut short, so what is shown before this one's first frame is not sampled.
    if (std::exchange(dropping_, false)) leading_until_ = waiting_.front()->pts;
  }
  const auto timestamp = waiting_.front()->pts;
  if (looks_far_) {
    --run_.left;
    if (run_.needed == 0) {
      dropping_ = true;
      return take_first(Use::kDrop);
    }
    --run_.needed;
    if (leading_until_ && timestamp < *leading_until_) return take_first(Use::kDrop);
    if (leading_until_ && timestamp > *leading_until_) leading_until_.reset();
  } else if (!at_end_ && last_decode_time_ < timestamp) {
    return std::nullopt;  // a frame that is shown just before may still come
  }
  const bool can_skip = skips_unreferred_ && (sampler.is_fast() || !is_sampled(sampler, timestamp));
  return take_first(can_skip ? Use::kDecodeIfReferred : Use::kDecode);
}

std::optional<PacketPlanner::Run> PacketPlanner::plan_run(const Sampler& sampler) const {
  const auto begin = waiting_.begin();
  const auto end = std::find_if(begin + 1, waiting_.end(),
                                [&](const auto& packet) { return starts_anew(*packet); });
  const bool is_too_long =
      waiting_bytes_ > kMaxWaitingBytes || waiting_.size() > kMaxWaitingPackets;
  // Before its first frame has come out of the decoder nothing is planned, so the first run may
  // begin in the middle.
  const bool begins_anew = starts_anew(**begin);
  const auto sampled = [&](const auto& packet) {
    if (sampler.is_fast() && packet == *begin) return true;
    return is_sampled(sampler, packet->pts) &&
           !(begins_anew && sampler.stands_for((*begin)->pts, packet->pts)) &&
           (end == waiting_.end() || !sampler.stands_for((*end)->pts, packet->pts));
  };
  if (end == waiting_.end() && !at_end_) {
    if (!is_too_long) return std::nullopt;
    return Run{waiting_.size(), waiting_.size()};
  }
  const auto length = static_cast<std::size_t>(end - begin);
  if (end != waiting_.end()) {
    // Frames of the next run that are shown before its first may refer to this one.
    const auto shown_later = [&](const auto& packet) { return packet->pts > (*end)->pts; };
    const auto leading_end = std::find_if(end + 1, waiting_.end(), shown_later);
    if (leading_end == waiting_.end() && !at_end_ && !is_too_long) return std::nullopt;
    if (std::any_of(end + 1, leading_end, sampled)) return Run{length, length};
  }
  const auto last =
      std::find_if(std::make_reverse_iterator(end), std::make_reverse_iterator(begin), sampled);
  return Run{length, static_cast<std::size_t>(std::make_reverse_iterator(begin) - last)};
}

}  // namespace clipclap::media
