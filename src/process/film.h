// A film or picture through a model, and written anew.
#pragma once

#include <string>

#include <clipclap/output_file.h>
#include <clipclap/processing.h>

#include "process/picture_queue.h"

namespace clipclap::process {

/// See clipclap::process_film(). The queue is empty before and, without an error, afterwards.
void run_film(PictureQueue& queue, const std::string& input, const OutputFile& output,
              const FilmOptions& options);

}  // namespace clipclap::process
