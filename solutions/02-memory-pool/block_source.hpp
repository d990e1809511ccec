#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <new>
#include <poison.hpp>
#include <pool_types.hpp>

#include "block_stack.hpp"

namespace cacheline::pool_detail {

/// Upstream, as blocks see it: what comes from there is poisoned, and opened again on the way back.
/// One thread at a time.
class BlockSource {
public:
    explicit BlockSource(std::pmr::memory_resource* upstream) noexcept : upstream_(upstream) {}

    /// @throws what upstream throws; std::bad_alloc for a size that no object can have
    [[nodiscard]] void* fetch(std::size_t size) {
        // No object is that large, but an aligned operator new may round it up to 0.
        if (size > PTRDIFF_MAX) throw std::bad_alloc();
        void* const block = upstream_->allocate(size, alignment_for(size));
        poison(block, size);
        return block;
    }

    void give_back(void* block, std::size_t size) noexcept {
        unpoison(block, size);
        upstream_->deallocate(block, size, alignment_for(size));
    }

    /// Gives all blocks of a stack back.
    void drain(BlockStack& stack, std::size_t size) noexcept {
        while (!stack.empty())
            give_back(stack.pop(), size);
    }

    [[nodiscard]] std::pmr::memory_resource* upstream() const noexcept { return upstream_; }

private:
    // Whoever asks for `alignment` gets a block of at least that many bytes, so this suffices.
    [[nodiscard]] static std::size_t alignment_for(std::size_t size) noexcept {
        return std::min(std::bit_floor(size), kMaxPooledAlignment);
    }

    std::pmr::memory_resource* upstream_;
};

}  // namespace cacheline::pool_detail
