#include "model/compute_threads.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

namespace clipclap::model {

namespace {

// A function of a library that LibTorch brought, where it did.
template <class Function>
Function* find_function(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_DEFAULT, name));
}

}  // namespace

int compute_threads() { return at::get_num_threads(); }

void compute_alone() {
  // at::set_num_threads() also sets what other threads begin with; the runtimes' own functions
  // speak for the calling thread alone. What instantiates at::parallel_for(), LibTorch and this
  // library, sets a thread up once, with the number for all, so both must have done that before.
  at::internal::lazy_init_num_threads();
  if (at::get_num_threads() == 1) return;
  static const auto set_openmp = find_function<void(int)>("omp_set_num_threads");
  if (set_openmp != nullptr) set_openmp(1);
  // MKL counts by itself: each of attention's small products would wake a second thread.
  static const auto set_mkl = find_function<int(int)>("MKL_Set_Num_Threads_Local");
  if (set_mkl != nullptr) set_mkl(1);
  if (at::get_num_threads() != 1) at::set_num_threads(1);
}

}  // namespace clipclap::model
