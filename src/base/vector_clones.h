// Plain loops over lanes: the wider the vectors, the faster. On x86-64 the compiler makes one
// version of each marked function for what the processor has, elsewhere the baseline serves.
// Sanitizers instrument the resolver that chooses before they are set up themselves.
#pragma once

#include <cstddef>  // defines __GLIBC__ where it is that

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define CLIPCLAP_VECTOR_CLONES __attribute__((target_clones("avx2", "sse4.1", "default")))
/// For sums in floating point. The name of a processor in place of a level would serve that one
/// alone: what is asked then is not what it can do. GCC 11 knows no levels.
#if __GNUC__ >= 12
#define CLIPCLAP_REAL_VECTOR_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLIPCLAP_REAL_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#endif
#else
#define CLIPCLAP_VECTOR_CLONES
#define CLIPCLAP_REAL_VECTOR_CLONES
#endif
