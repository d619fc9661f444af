// What every function of the C API needs: nothing thrown comes through, messages are kept, option
// structs of other versions are read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>

#include <clipclap/clipclap.h>
#include <clipclap/error.h>

namespace clipclap::api {

constexpr clipclap_status status_of(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return CLIPCLAP_INVALID_ARGUMENT;
    case ErrorCode::kNotFound:
      return CLIPCLAP_NOT_FOUND;
    case ErrorCode::kIo:
      return CLIPCLAP_IO;
    case ErrorCode::kInvalidData:
      return CLIPCLAP_INVALID_DATA;
    case ErrorCode::kUnsupported:
      return CLIPCLAP_UNSUPPORTED;
    case ErrorCode::kCancelled:
      return CLIPCLAP_CANCELLED;
    case ErrorCode::kInternal:
      return CLIPCLAP_INTERNAL;
  }
  return CLIPCLAP_INTERNAL;
}

/// Keeps a message where there may be no memory left for it.
inline void keep_message(std::string& message, std::string_view text) noexcept {
  try {
    message = text;
  } catch (const std::bad_alloc&) {
    message.clear();
  }
}

/// Runs `work`, which gives a clipclap_status or nothing (success). What it throws becomes a
/// status, its text the message; otherwise the message is empty.
template <class Work>
clipclap_status guard(std::string& message, Work&& work) noexcept {
  message.clear();
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
      std::forward<Work>(work)();
      return CLIPCLAP_OK;
    } else {
      return std::forward<Work>(work)();
    }
  } catch (const Error& failure) {
    keep_message(message, failure.what());
    return status_of(failure.code());
  } catch (const std::bad_alloc&) {
    keep_message(message, "out of memory");
    return CLIPCLAP_OUT_OF_MEMORY;
  } catch (const std::exception& failure) {
    keep_message(message, failure.what());
  } catch (...) {
    keep_message(message, "an unknown failure");
  }
  return CLIPCLAP_INTERNAL;
}

/// The message in the caller's array of `size` bytes with its zero, cut between characters;
/// `target` may be NULL, `size` 0.
inline void copy_message(std::string_view message, char* target, std::size_t size) noexcept {
  if (target == nullptr || size == 0) return;
  auto count = std::min(message.size(), size - 1);
  const auto continues = [&](std::size_t at) {
    return at < message.size() && (static_cast<unsigned char>(message[at]) & 0xC0U) == 0x80U;
  };
  if (count < message.size()) {
    while (count > 0 && continues(count)) --count;
  }
  std::memcpy(target, message.data(), count);
  target[count] = '\0';
}

/// guard() for functions that open a handle.
template <class Work>
clipclap_status guard_opening(char* error, std::size_t error_size, Work&& work) noexcept {
  std::string message;
  const auto status = guard(message, std::forward<Work>(work));
  copy_message(message, error, error_size);
  return status;
}

/// Throws Error (kInvalidArgument) for NULL.
template <class Pointer>
Pointer* require(Pointer* given, const char* name) {
  if (given == nullptr) throw Error(ErrorCode::kInvalidArgument, std::string(name) + " is NULL");
  return given;
}

/// A `_init` function: `defaults` in the caller's struct of `size` bytes, zeros in members that
/// this version does not know.
template <class Options>
void init_options(Options* target, std::size_t size, Options defaults) noexcept {
  static_assert(std::is_trivially_copyable_v<Options>);
  if (target == nullptr || size < sizeof(std::size_t)) return;
  defaults.struct_size = size;
  std::memset(target, 0, size);
  std::memcpy(target, &defaults, std::min(size, sizeof(Options)));
}

/// The caller's options, `defaults` where they are NULL and in members that the caller's version
/// does not know. Throws Error: kInvalidArgument where no `_init` function set the size,
/// kUnsupported where members of a later version are set.
template <class Options>
Options read_options(const Options* given, Options defaults) {
  static_assert(std::is_trivially_copyable_v<Options>);
  if (given == nullptr) return defaults;
  const auto size = given->struct_size;
  // What is larger has not been set by anybody: this is read from the caller's memory.
  constexpr std::size_t kMost = 4096;
  if (size < sizeof(std::size_t) || size > kMost) {
    throw Error(ErrorCode::kInvalidArgument,
                "struct_size is not set; call the struct's _init function first");
  }
  std::memcpy(&defaults, given, std::min(size, sizeof(Options)));
  if (size <= sizeof(Options)) return defaults;
  // Bytes of a struct that is larger than the one known here.
  const std::span bytes(reinterpret_cast<const unsigned char*>(given), size);
  const auto later = bytes.subspan(sizeof(Options));
  if (std::any_of(later.begin(), later.end(), [](unsigned char byte) { return byte != 0; })) {
    throw Error(ErrorCode::kUnsupported,
                "options are set that a later clipclap has and this one does not know");
  }
  return defaults;
}

/// "" for NULL.
inline std::string text_of(const char* given) { return given == nullptr ? "" : given; }

/// Throws Error (kInvalidArgument) for a number below 0.
inline std::size_t count_of(int given, const char* name) {
  if (given >= 0) return static_cast<std::size_t>(given);
  throw Error(ErrorCode::kInvalidArgument, std::string(name) + " is below 0");
}

/// The last message of a handle, for each thread that uses it its own. Thread-safe.
class LastErrors {
 public:
  /// The calling thread's, which no other thread changes. Throws std::bad_alloc.
  std::string& mine() {
    const std::lock_guard lock(mutex_);
    return messages_[std::this_thread::get_id()];
  }

  /// guard() with the calling thread's message.
  template <class Work>
  clipclap_status guard(Work&& work) noexcept {
    try {
      return api::guard(mine(), std::forward<Work>(work));
    } catch (const std::bad_alloc&) {
      return CLIPCLAP_OUT_OF_MEMORY;
    }
  }

  /// As a `_error` function gives it.
  const char* text() const noexcept {
    const std::lock_guard lock(mutex_);
    const auto found = messages_.find(std::this_thread::get_id());
    return found == messages_.end() ? "" : found->second.c_str();
  }

 private:
  mutable std::mutex mutex_;
  // Of nodes, so that a message stays where it is while other threads add theirs.
  std::map<std::thread::id, std::string> messages_;
};

/// guard() with the errors of a handle; a status alone where there is none.
template <class Handle, class Work>
clipclap_status guard_with(Handle* handle, Work&& work) noexcept {
  if (handle == nullptr) return CLIPCLAP_INVALID_ARGUMENT;
  return handle->errors.guard(std::forward<Work>(work));
}

/// As an `_error` function gives it.
template <class Handle>
const char* error_of(const Handle* handle, const char* if_null) noexcept {
  return handle == nullptr ? if_null : handle->errors.text();
}

}  // namespace clipclap::api
