#include "model/script/picture_model.h"

#include <fstream>
#include <string>

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/repeat_interleave.h>
#include <gtest/gtest.h>

#include <clipclap/error.h>

#include "script_models.h"

namespace clipclap::model {
namespace {

using testing::ScriptFile;

std::string failure_of(const std::string& body, std::int64_t multiple = 0) {
  const ScriptFile file(body);
  try {
    const PictureModel model({.path = file.path(), .multiple = multiple});
  } catch (const Error& failure) {
    EXPECT_EQ(failure.code(), ErrorCode::kInvalidData);
    EXPECT_EQ(failure.context(), file.path());
    EXPECT_EQ(failure.message().find('\n'), std::string::npos) << failure.message();
    return failure.message();
  }
  ADD_FAILURE() << "loaded: " << body;
  return {};
}

void expect_part(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(PictureModel, FindsOutWhatItTakes) {
  struct Case {
    const char* body;
    int channels;
    int output_channels;
    int multiple;
  };
  const Case cases[] = {
      {" return x * 1.0\n", 3, 3, 1},
      {" return torch.conv2d(x, torch.ones([1, 1, 3, 3]) / 9.0, None, [1, 1], [1, 1])\n", 1, 1, 1},
      {" return torch.conv2d(x, torch.ones([3, 1, 1, 1]))\n", 1, 3, 1},
      {" return x[:, :1] * 0.3 + x[:, 1:2] * 0.6 + x[:, 2:] * 0.1\n", 3, 1, 1},
      {" return torch.pixel_shuffle(torch.pixel_unshuffle(x, 8), 8)\n", 3, 3, 8},
      {" return torch.pixel_shuffle(torch.pixel_unshuffle(x, 64), 64)\n", 3, 3, 64},
      // Takes every size, but what is left over of odd ones is lost.
      {" return torch.repeat_interleave(x[:, :, ::2][:, :, : x.size(2) // 2], 2, 2)\n", 3, 3, 2},
      {" return x[:, :, ::4, ::4]\n", 3, 3, 4},
  };
  for (const auto& [body, channels, output_channels, multiple] : cases) {
    const ScriptFile file(body);
    const PictureModel model({.path = file.path()});
    EXPECT_EQ(model.channels(), channels) << body;
    EXPECT_EQ(model.output_channels(), output_channels) << body;
    EXPECT_EQ(model.multiple(), multiple) << body;
  }
}

TEST(PictureModel, PadsWithTheLastPixelsAndCuts) {
  const ScriptFile file(
      " y = torch.pixel_shuffle(torch.pixel_unshuffle(x, 8), 8)\n"
      " return torch.repeat_interleave(torch.repeat_interleave(y, 2, 2), 2, 3)\n");
  const PictureModel model({.path = file.path()});
  const auto pictures = at::rand({2, 3, 13, 22});
  const auto expected = at::repeat_interleave(at::repeat_interleave(pictures, 2, 2), 2, 3);
  EXPECT_TRUE(at::equal(model.run(pictures, 0), expected));
  // A mean over all that it sees tells what it was padded with.
  const ScriptFile mean(
      " return torch.pixel_shuffle(torch.pixel_unshuffle(x, 8), 8) * 0.0 + x.mean()\n");
  const auto column = at::rand({1, 3, 8, 1});
  const auto seen = PictureModel({.path = mean.path()}).run(column, 0);
  EXPECT_NEAR(seen.min().item<float>(), column.mean().item<float>(), 1e-6);
}

TEST(PictureModel, AToldMultipleNeedsNoRatio) {
  const ScriptFile file(" return x[:, :, 1:-1, 1:-1]\n");
  const PictureModel model({.path = file.path(), .multiple = 1});
  EXPECT_EQ(model.run(at::rand({1, 3, 10, 20}), 0).sizes(), (at::IntArrayRef{1, 3, 8, 18}));
}

TEST(PictureModel, WhatCannotBeCutIsAnError) {
  const ScriptFile file(" return torch.repeat_interleave(x[:, :, ::4, ::4], 3, 2)\n");
  const PictureModel model({.path = file.path()});
  EXPECT_EQ(model.run(at::rand({1, 3, 8, 8}), 0).size(2), 6);
  try {
    model.run(at::rand({1, 3, 9, 8}), 0);
    FAIL();
  } catch (const Error& failure) {
    expect_part(failure.message(), "ends within a pixel");
  }
}

TEST(PictureModel, SaysWhatIsWrongWithAModel) {
  expect_part(failure_of(" return (x, x)\n"), "Tuple");
  expect_part(failure_of(" return x[0]\n"), "[3, 64, 128]");
  expect_part(failure_of(" return (x * 255.0).int()\n"), "type Int");
  expect_part(failure_of(" return torch.cat([x, x], 1)\n"), "[1, 6, 64, 128]");
  expect_part(failure_of(" return x[:, :, 1:-1, 1:-1]\n"), "no fixed ratio");
  expect_part(failure_of(" return x.view([1, 3, 64, 128])\n"), "varying size");
  expect_part(failure_of(" return torch.conv2d(x, torch.ones([4, 4, 1, 1]))\n"), "neither of 3");
  expect_part(failure_of(" return torch.pixel_unshuffle(x, 128)\n"), "neither of 3");
}

TEST(PictureModel, RefusesNumbersThatAreNone) {
  const ScriptFile file(" return x * float('nan')\n");
  const PictureModel model({.path = file.path()});
  EXPECT_THROW(model.run(at::rand({1, 3, 8, 8}), 0), Error);
}

TEST(PictureModel, RefusesWhatIsNoTorchScript) {
  const auto code_of = [](const std::string& path) {
    try {
      const PictureModel model({.path = path});
    } catch (const Error& failure) {
      return failure.code();
    }
    return ErrorCode::kInternal;
  };
  EXPECT_EQ(code_of("/nonexistent/model.pt"), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(::testing::TempDir()), ErrorCode::kInvalidArgument);
  const auto path = ::testing::TempDir() + "no-script-" + std::to_string(::getpid()) + ".pt";
  std::ofstream(path) << "PK\003\004 nothing";
  EXPECT_EQ(code_of(path), ErrorCode::kInvalidData);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace clipclap::model
