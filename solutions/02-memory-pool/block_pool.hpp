#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory_resource>
#include <poison.hpp>
#include <stdexcept>
#include <string>

#include "free_list.hpp"
#include "power_of_two.hpp"
#include "slabs.hpp"

namespace cacheline {

/// Hands out blocks of one size, taken from upstream many at a time ("slabs"). For one thread.
///
/// A freed block goes onto a free list, whose links can live in the free blocks themselves, and the
/// block freed last is the first to be handed out again: it is the one most likely in the cache.
/// Blocks that were never used come after all that were freed. Under AddressSanitizer no byte may
/// be touched but the block_size() bytes of each block that is out (poison.hpp).
class BlockPool {
public:
    /// A pool without slabs; nothing is asked of upstream yet.
    /// @param block_size bytes of a block, at least 1; need not be a multiple of `alignment`
    /// @param alignment  bytes, a power of two; every block starts at a multiple of it
    /// @param upstream   where slabs come from; must outlive the pool
    /// @throws std::invalid_argument for a block size of 0 and for an alignment that is no power of
    ///         two; std::length_error for sizes that can't be reckoned with, such as SIZE_MAX. The
    ///         message names the value.
    explicit BlockPool(std::size_t block_size, std::size_t alignment = alignof(std::max_align_t),
                       std::pmr::memory_resource* upstream = std::pmr::get_default_resource())
        : free_(checked_stride(block_size, alignment)),
          block_size_(block_size),
          stride_(checked_stride(block_size, alignment)),
          slabs_(stride_, slab_alignment(alignment), block_size <= kSmallBlock ? 16 : 1, upstream) {
    }

    /// Gives every slab back to upstream, with the size and alignment it was asked for, whether or
    /// not blocks of it are still out.
    ~BlockPool() = default;

    BlockPool(const BlockPool&) = delete;
    BlockPool& operator=(const BlockPool&) = delete;

    /// A block: the one freed last; a fresh one if none is free; out of a new slab if there is no
    /// fresh one either. O(1) but for the new slab. Slabs hold many blocks: for blocks of up to 256
    /// bytes there is at most one call of upstream for every 16 blocks, also where reserve asks for
    /// them a few at a time.
    /// @throws what upstream throws (std::bad_alloc); the pool is then as it was.
    [[nodiscard]] void* allocate() {
        return hand_out(free_.pop_or([this] { return fresh_block(); }));
    }

    /// Takes back a block of this pool that is out. O(1); never calls upstream.
    void deallocate(void* block) noexcept {
        poison(block, stride_);
        free_.push(block);
    }

    /// After this the next `blocks` allocations do not ask upstream. Blocks that are free already
    /// count: upstream is asked only if there are fewer.
    /// @throws std::length_error, with the value, if so many can't be reckoned with;
    ///         what upstream throws. The pool is then as it was.
    void reserve(std::size_t blocks) {
        const std::size_t free = free_.size() + slabs_.fresh();
        if (blocks <= free) return;
        if (blocks > slabs_.max_blocks())
            throw std::length_error("BlockPool: " + std::to_string(blocks) + " blocks of " +
                                    std::to_string(stride_) + " bytes are too many");
        slabs_.add(blocks - free);
    }

    /// The block size that was asked for, in bytes.
    [[nodiscard]] std::size_t block_size() const noexcept { return block_size_; }

    /// The blocks of all slabs: those out, those free and those never used.
    [[nodiscard]] std::size_t capacity() const noexcept { return slabs_.blocks(); }

private:
    // Sizes above this would let the sums overflow.
    static constexpr std::size_t kLargest = std::numeric_limits<std::size_t>::max() / 128;
    static constexpr std::size_t kSmallBlock = 256;  // bytes: of these a slab holds 16 at least

    static constexpr std::size_t slab_alignment(std::size_t alignment) noexcept {
        return std::max(alignment, pool_detail::Slabs::kMinAlignment);
    }

    static std::size_t checked_stride(std::size_t block_size, std::size_t alignment) {
        if (block_size == 0) throw std::invalid_argument("BlockPool: block size 0");
        if (!pool_detail::is_power_of_two(alignment))
            throw std::invalid_argument("BlockPool: alignment " + std::to_string(alignment) +
                                        " is not a power of two");
        if (block_size > kLargest || alignment > kLargest)
            throw std::length_error("BlockPool: block size " + std::to_string(block_size) +
                                    ", alignment " + std::to_string(alignment) + " is too large");
        const std::size_t least = std::max(block_size, sizeof(void*));  // room for a link
        const std::size_t step = slab_alignment(alignment);
        return (least + step - 1) & ~(step - 1);
    }

    [[gnu::noinline]] void* fresh_block() {
        if (slabs_.fresh() == 0) slabs_.add(1);
        return slabs_.cut();
    }

    // Opens exactly the bytes that were asked for: the slack behind them stays shut.
    void* hand_out(void* block) const noexcept {
        unpoison(block, block_size_);
        return block;
    }

    pool_detail::FreeList free_;
    std::size_t block_size_;
    std::size_t stride_;
    pool_detail::Slabs slabs_;
};

}  // namespace cacheline
