// accepted: the addresses of the free blocks in an array beside them, 8 bytes for each block
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <limits>
#include <memory_resource>
#include <poison.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cacheline {

class BlockPool {
public:
    explicit BlockPool(std::size_t block_size, std::size_t alignment = alignof(std::max_align_t),
                       std::pmr::memory_resource* upstream = std::pmr::get_default_resource())
        : block_size_(block_size), alignment_(alignment), upstream_(upstream) {
        if (block_size == 0 || !std::has_single_bit(alignment))
            throw std::invalid_argument("block size " + std::to_string(block_size) +
                                        ", alignment " + std::to_string(alignment));
        if (block_size > kMost || alignment > kMost)
            throw std::length_error("block size " + std::to_string(block_size));
        stride_ = (block_size + alignment - 1) & ~(alignment - 1);
    }

    ~BlockPool() {
        for (const auto& [begin, blocks] : slabs_) {
            unpoison(begin, blocks * padded());
            upstream_->deallocate(begin, blocks * padded(), alignment_);
        }
    }

    BlockPool(const BlockPool&) = delete;
    BlockPool& operator=(const BlockPool&) = delete;

    [[nodiscard]] void* allocate() {
        if (free_.empty()) add_slab(1);
        void* const block = free_.back();
        free_.pop_back();
        unpoison(block, block_size_);
        return block;
    }

    void deallocate(void* block) noexcept {
        poison(block, padded());
        free_.push_back(block);  // has room for all blocks
    }

    void reserve(std::size_t blocks) {
        if (blocks <= free_.size()) return;
        if (blocks > kMost / padded()) throw std::length_error("blocks: " + std::to_string(blocks));
        add_slab(blocks - free_.size());
    }

    [[nodiscard]] std::size_t block_size() const { return block_size_; }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }

private:
    static constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max() / 8;

    // ASan marks memory in steps of 8 bytes.
    [[nodiscard]] std::size_t padded() const { return (stride_ + 7) & ~std::size_t{7}; }

    void add_slab(std::size_t blocks) {
        blocks = std::max({blocks, capacity_, padded() > 1'000'000 ? std::size_t{1} : 32});
        free_.reserve(capacity_ + blocks);
        slabs_.reserve(slabs_.size() + 1);
        auto* const begin =
            static_cast<std::byte*>(upstream_->allocate(blocks * padded(), alignment_));
        slabs_.emplace_back(begin, blocks);
        // At the bottom: blocks never used come after all that were freed.
        free_.insert(free_.begin(), blocks, nullptr);
        for (std::size_t i = 0; i < blocks; ++i)
            free_[i] = begin + (blocks - 1 - i) * padded();
        poison(begin, blocks * padded());
        capacity_ += blocks;
    }

    std::vector<void*> free_;
    std::vector<std::pair<std::byte*, std::size_t>> slabs_;
    std::size_t block_size_;
    std::size_t alignment_;
    std::size_t stride_ = 0;
    std::size_t capacity_ = 0;
    std::pmr::memory_resource* upstream_;
};

}  // namespace cacheline
