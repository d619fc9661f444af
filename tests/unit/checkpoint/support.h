// What the tests of this folder share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <clipclap/error.h>

#include "checkpoint/checkpoint_files.h"

namespace clipclap::checkpoint {

inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// A folder that goes away with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "clipclap-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  void write(const std::string& file, std::string_view contents) const {
    std::filesystem::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file, std::ios::binary) << contents;
  }

 private:
  std::filesystem::path path_;
};

/// A file of the safetensors format around a header as it stands.
inline std::string safetensors_file(const std::string& header, std::size_t data_size) {
  std::string file;
  for (int i = 0; i < 8; ++i) file.push_back(static_cast<char>(header.size() >> (8 * i)));
  return file + header + std::string(data_size, '\0');
}

/// A checkpoint in memory; `contents` must outlive it.
inline CheckpointFiles in_memory(const std::map<std::string, std::string>& contents) {
  std::vector<std::pair<std::string, std::span<const std::byte>>> files;
  for (const auto& [name, text] : contents) files.emplace_back(name, as_bytes(text));
  return CheckpointFiles::embedded("memory", std::move(files));
}

/// The Error that a call throws; the test fails where it throws none.
template <class Call>
Error error_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(ErrorCode::kInternal, "nothing was thrown");
}

}  // namespace clipclap::checkpoint
