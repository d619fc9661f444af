// How the heap of a program that runs towers is set. It holds for the whole process: for programs,
// never for the library.
#pragma once

#include <limits>

#include <malloc.h>

namespace clipclap {

/// Towers take and give back tens of megabytes at every step. Handed back to the system each time,
/// they cost a tenth to a fifth of the run in pages that are cleared anew. The heaps that threads
/// have of their own are handed back all the same, and each keeps what another could use; so there
/// is one for all.
inline void keep_large_blocks() {
#ifdef __GLIBC__
  constexpr int kNever = std::numeric_limits<int>::max();
  ::mallopt(M_MMAP_THRESHOLD, kNever);
  ::mallopt(M_TRIM_THRESHOLD, kNever);
  ::mallopt(M_ARENA_MAX, 1);
#endif
}

/// Once models are loaded: what their weights were packed from leaves holes between them, a tenth
/// of the program's memory or none by how the sizes happen to fall.
inline void give_back_holes() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

}  // namespace clipclap
