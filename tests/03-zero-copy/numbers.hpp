#pragma once

#include <cstddef>
#include <numeric>
#include <vector>

namespace cacheline::support {

/// `first`, `first + 1` and so on.
inline std::vector<int> numbers(std::size_t count, int first = 0) {
    std::vector<int> result(count);
    std::iota(result.begin(), result.end(), first);
    return result;
}

}  // namespace cacheline::support
