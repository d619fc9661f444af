// GPUs for a machine that has none: they compute with the processor, but their memory is their own,
// limited and counted, and an operation with a tensor that lies elsewhere fails, as a GPU's does.
#pragma once

#include <cstddef>

namespace clipclap::testing {

/// Registers "simulated:0" … with LibTorch as the accelerator of this process. Once a process.
void simulate_devices(int count, std::size_t bytes_each);

/// How much memory a device has from now on.
void set_simulated_memory(std::size_t bytes_each);

/// Allocations refused since the beginning, on all devices.
std::size_t refused_allocations();

/// Operations that a device did since the beginning.
std::size_t operations_of(int device);

/// Streams other than the default ones that had work.
std::size_t streams_in_use();

}  // namespace clipclap::testing
