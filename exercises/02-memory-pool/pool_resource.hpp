#pragma once

#include <cacheline/todo.hpp>
#include <cstddef>
#include <memory_resource>
#include <poison.hpp>
#include <pool_types.hpp>
#include <string>

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
    explicit PoolResource(
        [[maybe_unused]] const PoolConfig& config = {},
        [[maybe_unused]] std::pmr::memory_resource* upstream = std::pmr::get_default_resource()) {
        todo("PoolResource::PoolResource");
    }

    /// Gives every free block back to upstream, also those in the caches of threads that live on.
    /// All blocks must have been deallocated. (Yours to write: a todo here would end the program.)
    ~PoolResource() override = default;

    PoolResource(const PoolResource&) = delete;
    PoolResource& operator=(const PoolResource&) = delete;

    /// The books. Whatever the strategy, all numbers but the peak (see PoolStats::kPeakSlack) are
    /// exact when no other thread is inside the resource. While others are, each number may lag by
    /// the calls that run at the same time as this one, and by no more: a thread that holds a
    /// megabyte throughout, and takes and frees other blocks meanwhile, is never seen with less. No
    /// count runs backwards, and allocations == hits + misses. A call that throws is not counted.
    /// With Statistics::off all counts, bytes and times are 0; free blocks are told.
    [[nodiscard]] PoolStats stats() const { todo("PoolResource::stats"); }

    /// Starts the counts and times again from 0 and the peak from bytes_in_use. What describes the
    /// present, bytes_in_use and free blocks, stays. Other threads may be inside the resource.
    void reset_stats() { todo("PoolResource::reset_stats"); }

    /// report(stats()).
    [[nodiscard]] std::string report() const { todo("PoolResource::report"); }

private:
    /// @throws std::invalid_argument, with the value, for an alignment that is no power of two;
    ///         std::bad_alloc for more than PTRDIFF_MAX bytes, which no object has; what upstream
    ///         throws. The resource is then as it was. 0 bytes give a block of its own.
    void* do_allocate([[maybe_unused]] std::size_t bytes,
                      [[maybe_unused]] std::size_t alignment) override {
        todo("PoolResource::do_allocate");
    }

    /// `bytes` and `alignment` are those of the allocation. Never throws.
    void do_deallocate([[maybe_unused]] void* block, [[maybe_unused]] std::size_t bytes,
                       [[maybe_unused]] std::size_t alignment) override {
        todo("PoolResource::do_deallocate");
    }

    /// A block can go back only to the resource that gave it out.
    [[nodiscard]] bool do_is_equal(
        [[maybe_unused]] const std::pmr::memory_resource& other) const noexcept override {
        return this == &other;
    }
};

/// The books as Markdown: a heading, a table of the totals, a table of the free blocks. For
/// instance
///
///     # Memory pool report
///
///     ## Statistics
///
///     | what | value |
///     |---|---:|
///     | allocations | 8 |
///     | deallocations | 6 |
///     | hits | 5 |
///     | misses | 3 |
///     | hit rate | 62.50 % |
///     | bytes in use | 2048 |
///     | peak bytes | 4096 |
///     | time in allocate | 120 ns |
///     | time in deallocate | 90 ns |
///
///     ## Free blocks
///
///     | block size | blocks |
///     |---:|---:|
///     | 64 | 1 |
///     | 256 | 0 |
///     | 1500 (custom) | 2 |
///
/// with a row for each class and each bucket in `stats`, and a hit rate of 0.00 % before the first
/// allocation.
[[nodiscard]] inline std::string report([[maybe_unused]] const PoolStats& stats) {
    todo("report");
}

}  // namespace cacheline
