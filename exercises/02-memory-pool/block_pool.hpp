#pragma once

#include <cacheline/todo.hpp>
#include <cstddef>
#include <memory_resource>
#include <poison.hpp>

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
    explicit BlockPool(
        [[maybe_unused]] std::size_t block_size,
        [[maybe_unused]] std::size_t alignment = alignof(std::max_align_t),
        [[maybe_unused]] std::pmr::memory_resource* upstream = std::pmr::get_default_resource()) {
        todo("BlockPool::BlockPool");
    }

    /// Gives every slab back to upstream, with the size and alignment it was asked for, whether or
    /// not blocks of it are still out. (Yours to write: a todo here would end the program.)
    ~BlockPool() = default;

    BlockPool(const BlockPool&) = delete;
    BlockPool& operator=(const BlockPool&) = delete;

    /// A block: the one freed last; a fresh one if none is free; out of a new slab if there is no
    /// fresh one either. O(1) but for the new slab. Slabs hold many blocks: for blocks of up to 256
    /// bytes there is at most one call of upstream for every 16 blocks, also where reserve asks for
    /// them a few at a time.
    /// @throws what upstream throws (std::bad_alloc); the pool is then as it was.
    [[nodiscard]] void* allocate() { todo("BlockPool::allocate"); }

    /// Takes back a block of this pool that is out. O(1); never calls upstream.
    void deallocate([[maybe_unused]] void* block) { todo("BlockPool::deallocate"); }

    /// After this the next `blocks` allocations do not ask upstream. Blocks that are free already
    /// count: upstream is asked only if there are fewer.
    /// @throws std::length_error, with the value, if so many can't be reckoned with;
    ///         what upstream throws. The pool is then as it was.
    void reserve([[maybe_unused]] std::size_t blocks) { todo("BlockPool::reserve"); }

    /// The block size that was asked for, in bytes.
    [[nodiscard]] std::size_t block_size() const { todo("BlockPool::block_size"); }

    /// The blocks of all slabs: those out, those free and those never used.
    [[nodiscard]] std::size_t capacity() const { todo("BlockPool::capacity"); }
};

}  // namespace cacheline
