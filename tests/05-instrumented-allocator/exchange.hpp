#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <instrumented_allocator.hpp>
#include <random>

namespace cacheline::support {

/// Blocks that threads leave for each other, so that many are freed by another thread than the one
/// that took them. A block's first word is its size.
class Exchange {
public:
    explicit Exchange(InstrumentedResource& resource) : resource_(resource) {}

    /// Takes a block, leaves it in a cell, and gives back the one that was there.
    void step(std::mt19937_64& rng, AllocationStats& mine) {
        const std::size_t size = sizeof(std::size_t) + rng() % 2000;
        auto* const block = static_cast<std::size_t*>(resource_.allocate(size));
        *block = size;
        ++mine.allocations;
        mine.bytes_allocated += size;
        ++mine.histogram[size_class(size)];
        give_back(cells_[rng() % cells_.size()].exchange(block), mine);
    }

    void drain(AllocationStats& mine) {
        for (auto& cell : cells_)
            give_back(cell.exchange(nullptr), mine);
    }

private:
    void give_back(std::size_t* block, AllocationStats& mine) {
        if (block == nullptr) return;
        ++mine.deallocations;
        mine.bytes_deallocated += *block;
        resource_.deallocate(block, *block);
    }

    InstrumentedResource& resource_;
    std::array<std::atomic<std::size_t*>, 256> cells_{};
};

}  // namespace cacheline::support
