#pragma once

#include <algorithm>
#include <allocation_report.hpp>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "at_thread_end.hpp"
#include "shard.hpp"
#include "thread_place.hpp"

namespace cacheline {

/// The class of a size in bytes: 0 for 0, else k for sizes from 2^(k-1) to 2^k - 1.
[[nodiscard]] constexpr std::size_t size_class(std::size_t bytes) noexcept {
    return static_cast<std::size_t>(std::bit_width(bytes));
}

/// The counts of one resource, or of the global operators. Any thread may call any function, at any
/// time, before main and after it too: constant-initialised, never destroyed.
///
/// A pair of `allocated` and `deallocated` of small blocks writes to no cache line that another
/// running thread writes to, but for one pair in ten or fewer, in which something may be published.
/// That goes for up to 256 running threads that count, until their thread_local objects are
/// destroyed; with more, and after that, a pair may be slower.
///
/// Each thread counts in a shard of its own: an increment is a load, an add and a store on a line
/// that no other thread writes, instead of a locked instruction on one that all fight for. (The
/// idea of per-thread statistics that are summed on demand is jemalloc's and tcmalloc's.)
///
/// The peak. A shard's net is what its thread has taken minus what it has given back. It is added
/// to the shared `published_` only when it has moved by more than kBatch from `base`, the net last
/// published, and when the thread ends. So at all times
///
///     published_ = sum of base,    |net - base| <= kBatch,    live bytes = sum of net.
///
/// When a thread's net rises above all it has had since it last published, the thread looks at
/// published_ and notes published_ + net - base as its `peak`. The greatest of these notes is the
/// peak. On one thread a note is the live bytes to the byte, and the peak is exact: nothing is
/// left unpublished by threads that have ended.
///
/// With T running threads a note leaves out what the others have not published, and published_ may
/// be out of date when it is read; but it was right once, so the note is too high by T * kBatch at
/// most. Nor is the peak too low by more: each value of published_ is noted by the thread that
/// made it, so the peak is never below published_, and that is within T * kBatch of what is live.
class Counters : private allocator_detail::AtThreadEnd {
    using Shard = allocator_detail::Shard;
    using ThreadPlace = allocator_detail::ThreadPlace;

public:
    /// After an allocation of `size` bytes.
    void allocated(std::size_t size) noexcept {
        const std::size_t place = ThreadPlace::mine();
        if (place == ThreadPlace::kShared) [[unlikely]]
            return allocated_shared(size);
        Shard& shard = at(place);
        allocator_detail::bump(shard.of_size(size), 1);
        const std::uint64_t in = shard.bytes_in.load(std::memory_order_relaxed) + size;
        const std::int64_t net =
            allocator_detail::net_of(in, shard.bytes_out.load(std::memory_order_relaxed));
        if (net > shard.high) [[unlikely]]
            return allocated_above(shard, in, net);
        shard.bytes_in.store(in, std::memory_order_release);  // see stats()
    }

    /// Before a block of `size` bytes goes back.
    void deallocated(std::size_t size) noexcept {
        const std::size_t place = ThreadPlace::mine();
        if (place == ThreadPlace::kShared) [[unlikely]]
            return deallocated_shared(size);
        Shard& shard = at(place);
        allocator_detail::bump(shard.deallocations, 1);
        const std::uint64_t out = allocator_detail::bump(shard.bytes_out, size);
        const std::int64_t net =
            allocator_detail::net_of(shard.bytes_in.load(std::memory_order_relaxed), out);
        if (net < shard.low) [[unlikely]]
            publish(shard, net);
    }

    /// After an allocation that ended with an exception. Changes nothing but `failed`.
    void failed() noexcept {
        at(ThreadPlace::mine()).failed.fetch_add(1, std::memory_order_relaxed);
    }

    /// The sums over all threads, also over those that have ended. While none is at work they are
    /// exact. While some are, a snapshot lies somewhere between before and after, and still:
    ///
    /// - no total, no class of the histogram and no peak is less than in an earlier snapshot of the
    ///   same thread;
    /// - no more was given back than taken, in blocks and in bytes, so that what is live is never
    ///   below zero, whatever happens between any two instructions of this function;
    /// - the peak is no less than what is live.
    ///
    /// The peak is exact as long as one thread allocates and gives back, whether others look
    /// meanwhile or nobody does, and in static destructors too. With T threads it is right within
    /// T * kPeakSlack, either way; a thread that has ended counts no longer.
    [[nodiscard]] AllocationStats stats() const noexcept {
        // Other threads go on while this one reads, so what is live may come out wrong. It must not
        // come out too high: that would be a peak that never was. So what was taken is read first
        // and what was given back after it. Blocks that are taken and given back in between can
        // only make it too low, and it stops at zero.
        //
        // Why it is never too high: each bytes_in that the first loop reads (acquire) was stored
        // (release) by some allocation. Take these allocations and all that happened before them.
        // That is a moment in which the program may have been. At least the bytes_in that were read
        // had been taken by then; and whatever had been given back by then, the second loop sees.
        // If it sees more, the result is smaller still. Besides, where one thread did it all, that
        // thread had noted its peak before it stored bytes_in, so the peak read here covers it.
        AllocationStats sum;
        for (const Shard& shard : used()) {
            for (std::size_t i = 0; i < kSizeClasses; ++i)
                sum.histogram[i] += shard.of_class(i);
            sum.failed += shard.failed.load(std::memory_order_relaxed);
            sum.bytes_allocated += shard.bytes_in.load(std::memory_order_acquire);
        }
        for (const std::uint64_t count : sum.histogram)
            sum.allocations += count;
        std::int64_t peak = 0;
        for (const Shard& shard : used()) {
            sum.deallocations += shard.deallocations.load(std::memory_order_relaxed);
            sum.bytes_deallocated += shard.bytes_out.load(std::memory_order_relaxed);
            peak = std::max(peak, shard.peak.load(std::memory_order_relaxed));
        }
        sum.deallocations = std::min(sum.deallocations, sum.allocations);
        sum.bytes_deallocated = std::min(sum.bytes_deallocated, sum.bytes_allocated);
        sum.live_blocks = sum.allocations - sum.deallocations;
        sum.live_bytes = sum.bytes_allocated - sum.bytes_deallocated;
        // With several threads more may be live than any of them has noted. It is kept, so that a
        // peak that was shown once is never taken back.
        allocator_detail::raise_to(most_live_seen_, static_cast<std::int64_t>(sum.live_bytes));
        sum.peak_bytes = static_cast<std::uint64_t>(
            std::max(peak, most_live_seen_.load(std::memory_order_relaxed)));
        return sum;
    }

    /// To be called before the memory of these counters goes: threads that have counted here may
    /// end later, and must not come back to it.
    void retire() noexcept { withdraw(); }

private:
    // Half of what is promised, T * kPeakSlack.
    static constexpr std::int64_t kBatch = kPeakSlack / 2;

    Shard& at(std::size_t place) noexcept {
        return *reinterpret_cast<Shard*>(reinterpret_cast<std::byte*>(shards_.data()) + place);
    }

    std::span<const Shard> used() const noexcept {
        return std::span(shards_).first(ThreadPlace::used());
    }

    // The rest of `allocated` where the net is a new high.
    [[gnu::cold, gnu::noinline]] void allocated_above(Shard& shard, std::uint64_t in,
                                                      std::int64_t net) noexcept {
        if (net - shard.base > kBatch) {
            publish(shard, net);
        } else {
            enlist(&thread_ends);
            shard.high = net;
            note(shard, published_.load(std::memory_order_relaxed) + (net - shard.base));
        }
        shard.bytes_in.store(in, std::memory_order_release);
    }

    [[gnu::cold, gnu::noinline]] void publish(Shard& shard, std::int64_t net) noexcept {
        enlist(&thread_ends);
        const std::int64_t change = net - shard.base;
        note(shard, published_.fetch_add(change, std::memory_order_relaxed) + change);
        shard.high = shard.base = net;
        shard.low = net - kBatch;
    }

    static void note(Shard& shard, std::int64_t live) noexcept {
        if (live > shard.peak.load(std::memory_order_relaxed))
            shard.peak.store(live, std::memory_order_relaxed);
    }

    // A thread that ends owes nothing: otherwise each that ever ran would add to the error.
    static void thread_ends(AtThreadEnd& self, std::size_t place) noexcept {
        auto& counters = static_cast<Counters&>(self);
        Shard& shard = counters.at(place);
        const std::int64_t net =
            allocator_detail::net_of(shard.bytes_in.load(std::memory_order_relaxed),
                                     shard.bytes_out.load(std::memory_order_relaxed));
        if (net != shard.base) counters.publish(shard, net);
    }

    [[gnu::cold, gnu::noinline]] void allocated_shared(std::size_t size) noexcept {
        Shard& shard = at(ThreadPlace::kShared);
        const auto bytes = static_cast<std::int64_t>(size);
        shard.of_size(size).fetch_add(1, std::memory_order_relaxed);
        allocator_detail::raise_to(shard.peak,
                                   published_.fetch_add(bytes, std::memory_order_relaxed) + bytes);
        shard.bytes_in.fetch_add(size, std::memory_order_release);
    }

    [[gnu::cold, gnu::noinline]] void deallocated_shared(std::size_t size) noexcept {
        Shard& shard = at(ThreadPlace::kShared);
        shard.deallocations.fetch_add(1, std::memory_order_relaxed);
        shard.bytes_out.fetch_add(size, std::memory_order_relaxed);
        published_.fetch_sub(static_cast<std::int64_t>(size), std::memory_order_relaxed);
    }

    std::array<Shard, ThreadPlace::kCount> shards_{};
    // The line that all threads write, now and then.
    alignas(allocator_detail::kCacheLine) std::atomic<std::int64_t> published_{0};
    mutable std::atomic<std::int64_t> most_live_seen_{0};
};

}  // namespace cacheline
