#pragma once

#include <array>
#include <cstddef>

#include "block_stack.hpp"
#include "books.hpp"

namespace cacheline::pool_detail {

inline constexpr std::size_t kMaxClasses = 64;

/// What one thread writes: its free blocks of each class, and its books. On cache lines of its own,
/// or two threads that share nothing would still wait for each other.
struct alignas(kLine) ThreadCache {
    Books books;
    std::array<BlockStack, kMaxClasses> stacks;
    ThreadCache* next_idle = nullptr;  ///< in the list of those whose threads have ended
};

}  // namespace cacheline::pool_detail
