#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory_resource>
#include <new>
#include <poison.hpp>
#include <utility>

namespace cacheline::pool_detail {

/// Large pieces of memory from upstream, cut into blocks of one size as they are needed: to link
/// all blocks of a new slab at once would touch memory that may never be used. Slabs are cut in the
/// order in which they came, so what is left of one is not lost when the next arrives.
class Slabs {
    // Stands behind a slab's blocks rather than before them, where it would cost a whole alignment.
    struct Footer {
        Footer* next;
        std::byte* begin;
        std::size_t bytes;
    };

public:
    /// The least alignment of a slab.
    static constexpr std::size_t kMinAlignment = alignof(Footer);

    /// @param stride     bytes from one block to the next; a multiple of `alignment`
    /// @param alignment  bytes; a power of two, at least kMinAlignment
    /// @param min_blocks the fewest that a slab has
    Slabs(std::size_t stride, std::size_t alignment, std::size_t min_blocks,
          std::pmr::memory_resource* upstream)
        : stride_(stride), alignment_(alignment), min_blocks_(min_blocks), upstream_(upstream) {}

    ~Slabs() {
        for (Footer* at = first_; at != nullptr;) {
            const Footer slab = read(at);
            at = slab.next;
            unpoison(slab.begin, slab.bytes);
            upstream_->deallocate(slab.begin, slab.bytes, alignment_);
        }
    }

    Slabs(const Slabs&) = delete;
    Slabs& operator=(const Slabs&) = delete;

    /// Blocks of all slabs.
    [[nodiscard]] std::size_t blocks() const noexcept { return blocks_; }
    /// Those among them that were never cut off.
    [[nodiscard]] std::size_t fresh() const noexcept { return fresh_; }
    /// The most blocks that one slab can have.
    [[nodiscard]] std::size_t max_blocks() const noexcept {
        return (std::numeric_limits<std::size_t>::max() / 2 - sizeof(Footer)) / stride_;
    }

    /// A fresh block, poisoned. There must be one.
    [[nodiscard]] void* cut() noexcept {
        if (next_ == end_) {
            cutting_ = cutting_ == nullptr ? first_ : read(cutting_).next;
            const Footer slab = read(cutting_);
            next_ = slab.begin;
            end_ = reinterpret_cast<std::byte*>(cutting_);
        }
        --fresh_;
        return std::exchange(next_, next_ + stride_);
    }

    /// Adds a slab of `blocks` blocks at least, at most max_blocks(). It has more the more there
    /// are already, up to a limit, so a pool that grows block by block calls upstream seldom.
    /// @throws what upstream throws; nothing is changed then
    void add(std::size_t blocks) {
        const std::size_t usual =
            std::clamp(blocks_ * stride_, kFirstSlabBytes, kLargestSlabBytes) / stride_;
        blocks = std::max({blocks, usual, min_blocks_});
        const std::size_t bytes = blocks * stride_ + sizeof(Footer);
        auto* const begin = static_cast<std::byte*>(upstream_->allocate(bytes, alignment_));
        auto* const slab = ::new (begin + blocks * stride_) Footer{nullptr, begin, bytes};
        poison(begin, bytes);
        if (last_ == nullptr)
            first_ = slab;
        else
            append_to(last_, slab);
        last_ = slab;
        blocks_ += blocks;
        fresh_ += blocks;
    }

private:
    static constexpr std::size_t kFirstSlabBytes = 4 * 1024;
    static constexpr std::size_t kLargestSlabBytes = 256 * 1024;

    // Footers are poisoned like everything else that is no caller's.
    static Footer read(Footer* at) noexcept {
        unpoison(at, sizeof *at);
        const Footer copy = *at;
        poison(at, sizeof *at);
        return copy;
    }

    static void append_to(Footer* at, Footer* next) noexcept {
        unpoison(at, sizeof *at);
        at->next = next;
        poison(at, sizeof *at);
    }

    Footer* first_ = nullptr;
    Footer* last_ = nullptr;
    Footer* cutting_ = nullptr;  // the slab that blocks are cut from; null before the first block
    std::byte* next_ = nullptr;  // what is left of it
    std::byte* end_ = nullptr;
    std::size_t blocks_ = 0;
    std::size_t fresh_ = 0;
    std::size_t stride_;
    std::size_t alignment_;
    std::size_t min_blocks_;
    std::pmr::memory_resource* upstream_;
};

}  // namespace cacheline::pool_detail
