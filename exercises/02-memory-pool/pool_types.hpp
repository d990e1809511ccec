#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cacheline {

/// How a pool is shared.
enum class Strategy {
    unsynchronized,  ///< one thread at a time; no lock, no atomic read-modify-write per call
    locked,          ///< any threads; every call takes one mutex
    thread_cached,   ///< any threads; each keeps free blocks of its own and seldom needs the mutex
};

/// What a pool writes down.
enum class Statistics {
    off,     ///< nothing
    counts,  ///< calls and bytes
    times,   ///< these, and the time inside each call: two clock readings a call, about 40 ns
};

/// One size of blocks that a PoolResource keeps.
struct SizeClass {
    std::size_t block_size = 0;    ///< bytes; a multiple of 16
    std::size_t max_cached = 0;    ///< most free blocks to keep; 0 keeps none
    std::size_t preallocated = 0;  ///< free blocks taken at construction; at most max_cached
};

/// How a PoolResource is set up. Blocks larger than the last class are kept by exact size, in
/// "buckets", up to largest_custom; anything above goes straight upstream.
struct PoolConfig {
    std::vector<SizeClass> classes{{64, 1000}, {256, 500}, {1024, 100}};  ///< sizes ascending
    std::size_t max_cached_custom = 50;      ///< most free blocks in each bucket
    std::size_t max_custom_sizes = 16;       ///< most buckets
    std::size_t largest_custom = 64 * 1024;  ///< bytes
    std::size_t thread_cache = 128;  ///< thread_cached: most free blocks per thread and class
    Strategy strategy = Strategy::unsynchronized;
    Statistics statistics = Statistics::counts;
};

/// Free blocks of one size.
struct CachedBlocks {
    std::size_t block_size = 0;  ///< bytes of each
    std::size_t blocks = 0;      ///< how many are kept just now
    bool operator==(const CachedBlocks&) const = default;
};

/// What has happened since the start or since reset_stats(), and how things stand.
struct PoolStats {
    /// With Strategy::thread_cached and several threads, peak_bytes may be off by this much for
    /// each of them: an exact peak would need a counter that all threads write on each call.
    static constexpr std::size_t kPeakSlack = 64 * 1024;

    std::uint64_t allocations = 0;    ///< calls that gave memory out: hits + misses
    std::uint64_t deallocations = 0;  ///< calls that took memory back
    std::uint64_t hits = 0;           ///< served without asking upstream
    std::uint64_t misses = 0;         ///< passed on to upstream: one upstream allocation each
    std::uint64_t bytes_in_use = 0;   ///< given out and not yet back, as asked for, not rounded up
    std::uint64_t peak_bytes = 0;     ///< the most bytes_in_use has been
    std::chrono::nanoseconds allocate_time{0};    ///< with Statistics::times
    std::chrono::nanoseconds deallocate_time{0};  ///< with Statistics::times
    std::vector<CachedBlocks> classes;            ///< one for each size class, in their order
    std::vector<CachedBlocks> custom;             ///< buckets with free blocks, sizes ascending

    /// hits / allocations, from 0 to 1; 0 before the first allocation.
    [[nodiscard]] double hit_rate() const noexcept {
        if (allocations == 0) return 0.0;
        return static_cast<double>(hits) / static_cast<double>(allocations);
    }
};

/// Larger alignments than this are not pooled: such requests go straight upstream.
inline constexpr std::size_t kMaxPooledAlignment = 64;

}  // namespace cacheline
