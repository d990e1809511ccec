#pragma once

#include <cstddef>
#include <memory_resource>
#include <vector>

namespace cacheline::support {

/// Takes a block and frees it, `pairs` times.
inline void use(std::pmr::memory_resource& resource, int pairs, std::size_t bytes = 100) {
    for (int i = 0; i < pairs; ++i)
        resource.deallocate(resource.allocate(bytes), bytes);
}

/// Takes `count` blocks, then frees them.
inline void take_and_free(std::pmr::memory_resource& resource, std::size_t count,
                          std::size_t bytes) {
    std::vector<void*> blocks(count);
    for (void*& block : blocks)
        block = resource.allocate(bytes);
    for (void* block : blocks)
        resource.deallocate(block, bytes);
}

}  // namespace cacheline::support
