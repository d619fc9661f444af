// Small TorchScript files, written as they are needed.
#pragma once

#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <torch/script.h>
#include <unistd.h>

namespace clipclap::testing {

/// A file whose forward() has this body, with the pictures as `x`. It is removed with the object.
class ScriptFile {
 public:
  explicit ScriptFile(const std::string& body) {
    static int number = 0;
    path_ = ::testing::TempDir() + "script-" + std::to_string(::getpid()) + "-" +
            std::to_string(number++) + ".pt";
    torch::jit::Module module("Model");
    module.define("def forward(self, x):\n" + body);
    module.save(path_);
  }
  ~ScriptFile() { std::filesystem::remove(path_); }
  ScriptFile(const ScriptFile&) = delete;
  ScriptFile& operator=(const ScriptFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace clipclap::testing
