// How the heap of a program that runs towers is set. It holds for the whole process: for programs,
// never for the library.
#pragma once

#include <limits>

#include <malloc.h>

namespace clipclap {

/// Before models are loaded. Weights stay, and what they are packed from is given back: within one
/// heap that leaves holes, a tenth of the program's memory or none by how the sizes happen to fall.
/// So each of their blocks has a mapping of its own. And one heap serves all threads: each would
/// keep what another could use.
inline void map_large_blocks() {
#ifdef __GLIBC__
  constexpr int kOfWeights = 1 << 20;
  ::mallopt(M_MMAP_THRESHOLD, kOfWeights);
  ::mallopt(M_ARENA_MAX, 1);
#endif
}

/// Once they are loaded. Towers take and give back tens of megabytes at every step; handed back to
/// the system each time, they cost a tenth to a fifth of the run in pages that are cleared anew.
inline void keep_large_blocks() {
#ifdef __GLIBC__
  constexpr int kNever = std::numeric_limits<int>::max();
  ::mallopt(M_MMAP_THRESHOLD, kNever);
  ::mallopt(M_TRIM_THRESHOLD, kNever);
#endif
}

}  // namespace clipclap
