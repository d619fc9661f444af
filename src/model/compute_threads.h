// How many threads LibTorch's operations take.
#pragma once

namespace clipclap::model {

/// How many the operations of the calling thread take.
int compute_threads();

/// From here on the operations of the calling thread take none but itself. Threads that do so work
/// side by side with no product waiting for a thread that was put aside.
void compute_alone();

}  // namespace clipclap::model
