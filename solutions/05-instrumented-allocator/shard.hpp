#pragma once

#include <allocation_report.hpp>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "thread_place.hpp"

namespace cacheline::allocator_detail {

inline constexpr std::size_t kCacheLine = 64;

/// What one thread has counted. Its owner writes, with loads and stores; any thread may read what
/// is atomic. (Those without a place share a shard, and write it with locked instructions.)
struct alignas(kCacheLine) Shard {
    // The owner's alone, for the peak: see counters.hpp.
    std::int64_t high = 0;  // the highest net since `base` was published
    std::int64_t low = 0;   // below this the next publication is due
    std::int64_t base = 0;  // the net last published

    std::atomic<std::uint64_t> bytes_in{0};
    std::atomic<std::uint64_t> bytes_out{0};
    std::atomic<std::uint64_t> deallocations{0};
    std::atomic<std::uint64_t> failed{0};
    std::atomic<std::int64_t> peak{0};  // of the whole, as far as the owner saw it
    // The histogram by leading zeros, which is one instruction less than by size_class. The
    // allocations are its sum, which is one counter less.
    std::array<std::atomic<std::uint64_t>, kSizeClasses> by_zeros{};

    [[nodiscard]] std::atomic<std::uint64_t>& of_size(std::size_t size) noexcept {
        return by_zeros[static_cast<std::size_t>(std::countl_zero(size))];
    }
    [[nodiscard]] std::uint64_t of_class(std::size_t size_class) const noexcept {
        return by_zeros[kSizeClasses - 1 - size_class].load(std::memory_order_relaxed);
    }
};
static_assert(sizeof(Shard) == ThreadPlace::kBytes);

/// The owner's increment. Nobody else writes here, so nothing can come between load and store.
inline std::uint64_t bump(std::atomic<std::uint64_t>& counter, std::uint64_t by) noexcept {
    const std::uint64_t sum = counter.load(std::memory_order_relaxed) + by;
    counter.store(sum, std::memory_order_relaxed);
    return sum;
}

/// Taken minus given back: below zero for a thread that gives back what others took.
inline std::int64_t net_of(std::uint64_t in, std::uint64_t out) noexcept {
    return static_cast<std::int64_t>(in - out);
}

/// To `value`, unless it is there or above already. Any thread may call it.
inline void raise_to(std::atomic<std::int64_t>& most, std::int64_t value) noexcept {
    std::int64_t known = most.load(std::memory_order_relaxed);
    while (value > known && !most.compare_exchange_weak(known, value, std::memory_order_relaxed)) {
    }
}

}  // namespace cacheline::allocator_detail
