// accepted: a plain chain of free blocks, linked when a slab is made; the ladder's first rung
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <memory_resource>
#include <new>
#include <poison.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace cacheline {

class BlockPool {
public:
    explicit BlockPool(std::size_t block_size, std::size_t alignment = alignof(std::max_align_t),
                       std::pmr::memory_resource* upstream = std::pmr::get_default_resource())
        : block_size_(block_size), alignment_(alignment), upstream_(upstream) {
        if (block_size == 0) throw std::invalid_argument("a block of 0 bytes");
        if (!std::has_single_bit(alignment))
            throw std::invalid_argument("alignment is " + std::to_string(alignment));
        if (block_size > kMost || alignment > kMost)
            throw std::length_error(std::to_string(block_size) + " bytes a block");
        if (alignment_ < sizeof(void*)) alignment_ = sizeof(void*);
        stride_ = (block_size + alignment_ - 1) / alignment_ * alignment_;
    }

    ~BlockPool() {
        for (const Slab& slab : slabs_) {
            unpoison(slab.begin, slab.bytes);
            upstream_->deallocate(slab.begin, slab.bytes, alignment_);
        }
    }

    BlockPool(const BlockPool&) = delete;
    BlockPool& operator=(const BlockPool&) = delete;

    [[nodiscard]] void* allocate() {
        if (free_ == 0) add_slab(1);
        Free*& list = first_ != nullptr ? first_ : fresh_;
        Free* const block = list;
        unpoison(block, sizeof(Free));
        list = block->next;
        --free_;
        poison(block, stride_);
        unpoison(block, block_size_);
        return block;
    }

    void deallocate(void* block) { push(first_, block); }

    void reserve(std::size_t blocks) {
        if (blocks <= free_) return;
        if (blocks > kMost || stride_ > kMost / blocks)
            throw std::length_error(std::to_string(blocks) + " blocks");
        add_slab(blocks - free_);
    }

    [[nodiscard]] std::size_t block_size() const { return block_size_; }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }

private:
    struct Free {
        Free* next;
    };
    struct Slab {
        std::byte* begin;
        std::size_t bytes;
    };
    static constexpr std::size_t kMost = std::size_t{1} << 48;

    void push(Free*& list, void* block) {
        unpoison(block, sizeof(Free));
        list = ::new (block) Free{list};
        ++free_;
        poison(block, stride_);
    }

    void add_slab(std::size_t blocks) {
        blocks = std::max({blocks, capacity_, stride_ > 1'000'000 ? std::size_t{1} : 64});
        const std::size_t bytes = blocks * stride_;
        slabs_.reserve(slabs_.size() + 1);
        slabs_.push_back({static_cast<std::byte*>(upstream_->allocate(bytes, alignment_)), bytes});
        std::byte* const begin = slabs_.back().begin;
        for (std::size_t i = blocks; i != 0; --i)
            push(fresh_, begin + (i - 1) * stride_);
        capacity_ += blocks;
    }

    Free* first_ = nullptr;  // freed
    Free* fresh_ = nullptr;  // never used: these come after all that were freed
    std::size_t free_ = 0;
    std::size_t block_size_;
    std::size_t alignment_;
    std::size_t stride_ = 0;
    std::size_t capacity_ = 0;
    std::vector<Slab> slabs_;
    std::pmr::memory_resource* upstream_;
};

}  // namespace cacheline
