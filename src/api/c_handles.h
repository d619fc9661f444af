// What stands behind the C API's handles that several files know.
#pragma once

#include <string>
#include <vector>

#include <clipclap/model.h>
#include <clipclap/session.h>

struct clipclap_model {
  clipclap::Model model;
  std::string info;
};

struct clipclap_result {
  clipclap::SessionResult result;           ///< with all labels
  std::vector<clipclap::ScoredLabel> kept;  ///< those that are shown
};
