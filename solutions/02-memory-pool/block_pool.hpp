#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <limits>
#include <memory_resource>
#include <new>
#include <poison.hpp>
#include <stdexcept>
#include <string>

namespace cacheline {

/// Hands out blocks of one size, the last one freed first.
///
/// The free list lives in the free blocks themselves, so it costs no memory (Kenwright 2012, "Fast
/// Efficient Fixed-Size Memory Pool"). But it isn't a plain chain: each link would be a load that
/// waits for the one before, out of a block that may have left the cache. A free block is a page of
/// addresses instead (an unrolled list): of 64 bytes, 8 hold the link to the next page and 56 hold
/// seven more free blocks, which are then handed out without being looked at.
class BlockPool {
public:
    explicit BlockPool(std::size_t block_size, std::size_t alignment = alignof(std::max_align_t),
                       std::pmr::memory_resource* upstream = std::pmr::get_default_resource())
        : block_size_(block_size), alignment_(alignment), upstream_(upstream) {
        if (block_size == 0) throw std::invalid_argument("BlockPool: block size 0");
        if (!std::has_single_bit(alignment))
            throw std::invalid_argument("BlockPool: alignment " + std::to_string(alignment) +
                                        " is not a power of two");
        if (block_size > kMaxSlabBytes / 2 || alignment > kMaxSlabBytes / 2)
            throw std::length_error("BlockPool: block size " + std::to_string(block_size) +
                                    ", alignment " + std::to_string(alignment) + " is too large");
        // A block is also a link while it is free, and the slab's footer behind the last one.
        alignment_ = std::max(alignment, alignof(Slab));
        stride_ = round_up(std::max(block_size, sizeof(Page*)), alignment_);
        page_size_ = stride_ / sizeof(void*) - 1;
    }

    ~BlockPool() {
        while (slabs_ != nullptr) {
            Slab* const slab = slabs_;
            slabs_ = slab->next;
            void* const begin = slab->begin;
            const std::size_t bytes = slab->bytes;
            unpoison(begin, bytes);
            upstream_->deallocate(begin, bytes, alignment_);
        }
    }

    BlockPool(const BlockPool&) = delete;
    BlockPool& operator=(const BlockPool&) = delete;

    [[nodiscard]] void* allocate() {
        if (Page* const block = hot_) {
            hot_ = nullptr;
            return hand_out(block);
        }
        return allocate_listed();
    }

    void deallocate(void* block) noexcept {
        poison(block, stride_);
        // The block freed last waits outside the list: whoever frees one and takes one again, the
        // commonest case, touches nothing else.
        Page* const colder = hot_;
        hot_ = static_cast<Page*>(block);
        if (colder != nullptr) push(colder);
    }

    void reserve(std::size_t blocks) {
        if (blocks > fresh_blocks()) add_slab(blocks);
    }

    [[nodiscard]] std::size_t block_size() const noexcept { return block_size_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
    // A free block that holds others. `addresses` is as long as the stride allows.
    struct Page {
        Page* next;
        void* addresses[1];
    };

    // Stands behind a slab's blocks rather than before them, where it would cost a whole alignment.
    struct Slab {
        Slab* next;
        std::byte* begin;
        std::size_t bytes;
    };

    static constexpr std::size_t kMaxSlabBytes = std::numeric_limits<std::size_t>::max() / 4;
    static constexpr std::size_t kFirstSlabBytes = 4 * 1024;
    static constexpr std::size_t kLargestSlabBytes = 256 * 1024;  // growth stops at this size

    static constexpr std::size_t round_up(std::size_t bytes, std::size_t alignment) noexcept {
        return (bytes + alignment - 1) & ~(alignment - 1);
    }

    [[nodiscard]] std::size_t fresh_blocks() const noexcept {
        return static_cast<std::size_t>(fresh_end_ - fresh_) / stride_;
    }

    void* allocate_listed() {
        if (listed_ != 0) return hand_out(read(page_->addresses[--listed_]));
        if (page_ == nullptr) [[unlikely]]
            return allocate_fresh();
        Page* const page = page_;  // empty: now it is a block like any other
        page_ = read(page->next);
        listed_ = room_ = page_ == nullptr ? 0 : page_size_;  // pages further down are full
        return hand_out(page);
    }

    void push(void* block) noexcept {
        if (listed_ != room_) {
            write(page_->addresses[listed_++], block);
        } else {
            auto* const page = static_cast<Page*>(block);
            write(page->next, page_);
            page_ = page;
            listed_ = 0;
            room_ = page_size_;
        }
    }

    // Free blocks are poisoned, for the pool itself too.
    template <typename Pointer>
    static Pointer read(Pointer& slot) noexcept {
        unpoison(&slot, sizeof slot);
        Pointer const value = slot;
        poison(&slot, sizeof slot);
        return value;
    }

    template <typename Pointer>
    static void write(Pointer& slot, Pointer value) noexcept {
        unpoison(&slot, sizeof slot);
        slot = value;
        poison(&slot, sizeof slot);
    }

    // Blocks of a new slab are cut off as they are needed: to link them all at once would touch
    // pages that may never be used.
    [[gnu::noinline]] void* allocate_fresh() {
        if (fresh_ == fresh_end_) {
            const std::size_t bytes =
                std::clamp(capacity_ * stride_, kFirstSlabBytes, kLargestSlabBytes);
            add_slab(std::max<std::size_t>(1, bytes / stride_));
        }
        std::byte* const block = fresh_;
        fresh_ += stride_;
        return hand_out(block);
    }

    void add_slab(std::size_t blocks) {
        if (blocks > (kMaxSlabBytes - sizeof(Slab)) / stride_)
            throw std::length_error("BlockPool: " + std::to_string(blocks) + " blocks of " +
                                    std::to_string(stride_) + " bytes are too many");
        const std::size_t bytes = blocks * stride_ + sizeof(Slab);
        auto* const begin = static_cast<std::byte*>(upstream_->allocate(bytes, alignment_));
        // Nothing throws from here on. What is left of the slab before must not be lost.
        for (; fresh_ != fresh_end_; fresh_ += stride_)
            deallocate(fresh_);
        slabs_ = ::new (begin + blocks * stride_) Slab{slabs_, begin, bytes};
        fresh_ = begin;
        fresh_end_ = begin + blocks * stride_;
        capacity_ += blocks;
        poison(begin, blocks * stride_);
    }

    // Opens exactly the bytes that were asked for: the slack behind them stays shut.
    void* hand_out(void* block) const noexcept {
        unpoison(block, block_size_);
        return block;
    }

    Page* hot_ = nullptr;         // the block freed last
    Page* page_ = nullptr;        // the free list's first page
    std::size_t listed_ = 0;      // addresses in it
    std::size_t room_ = 0;        // addresses that fit in it; 0 when there is no page
    std::size_t page_size_ = 0;   // addresses that fit in any
    std::byte* fresh_ = nullptr;  // never handed out yet: from here to fresh_end_
    std::byte* fresh_end_ = nullptr;
    std::size_t block_size_;
    std::size_t alignment_;
    std::size_t stride_ = 1;
    std::size_t capacity_ = 0;
    Slab* slabs_ = nullptr;
    std::pmr::memory_resource* upstream_;
};

}  // namespace cacheline
