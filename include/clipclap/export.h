// Marks what the shared library shows to its users.
#pragma once

#if defined(__GNUC__)
#define CLIPCLAP_API __attribute__((visibility("default")))
#else
#define CLIPCLAP_API
#endif
