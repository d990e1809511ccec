#pragma once

#include <cstdint>
#include <instrumented_allocator.hpp>

namespace cacheline::support {

/// What has happened since an earlier snapshot.
struct Change {
    explicit Change(const AllocationStats& earlier, const AllocationStats& now = global_stats())
        : allocations(now.allocations - earlier.allocations),
          deallocations(now.deallocations - earlier.deallocations),
          failed(now.failed - earlier.failed),
          live_blocks(static_cast<std::int64_t>(now.live_blocks - earlier.live_blocks)),
          live_bytes(static_cast<std::int64_t>(now.live_bytes - earlier.live_bytes)) {}

    std::uint64_t allocations;
    std::uint64_t deallocations;
    std::uint64_t failed;
    std::int64_t live_blocks;
    std::int64_t live_bytes;
};

/// Not to be seen through by a compiler that knows what new does.
template <typename T>
T* opaque(T* pointer) {
    T* volatile hidden = pointer;
    return hidden;
}

}  // namespace cacheline::support
