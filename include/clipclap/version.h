// What is running.
#pragma once

#include <string>

#include <clipclap/export.h>

namespace clipclap {

struct Versions {
  std::string clipclap;  ///< "0.1.0"
  std::string libtorch;
  std::string ffmpeg;  ///< the libraries at run time: "libavcodec 59.37.100, …"
};

CLIPCLAP_API Versions versions();

}  // namespace clipclap
