#include "model/compute_threads.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

namespace clipclap::model {

int compute_threads() { return at::get_num_threads(); }

void compute_alone() {
  // at::set_num_threads() also sets what other threads begin with. OpenMP's own function, in the
  // runtime that LibTorch brought, speaks for the calling thread alone; LibTorch must have set up
  // this thread before.
  if (at::get_num_threads() == 1) return;
  using SetThreads = void (*)(int);
  static const auto set =
      reinterpret_cast<SetThreads>(::dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
  if (set != nullptr) set(1);
  if (at::get_num_threads() != 1) at::set_num_threads(1);
}

}  // namespace clipclap::model
