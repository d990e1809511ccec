#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <pool_types.hpp>

#include "counter.hpp"

namespace cacheline::pool_detail {

/// What one cache has counted since it was made. Its owner writes, anybody reads.
struct Books {
    Counter<std::uint64_t> hits;
    Counter<std::uint64_t> misses;
    Counter<std::uint64_t> deallocations;
    /// Bytes taken here less bytes freed here; negative where a thread frees what others took. One
    /// number, so every look at it finds a value that was true at some moment. Two numbers, for
    /// bytes taken and bytes freed, would be read one after the other, and the calls in between
    /// would be missing from the difference.
    Counter<std::int64_t> in_use;
    Counter<std::int64_t> highest;  ///< the most that in_use has been since it was last settled
    Counter<std::int64_t> allocate_ns;
    Counter<std::int64_t> deallocate_ns;
    // Only the owner looks at these.
    std::int64_t settled = 0;  ///< what the ledger knows of in_use
    std::int64_t settle_above = std::numeric_limits<std::int64_t>::max();
    std::int64_t settle_below = std::numeric_limits<std::int64_t>::min();
};

/// Adds the books of all caches of a resource up, and knows its peak.
///
/// Bytes in use are simply the sum over the caches. Each term is right at the moment in which it is
/// read, so the sum is off by no more than the calls that run while it is made.
///
/// The peak of a sum can't be had from its terms: that takes a number which all threads write. To
/// write it on each call would cost two threads several times the price of an allocation. So each
/// cache tells the common total only when its own sum has moved by kSettleAt, half of what the
/// contract lets the peak be off for each thread:
/// - too low: at any moment the true sum is less than the total + caches * kSettleAt, and the peak
///   is never below a total that there has been;
/// - too high: the sum that stats() makes is cut off at that same limit, which is less than
///   2 * caches * kSettleAt above the true sum.
/// With only one cache (unsynchronized, locked) there is no total: `highest` is the peak itself.
class Ledger {
public:
    explicit Ledger(Strategy strategy) noexcept : shared_(strategy == Strategy::thread_cached) {}

    void open(Books& books) const noexcept {
        if (shared_) settle_around(books, 0);
    }

    void hit(Books& books, std::size_t bytes) noexcept {
        books.hits.add(1);
        gave_out(books, bytes);
    }

    void missed(Books& books, std::size_t bytes) noexcept {
        books.misses.add(1);
        gave_out(books, bytes);
    }

    void took_back(Books& books, std::size_t bytes) noexcept {
        books.deallocations.add(1);
        const std::int64_t now = books.in_use.get() - static_cast<std::int64_t>(bytes);
        books.in_use.set(now);
        if (now <= books.settle_below) [[unlikely]]
            settle(books);
    }

    /// Tells the total what these books have not told it yet. Called by their owner.
    [[gnu::noinline]] void settle(Books& books) noexcept {
        const std::int64_t now = books.in_use.get();
        // Relaxed: the total orders no other memory, and read-modify-writes lose nothing.
        const std::int64_t before =
            total_.fetch_add(now - books.settled, std::memory_order_relaxed);
        const std::int64_t most = before + books.highest.get() - books.settled;
        std::int64_t peak = peak_.load(std::memory_order_relaxed);
        while (peak < most && !peak_.compare_exchange_weak(peak, most, std::memory_order_relaxed)) {
        }
        books.highest.set(now);
        settle_around(books, now);
    }

    /// All but the free blocks. Mutex held, so that no cache is added meanwhile.
    /// @param for_each calls its argument with the books of each cache
    template <typename ForEach>
    [[nodiscard]] PoolStats sum(ForEach for_each) const {
        PoolStats out;
        std::int64_t now = 0;
        std::int64_t above = 0;  // how much more than now one of them had a while ago
        std::int64_t caches = 0;
        for_each([&](const Books& books) {
            out.hits += books.hits.get();
            out.misses += books.misses.get();
            out.deallocations += books.deallocations.get();
            out.allocate_time += std::chrono::nanoseconds(books.allocate_ns.get());
            out.deallocate_time += std::chrono::nanoseconds(books.deallocate_ns.get());
            const std::int64_t in_use = books.in_use.get();
            now += in_use;
            above = std::max(above, books.highest.get() - in_use);
            ++caches;
        });
        std::int64_t peak = now + above;
        if (shared_)
            peak = std::min(peak, total_.load(std::memory_order_relaxed) + caches * kSettleAt);
        peak = std::max(peak, peak_.load(std::memory_order_relaxed));
        // While threads run, the free may have been counted and the allocation not yet.
        out.bytes_in_use = static_cast<std::uint64_t>(std::max<std::int64_t>(now, 0));
        out.peak_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(peak, 0));
        out.hits -= zero_.hits;
        out.misses -= zero_.misses;
        out.deallocations -= zero_.deallocations;
        out.allocate_time -= zero_.allocate_time;
        out.deallocate_time -= zero_.deallocate_time;
        out.allocations = out.hits + out.misses;
        return out;
    }

    /// Mutex held; `mine` are the caller's own books. Nobody else's are written, their owners may
    /// be at it: a reset moves the line from which they are read.
    template <typename ForEach>
    void reset(Books& mine, ForEach for_each) {
        const PoolStats seen = sum(for_each);
        zero_.hits += seen.hits;
        zero_.misses += seen.misses;
        zero_.deallocations += seen.deallocations;
        zero_.allocate_time += seen.allocate_time;
        zero_.deallocate_time += seen.deallocate_time;
        mine.highest.set(mine.in_use.get());
        peak_.store(static_cast<std::int64_t>(seen.bytes_in_use), std::memory_order_relaxed);
    }

private:
    static constexpr std::int64_t kSettleAt = PoolStats::kPeakSlack / 2;

    void gave_out(Books& books, std::size_t bytes) noexcept {
        const std::int64_t now = books.in_use.get() + static_cast<std::int64_t>(bytes);
        books.in_use.set(now);
        if (now <= books.highest.get()) return;
        books.highest.set(now);
        if (now >= books.settle_above) [[unlikely]]
            settle(books);
    }

    static void settle_around(Books& books, std::int64_t now) noexcept {
        books.settled = now;
        books.settle_above = now + kSettleAt;
        books.settle_below = now - kSettleAt;
    }

    bool shared_;
    PoolStats zero_;  // what reset() has seen: where the counts start
    alignas(kLine) std::atomic<std::int64_t> total_{0};
    std::atomic<std::int64_t> peak_{0};
};

}  // namespace cacheline::pool_detail
