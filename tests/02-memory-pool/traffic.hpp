#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <random>
#include <vector>

namespace cacheline::support {

/// What one thread did to a resource.
struct Tally {
    std::uint64_t allocations = 0;
    std::uint64_t deallocations = 0;
    std::uint64_t bytes_given = 0;
    std::uint64_t bytes_taken = 0;
    std::uint64_t damaged = 0;  ///< blocks whose bytes another owner has changed

    Tally& operator+=(const Tally& other) {
        allocations += other.allocations;
        deallocations += other.deallocations;
        bytes_given += other.bytes_given;
        bytes_taken += other.bytes_taken;
        damaged += other.damaged;
        return *this;
    }
};

/// Random operations of several threads on one resource: blocks of many sizes are taken, filled,
/// swapped with other threads, checked and freed.
class Traffic {
public:
    explicit Traffic(std::pmr::memory_resource& resource) : resource_(resource) {}

    void run(std::uint64_t seed, std::size_t operations, Tally& tally) {
        std::mt19937_64 rng(seed);
        std::vector<Block> mine;
        for (std::size_t i = 0; i < operations; ++i) {
            const std::uint64_t random = rng();
            const std::size_t size = random / 8 % kSizes.size();
            if (random % 8 < 3 && mine.size() < 400) {
                mine.push_back({take(size, tally), size});
            } else if (random % 8 < 6 && !mine.empty()) {
                std::swap(mine[random / 64 % mine.size()], mine.back());
                give(mine.back(), tally);
                mine.pop_back();
            } else {
                // Put a block where any thread may find it, free the one that was there.
                void* const block = swap_[size].exchange(take(size, tally));
                if (block != nullptr) give({block, size}, tally);
            }
        }
        for (const Block& block : mine)
            give(block, tally);
    }

    /// Frees the blocks that were left for others.
    void free_rest() {
        Tally rest;
        for (std::size_t size = 0; size < kSizes.size(); ++size)
            if (void* const block = swap_[size].exchange(nullptr)) give({block, size}, rest);
    }

private:
    struct Block {
        void* address;
        std::size_t size;  // index into kSizes
    };

    // In every class, above all of them, and past the largest bucket; the first two share a class.
    static constexpr std::array<std::size_t, 12> kSizes{8,   64,   65,   200,  256,   300,
                                                        512, 1000, 1024, 1500, 6'000, 70'000};

    // The first and the last word say whose the block is; the words of a large one in between don't
    // matter here.
    void* take(std::size_t size, Tally& tally) {
        const std::size_t bytes = kSizes[size];
        auto* const block = static_cast<char*>(resource_.allocate(bytes, size % 3 == 0 ? 64 : 8));
        ++tally.allocations;
        tally.bytes_given += bytes;
        mark(block, bytes);
        return block;
    }

    void give(const Block& block, Tally& tally) {
        const std::size_t bytes = kSizes[block.size];
        const auto* const begin = static_cast<const char*>(block.address);
        const std::uint64_t tag = reinterpret_cast<std::uintptr_t>(begin) ^ bytes;
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        std::memcpy(&first, begin, sizeof first);
        std::memcpy(&last, begin + bytes - sizeof last, sizeof last);
        if (first != tag || last != tag) ++tally.damaged;
        std::memset(block.address, 0, sizeof first);
        resource_.deallocate(block.address, bytes, block.size % 3 == 0 ? 64 : 8);
        ++tally.deallocations;
        tally.bytes_taken += bytes;
    }

    static void mark(char* begin, std::size_t bytes) {
        const std::uint64_t tag = reinterpret_cast<std::uintptr_t>(begin) ^ bytes;
        std::memcpy(begin, &tag, sizeof tag);
        std::memcpy(begin + bytes - sizeof tag, &tag, sizeof tag);
    }

    std::pmr::memory_resource& resource_;
    std::array<std::atomic<void*>, kSizes.size()> swap_{};
};

}  // namespace cacheline::support
