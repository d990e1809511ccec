#pragma once

#include <cstddef>
#include <cstdint>

// For the step "speed". No test looks at these two files: change the interface, or do without.

namespace cacheline::zero_copy_detail {

/// Finds the delimiters, line feeds and quotes of `size` bytes at `text` and writes their
/// positions, in order, to `positions`, which has room for `size` of them. Returns how many there
/// are.
std::size_t scan_csv(const char* text, std::size_t size, char delimiter, std::uint32_t* positions);

}  // namespace cacheline::zero_copy_detail
