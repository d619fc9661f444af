// Where a checkpoint's files come from: a folder, the local Hugging Face cache, or the program.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clipclap::checkpoint {

/// A set of named files, mapped, not copied. Bytes live as long as any copy of the object.
class CheckpointFiles {
 public:
  /// `model` is a folder, or a hub id such as "openai/clip-vit-base-patch32" ("@revision" may
  /// follow) that is looked up in the local Hugging Face cache and nowhere else: HF_HUB_CACHE, else
  /// HF_HOME/hub, else XDG_CACHE_HOME/huggingface/hub, else ~/.cache/huggingface/hub
  /// (refs/main → snapshots/<commit>). An existing folder wins over a hub id of the same name.
  /// Throws Error (kNotFound): for a hub id the message holds the one command that fetches it.
  static CheckpointFiles open(const std::string& model);

  /// Files that are part of the program.
  static CheckpointFiles embedded(
      std::string name, std::vector<std::pair<std::string, std::span<const std::byte>>> files);

  /// How messages name the checkpoint: the folder, or the embedded name.
  const std::string& name() const;
  /// How messages name one of its files.
  std::string describe(std::string_view file) const;

  bool contains(std::string_view file) const;
  /// Throws Error (kNotFound) that names the file and what the folder holds instead.
  std::span<const std::byte> bytes(std::string_view file) const;
  std::string_view text(std::string_view file) const;

 private:
  struct Implementation;
  explicit CheckpointFiles(std::shared_ptr<Implementation> implementation);
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace clipclap::checkpoint
