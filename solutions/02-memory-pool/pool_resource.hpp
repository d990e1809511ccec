#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <new>
#include <poison.hpp>
#include <pool_types.hpp>
#include <stdexcept>
#include <string>

#include "attachments.hpp"
#include "depot.hpp"
#include "power_of_two.hpp"
#include "report.hpp"
#include "size_classes.hpp"
#include "stopwatch.hpp"
#include "thread_cache.hpp"

namespace cacheline {

/// A std::pmr::memory_resource that keeps freed blocks and hands them out again.
///
/// A request of at most kMaxPooledAlignment is looked at by its size, which is the larger of bytes
/// and alignment:
/// - up to the last class: it gets a block of the smallest class that holds it;
/// - above that, up to largest_custom: a block of exactly that size, kept in a bucket for the size;
/// - everything else passes straight through to upstream, with the caller's bytes and alignment.
///
/// An allocation that finds a free block is a hit and does not call upstream; any other is a miss
/// and calls upstream exactly once, for one block. Upstream is asked for blocks only: what the
/// resource needs for its own books comes from elsewhere, and in the steady state, when every
/// allocation is a hit, it needs nothing more. Memory is handed out as upstream gave it: nothing is
/// zeroed. Under AddressSanitizer no byte of a block may be touched but those the caller asked for.
///
/// A freed block of a class is kept while fewer than max_cached are free, else it goes back
/// upstream at once; so with a cap of 0 nothing is kept. (It may also go back where there is no
/// memory to note that it is kept.) Buckets keep up to max_cached_custom
/// blocks each. There are at most max_custom_sizes buckets; when a block of one more size is freed,
/// it takes the place of a bucket that was not used lately, whose blocks go back upstream.
///
/// Threads (see Strategy): a locked or thread_cached resource may be used by any number of threads,
/// and a block be freed by another thread than the one that took it. Upstream need not be
/// thread-safe: it is called by one thread at a time. With thread_cached,
/// - each thread keeps up to min(thread_cache, max_cached) free blocks of a class for itself,
///   beyond the max_cached that all share; an allocation served from them, and a deallocation they
///   have room for, takes no lock and does not wait (buckets may take one);
/// - between the threads' caches free blocks wander through the shared ones, so a thread that only
///   frees feeds a thread that only takes;
/// - a thread that ends gives its free blocks to the shared ones;
/// - the resource may end before a thread that used it, and a thread may still use the resource
///   in the destructors of its thread_local objects.
class PoolResource final : public std::pmr::memory_resource {
public:
    /// Takes the preallocated blocks from upstream: those of a thread_cached resource are shared.
    /// @param upstream where blocks come from; must outlive the resource
    /// @throws std::invalid_argument, with the value, for classes that are 0, no multiple of 16,
    ///         above 32 KiB or not ascending, for more than 64 classes, and for more preallocated
    ///         blocks than max_cached; what upstream throws, and then nothing is kept of it.
    explicit PoolResource(const PoolConfig& config = {},
                          std::pmr::memory_resource* upstream = std::pmr::get_default_resource())
        : strategy_(config.strategy),
          times_(config.statistics == Statistics::times),
          counts_(config.statistics != Statistics::off),
          largest_custom_(config.largest_custom),
          classes_(config.classes),
          depot_(std::make_shared<pool_detail::Depot>(config, upstream)) {
        if (!times_) largest_quick_ = classes_.largest();
        if (strategy_ == Strategy::unsynchronized) alone_ = &depot_->common();
        if (strategy_ == Strategy::thread_cached) id_ = pool_detail::next_resource_id();
    }

    /// Gives every free block back to upstream, also those in the caches of threads that live on.
    /// All blocks must have been deallocated.
    ~PoolResource() override { depot_->close(); }

    PoolResource(const PoolResource&) = delete;
    PoolResource& operator=(const PoolResource&) = delete;

    // These two hide the base's: whoever knows that this is a PoolResource gets the hot path
    // inlined rather than a virtual call. It is one look-up and one pop; every other case goes to
    // the slow path, which sorts them out. (0 - 1 is no small number.)
    [[nodiscard]] void* allocate(std::size_t bytes,
                                 std::size_t alignment = alignof(std::max_align_t)) {
        const std::size_t size = size_for(bytes, alignment);
        if (size - 1 < largest_quick_ && alignment <= kMaxPooledAlignment &&
            pool_detail::is_power_of_two(alignment)) [[likely]] {
            if (pool_detail::ThreadCache* const cache = quick_cache()) [[likely]]
                if (void* const block = take_cached(*cache, size, bytes)) [[likely]]
                    return block;
        }
        return allocate_slowly(bytes, alignment);
    }

    void deallocate(void* block, std::size_t bytes,
                    std::size_t alignment = alignof(std::max_align_t)) noexcept {
        const std::size_t size = size_for(bytes, alignment);
        if (size - 1 < largest_quick_ && alignment <= kMaxPooledAlignment) [[likely]] {
            if (pool_detail::ThreadCache* const cache = quick_cache()) [[likely]]
                if (keep_cached(*cache, size, block, bytes)) [[likely]]
                    return;
        }
        deallocate_slowly(block, bytes, alignment);
    }

    /// The books. Whatever the strategy, all numbers but the peak (see PoolStats::kPeakSlack) are
    /// exact when no other thread is inside the resource. While others are, each number may lag by
    /// the calls that run at the same time as this one, and by no more: a thread that holds a
    /// megabyte throughout, and takes and frees other blocks meanwhile, is never seen with less. No
    /// count runs backwards, and allocations == hits + misses. A call that throws is not counted.
    /// With Statistics::off all counts, bytes and times are 0; free blocks are told.
    [[nodiscard]] PoolStats stats() const {
        const auto lock = lock_unless_alone();
        return depot_->stats();
    }

    /// Starts the counts and times again from 0 and the peak from bytes_in_use. What describes the
    /// present, bytes_in_use and free blocks, stays. Other threads may be inside the resource.
    void reset_stats() {
        pool_detail::ThreadCache* const own = own_cache();
        const auto lock = lock_unless_alone();
        depot_->reset_stats(own != nullptr ? *own : depot_->common());
    }

    /// report(stats()).
    [[nodiscard]] std::string report() const { return cacheline::report(stats()); }

private:
    /// @throws std::invalid_argument, with the value, for an alignment that is no power of two;
    ///         std::bad_alloc for more than PTRDIFF_MAX bytes, which no object has; what upstream
    ///         throws. The resource is then as it was. 0 bytes give a block of its own.
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        return allocate(bytes, alignment);
    }

    /// `bytes` and `alignment` are those of the allocation. Never throws.
    void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
        deallocate(block, bytes, alignment);
    }

    /// A block can go back only to the resource that gave it out.
    [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
        return this == &other;
    }

    // A block from the cache's own stack, or null. No lock: only this thread uses the cache.
    [[nodiscard]] void* take_cached(pool_detail::ThreadCache& cache, std::size_t size,
                                    std::size_t bytes) noexcept {
        void* const block = cache.stacks[classes_.index(size)].pop();
        if (block == nullptr) [[unlikely]]
            return nullptr;
        if (counts_) depot_->ledger().hit(cache.books, bytes);
        unpoison(block, bytes);
        return block;
    }

    [[nodiscard]] bool keep_cached(pool_detail::ThreadCache& cache, std::size_t size, void* block,
                                   std::size_t bytes) noexcept {
        const std::size_t i = classes_.index(size);
        if (!cache.stacks[i].try_push(block)) [[unlikely]]
            return false;
        poison(block, depot_->block_size(i));
        if (counts_) depot_->ledger().took_back(cache.books, bytes);
        return true;
    }

    [[gnu::noinline]] void* allocate_slowly(std::size_t bytes, std::size_t alignment) {
        if (!pool_detail::is_power_of_two(alignment))
            throw std::invalid_argument("PoolResource: alignment " + std::to_string(alignment) +
                                        " is not a power of two");
        const pool_detail::Stopwatch stopwatch(times_);
        const std::size_t size = std::max(bytes, alignment);
        const bool classed = size <= classes_.largest() && alignment <= kMaxPooledAlignment;
        pool_detail::ThreadCache* const own = own_cache();
        if (own != nullptr && classed) {
            if (void* const block = take_cached(*own, size, bytes)) {
                stopwatch.stop(own->books.allocate_ns);
                return block;
            }
        }
        const auto lock = lock_unless_alone();
        pool_detail::ThreadCache& cache = own != nullptr ? *own : depot_->common();
        void* const block = classed ? depot_->take(cache, classes_.index(size), bytes)
                            : is_custom(size, alignment) ? depot_->take_custom(cache, size, bytes)
                                                         : depot_->pass_on(cache, bytes, alignment);
        stopwatch.stop(cache.books.allocate_ns);  // under the lock: the cache may be the common one
        return block;
    }

    [[gnu::noinline]] void deallocate_slowly(void* block, std::size_t bytes,
                                             std::size_t alignment) noexcept {
        const pool_detail::Stopwatch stopwatch(times_);
        const std::size_t size = std::max(bytes, alignment);
        const bool classed = size <= classes_.largest() && alignment <= kMaxPooledAlignment;
        pool_detail::ThreadCache* const own = own_cache();
        if (own != nullptr && classed && keep_cached(*own, size, block, bytes)) {
            stopwatch.stop(own->books.deallocate_ns);
            return;
        }
        const auto lock = lock_unless_alone();
        pool_detail::ThreadCache& cache = own != nullptr ? *own : depot_->common();
        if (classed)
            depot_->keep(cache, classes_.index(size), block, bytes);
        else if (is_custom(size, alignment))
            depot_->keep_custom(cache, block, size, bytes);
        else
            depot_->pass_back(cache, block, bytes, alignment);
        stopwatch.stop(cache.books.deallocate_ns);
    }

    // What a block must measure. Every class is a multiple of 16, so an alignment up to that asks
    // for nothing more.
    [[nodiscard]] static std::size_t size_for(std::size_t bytes, std::size_t alignment) noexcept {
        return alignment <= pool_detail::SizeClasses::kGranule ? bytes : std::max(bytes, alignment);
    }

    // Of those that are above the classes.
    [[nodiscard]] bool is_custom(std::size_t size, std::size_t alignment) const noexcept {
        return size <= largest_custom_ && alignment <= kMaxPooledAlignment;
    }

    // The caller's cache if it can be had in a few instructions. A locked resource has none, its
    // number is no thread's.
    [[nodiscard]] pool_detail::ThreadCache* quick_cache() const noexcept {
        if (alone_ != nullptr) return alone_;
        return pool_detail::recent.id == id_ ? pool_detail::recent.cache : nullptr;
    }

    // The caller's cache, made now if need be. Null for a locked resource, at the end of a thread,
    // and without memory: then the caller works on the common one under the lock.
    [[nodiscard]] pool_detail::ThreadCache* own_cache() noexcept {
        if (pool_detail::ThreadCache* const cache = quick_cache()) return cache;
        if (strategy_ == Strategy::locked || pool_detail::thread_is_ending) return nullptr;
        try {
            pool_detail::ThreadCache* const cache =
                pool_detail::attachments.find_or_adopt(id_, depot_);
            pool_detail::recent = {id_, cache};
            return cache;
        } catch (const std::bad_alloc&) {
            return nullptr;
        }
    }

    [[nodiscard]] std::unique_lock<std::mutex> lock_unless_alone() const {
        if (alone_ != nullptr) return {};
        return std::unique_lock(depot_->mutex);
    }

    pool_detail::ThreadCache* alone_ = nullptr;  // unsynchronized: the one cache
    std::uint64_t id_ = ~std::uint64_t{0};       // thread_cached: this resource's number
    std::size_t largest_quick_ = 0;  // sizes up to this take the hot path; none when it is timed
    Strategy strategy_;
    bool times_;
    bool counts_;
    std::size_t largest_custom_;
    pool_detail::SizeClasses classes_;
    std::shared_ptr<pool_detail::Depot> depot_;
};

}  // namespace cacheline
