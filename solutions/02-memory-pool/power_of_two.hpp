#pragma once

#include <cstddef>

namespace cacheline::pool_detail {

/// std::has_single_bit counts the bits, and a processor that is not known to have an instruction
/// for that calls a function (__popcountdi2), on the hot path of every allocation.
[[nodiscard]] constexpr bool is_power_of_two(std::size_t value) noexcept {
    return value != 0 && (value & (value - 1)) == 0;
}

}  // namespace cacheline::pool_detail
