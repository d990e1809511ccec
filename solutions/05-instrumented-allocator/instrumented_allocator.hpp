#pragma once

#include <algorithm>
#include <allocation_report.hpp>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cacheline {

// ---------------------------------------------------------------------------------------- figures

/// The class of a size in bytes: 0 for 0, else k for sizes from 2^(k-1) to 2^k - 1.
[[nodiscard]] constexpr std::size_t size_class(std::size_t bytes) noexcept {
    return static_cast<std::size_t>(std::bit_width(bytes));
}

// --------------------------------------------------------------------------------------- counters

/// A place of its own for each running thread, the same in all counters of the process, so that
/// counters can be arrays with one writer for each element. A thread that ends hands its place on.
///
/// A place is kept as its distance in bytes from the array's start: that spares the hot path a
/// multiplication, and makes one address from which all of an element is reached.
class ThreadSlot {
public:
    static constexpr std::size_t kCount = 64;
    static constexpr std::size_t kBytes = 640;  ///< of one element: whole cache lines
    /// For threads without a place of their own: they are too many, or their end has begun.
    static constexpr std::size_t kShared = 0;

    [[nodiscard]] static std::size_t mine() noexcept {
        const std::size_t slot = slot_;
        return slot != kShared ? slot : claim();
    }

private:
    // Hands the slot on when the thread ends. It is kept apart from slot_, which has neither
    // constructor nor destructor: the hot path reads it without a guard, and destructors of other
    // thread_local objects, and of static ones, may still allocate after this one has run.
    struct Keeper {
        ~Keeper() {
            const std::uint64_t bit = std::uint64_t{1} << (slot_ / kBytes);
            slot_ = kShared;
            ended_ = true;
            // Release, with the acquire in claim(): the next owner goes on from our last values,
            // which it reads and writes with relaxed and plain accesses.
            taken_.fetch_and(~bit, std::memory_order_release);
        }
    };

    [[gnu::cold, gnu::noinline]] static std::size_t claim() noexcept {
        if (ended_) return kShared;
        std::uint64_t taken = taken_.load(std::memory_order_relaxed);
        int lowest_free;
        do {
            if (taken == ~std::uint64_t{0}) return kShared;
            lowest_free = std::countr_one(taken);
        } while (!taken_.compare_exchange_weak(taken, taken | std::uint64_t{1} << lowest_free,
                                               std::memory_order_acquire,
                                               std::memory_order_relaxed));
        slot_ = static_cast<std::size_t>(lowest_free) * kBytes;
        static thread_local Keeper keeper;
        static_cast<void>(keeper);
        return slot_;
    }

    inline static constinit thread_local std::size_t slot_ = kShared;
    inline static constinit thread_local bool ended_ = false;
    inline static constinit std::atomic<std::uint64_t> taken_{1};  // kShared is never given out
};

/// The counts of one resource, or of the global operators. Constant-initialised and never
/// destroyed, so usable before main and after it. All functions may be called by any thread.
///
/// Each thread counts in a shard of its own: an increment is a load, an add and a store on a line
/// that no other thread writes, instead of a locked instruction on one that all fight for. (The
/// idea of per-thread statistics that are summed on demand is jemalloc's and tcmalloc's.)
class Counters {
public:
    void allocated(std::size_t size) noexcept {
        const std::size_t slot = ThreadSlot::mine();
        if (slot == ThreadSlot::kShared) [[unlikely]]
            return allocated_shared(size);
        Shard& shard = at(slot);
        bump(shard.by_zeros[leading_zeros(size)], 1);
        const std::uint64_t in = bump(shard.bytes_in, size);
        const std::int64_t net = difference(in, shard.bytes_out.load(std::memory_order_relaxed));
        if (net > shard.high) [[unlikely]]
            rose(shard, net);
    }

    void deallocated(std::size_t size) noexcept {
        const std::size_t slot = ThreadSlot::mine();
        if (slot == ThreadSlot::kShared) [[unlikely]]
            return deallocated_shared(size);
        Shard& shard = at(slot);
        // Release: see stats().
        bump(shard.deallocations, 1, std::memory_order_release);
        const std::uint64_t out = bump(shard.bytes_out, size, std::memory_order_release);
        const std::int64_t net = difference(shard.bytes_in.load(std::memory_order_relaxed), out);
        if (net < shard.low) [[unlikely]]
            settle(shard, net);
    }

    void failed() noexcept {
        at(ThreadSlot::mine()).failed.fetch_add(1, std::memory_order_relaxed);
    }

    [[nodiscard]] AllocationStats stats() const noexcept {
        AllocationStats sum;
        // What was given back is read first. A deallocation that is seen here (acquire) was counted
        // (release) after its allocation was, on whatever thread, so the second loop, which comes
        // later, sees that allocation too: no snapshot shows more given back than taken. The other
        // order would let a block be taken and given back between the two loops.
        for (const Shard& shard : shards_) {
            sum.deallocations += shard.deallocations.load(std::memory_order_acquire);
            sum.bytes_deallocated += shard.bytes_out.load(std::memory_order_acquire);
        }
        std::int64_t excess = 0;
        for (const Shard& shard : shards_) {
            sum.bytes_allocated += shard.bytes_in.load(std::memory_order_relaxed);
            sum.failed += shard.failed.load(std::memory_order_relaxed);
            excess += shard.excess.load(std::memory_order_relaxed);
            for (std::size_t i = 0; i < kSizeClasses; ++i)
                sum.histogram[kSizeClasses - 1 - i] +=
                    shard.by_zeros[i].load(std::memory_order_relaxed);
        }
        for (const std::uint64_t count : sum.histogram)
            sum.allocations += count;
        sum.live_blocks = sum.allocations - sum.deallocations;
        sum.live_bytes = sum.bytes_allocated - sum.bytes_deallocated;
        // Kept, so that a peak that was shown once is never taken back.
        raise_peak(published_.load(std::memory_order_relaxed) + excess);
        raise_peak(static_cast<std::int64_t>(sum.live_bytes));
        sum.peak_bytes = static_cast<std::uint64_t>(peak_.load(std::memory_order_relaxed));
        return sum;
    }

private:
    // The peak. A shard's net bytes (taken minus given back; below zero for a thread that frees
    // what others took) are added to the shared published_ only when they have moved by more than
    // kBatch from `base`, the net last published. `high` is the net's highest since then, `excess`
    // its rise above base, and below `low` the next publication is due. So at all times
    //     published_ = sum of base,   |net - base| <= kBatch,   0 <= excess <= kBatch,
    // and each publication raises peak_ to published_ + excess, before its own change. With one
    // shard in use that is every maximum, exactly. With T of them, published_ is within T * kBatch
    // of the live bytes, and an excess may be as old as its shard's last publication: off by at
    // most 2 * T * kBatch in all.
    static constexpr std::int64_t kBatch = kPeakSlack / 2;
    static constexpr std::size_t kCacheLine = 64;

    struct alignas(kCacheLine) Shard {
        // The owner's alone:
        std::int64_t high = 0;
        std::int64_t low = 0;  // base - kBatch, but for the first time: all zero is no code to run
        std::int64_t base = 0;
        // Written by the owner, read by stats():
        std::atomic<std::uint64_t> bytes_in{0};
        std::atomic<std::uint64_t> bytes_out{0};
        std::atomic<std::uint64_t> deallocations{0};
        std::atomic<std::uint64_t> failed{0};
        std::atomic<std::int64_t> excess{0};
        // The histogram by leading zeros, which is one instruction less than by size_class. The
        // allocations are its sum, which is one counter less.
        std::array<std::atomic<std::uint64_t>, kSizeClasses> by_zeros{};
    };
    static_assert(sizeof(Shard) == ThreadSlot::kBytes);

    Shard& at(std::size_t slot) noexcept {
        return *reinterpret_cast<Shard*>(reinterpret_cast<std::byte*>(shards_.data()) + slot);
    }

    static unsigned leading_zeros(std::size_t size) noexcept {
        return static_cast<unsigned>(std::countl_zero(size));
    }

    // The owner's increment. Nobody else writes here, so nothing can come between load and store.
    static std::uint64_t bump(std::atomic<std::uint64_t>& counter, std::uint64_t by,
                              std::memory_order order = std::memory_order_relaxed) noexcept {
        const std::uint64_t sum = counter.load(std::memory_order_relaxed) + by;
        counter.store(sum, order);
        return sum;
    }

    static std::int64_t difference(std::uint64_t in, std::uint64_t out) noexcept {
        return static_cast<std::int64_t>(in - out);
    }

    [[gnu::cold, gnu::noinline]] void rose(Shard& shard, std::int64_t net) noexcept {
        shard.high = net;
        if (net - shard.base > kBatch) {
            settle(shard, net);
        } else {
            shard.excess.store(net - shard.base, std::memory_order_relaxed);
        }
    }

    [[gnu::cold, gnu::noinline]] void settle(Shard& shard, std::int64_t net) noexcept {
        publish(net - shard.base, shard.high - shard.base);
        shard.high = shard.base = net;
        shard.low = net - kBatch;
        shard.excess.store(0, std::memory_order_relaxed);
    }

    [[gnu::cold, gnu::noinline]] void allocated_shared(std::size_t size) noexcept {
        Shard& shard = at(ThreadSlot::kShared);
        shard.by_zeros[leading_zeros(size)].fetch_add(1, std::memory_order_relaxed);
        shard.bytes_in.fetch_add(size, std::memory_order_relaxed);
        publish(static_cast<std::int64_t>(size), static_cast<std::int64_t>(size));
    }

    [[gnu::cold, gnu::noinline]] void deallocated_shared(std::size_t size) noexcept {
        Shard& shard = at(ThreadSlot::kShared);
        shard.deallocations.fetch_add(1, std::memory_order_release);
        shard.bytes_out.fetch_add(size, std::memory_order_release);
        publish(-static_cast<std::int64_t>(size), 0);
    }

    // Adds `change` to the published bytes; on the way they were `rise` above what they had been.
    void publish(std::int64_t change, std::int64_t rise) noexcept {
        raise_peak(published_.fetch_add(change, std::memory_order_relaxed) + rise);
    }

    void raise_peak(std::int64_t bytes) const noexcept {
        std::int64_t peak = peak_.load(std::memory_order_relaxed);
        while (bytes > peak &&
               !peak_.compare_exchange_weak(peak, bytes, std::memory_order_relaxed)) {
        }
    }

    std::array<Shard, ThreadSlot::kCount> shards_{};
    alignas(kCacheLine) std::atomic<std::int64_t> published_{0};
    mutable std::atomic<std::int64_t> peak_{0};
};

// ------------------------------------------------------------------------------------------- tags

/// Charges what the calling thread allocates, while the object lives, to a name. Tags nest: the
/// innermost counts. Threads are independent of each other, and start without a tag.
class AllocationTag {
public:
    /// The name is copied; equal names are one tag.
    explicit AllocationTag(std::string_view name) : outer_(current_) { current_ = intern(name); }
    ~AllocationTag() { current_ = outer_; }
    AllocationTag(const AllocationTag&) = delete;
    AllocationTag& operator=(const AllocationTag&) = delete;

    /// The calling thread's innermost tag, "" if there is none. Valid while that tag is.
    [[nodiscard]] static std::string_view current() { return current_; }

private:
    // Names live for ever: a block may outlive every object that could own its tag's name.
    static std::string_view intern(std::string_view name) {
        static std::mutex mutex;
        static auto& names = *new std::set<std::string, std::less<>>;
        const std::lock_guard lock(mutex);
        const auto known = names.find(name);
        return *(known != names.end() ? known : names.emplace(name).first);
    }

    inline static constinit thread_local std::string_view current_;
    std::string_view outer_;
};

/// Which blocks are live, for the checked mode: a hash table by address, in stripes with a lock
/// each, so that threads seldom meet.
class BlockBook {
public:
    struct Block {
        std::size_t size;
        std::size_t alignment;
        std::string_view tag;  // AllocationTag's own copy
    };

    /// May throw std::bad_alloc, and then has recorded nothing.
    void add(const void* address, std::size_t size, std::size_t alignment) {
        Stripe& stripe = stripe_of(address);
        const Block block{size, alignment, AllocationTag::current()};
        const std::lock_guard lock(stripe.mutex);
        Totals& totals = stripe.by_tag[block.tag];
        stripe.live.insert_or_assign(address, block);
        ++totals.allocations;
        totals.bytes_allocated += size;
    }

    [[nodiscard]] std::optional<Block> remove(const void* address) noexcept {
        Stripe& stripe = stripe_of(address);
        const std::lock_guard lock(stripe.mutex);
        const auto found = stripe.live.find(address);
        if (found == stripe.live.end()) return std::nullopt;
        const Block block = found->second;
        stripe.live.erase(found);
        Totals& totals = stripe.by_tag.find(block.tag)->second;
        ++totals.deallocations;
        totals.bytes_deallocated += block.size;
        return block;
    }

    [[nodiscard]] LeakReport leaks() const {
        std::map<std::pair<std::string_view, std::size_t>, std::uint64_t> counts;
        for (const Stripe& stripe : stripes_) {
            const std::lock_guard lock(stripe.mutex);
            for (const auto& [address, block] : stripe.live)
                ++counts[{block.tag, block.size}];
        }
        LeakReport report;
        for (const auto& [key, count] : counts)
            report.leaks.push_back({std::string(key.first), key.second, count});
        // The map has sorted by tag and size; a stable sort keeps that among equals.
        std::ranges::stable_sort(report.leaks, std::ranges::greater{},
                                 [](const Leak& leak) { return leak.count * leak.size; });
        return report;
    }

    [[nodiscard]] std::vector<TagStats> tags() const {
        std::map<std::string_view, TagStats> sums;
        for (const Stripe& stripe : stripes_) {
            const std::lock_guard lock(stripe.mutex);
            for (const auto& [tag, totals] : stripe.by_tag) {
                TagStats& sum = sums[tag];
                sum.tag = tag;
                sum.allocations += totals.allocations;
                sum.deallocations += totals.deallocations;
                sum.bytes_allocated += totals.bytes_allocated;
                sum.bytes_deallocated += totals.bytes_deallocated;
            }
        }
        std::vector<TagStats> result;
        result.reserve(sums.size());
        for (auto& [tag, sum] : sums)
            result.push_back(std::move(sum));
        return result;
    }

private:
    struct Totals {
        std::uint64_t allocations = 0;
        std::uint64_t deallocations = 0;
        std::uint64_t bytes_allocated = 0;
        std::uint64_t bytes_deallocated = 0;
    };

    struct alignas(64) Stripe {
        mutable std::mutex mutex;
        std::unordered_map<const void*, Block> live;
        std::unordered_map<std::string_view, Totals> by_tag;
    };

    Stripe& stripe_of(const void* address) noexcept {
        // Blocks are 16 bytes apart or more; Fibonacci hashing (Knuth, TAOCP 6.4) spreads the rest.
        const auto key = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(address) >> 4);
        return stripes_[(key * 0x9E3779B97F4A7C15u) >> 60];
    }

    std::array<Stripe, 16> stripes_;
};

// --------------------------------------------------------------------------------------- resource

/// Passes requests on to another resource and counts them. All functions but set_observer may be
/// called by any number of threads at once. Blocks that are live when it is destroyed stay with the
/// upstream.
class InstrumentedResource final : public std::pmr::memory_resource {
public:
    /// Throws std::invalid_argument for a null upstream.
    explicit InstrumentedResource(std::pmr::memory_resource* upstream, Mode mode = Mode::counting)
        : upstream_(upstream) {
        if (upstream == nullptr)
            throw std::invalid_argument("InstrumentedResource: the upstream is null");
        if (mode == Mode::checked) book_ = std::make_unique<BlockBook>();
    }

    /// The counts, in time proportional to the threads and classes there may be.
    [[nodiscard]] AllocationStats stats() const { return counters_.stats(); }

    /// Calls `observer` on each event from now on, or nothing if it is empty. To be called while no
    /// other thread uses the resource.
    void set_observer(Observer observer) { observer_ = std::move(observer); }

    /// The live blocks. Throws std::logic_error unless in checked mode.
    [[nodiscard]] LeakReport leaks() const { return book("leaks").leaks(); }

    /// The totals of each tag that was ever charged, by name. Throws std::logic_error unless in
    /// checked mode.
    [[nodiscard]] std::vector<TagStats> tags() const { return book("tags").tags(); }

    /// The misuses of deallocate so far, in order. Throws std::logic_error unless in checked mode.
    [[nodiscard]] std::vector<Misuse> misuses() const {
        static_cast<void>(book("misuses"));
        const std::lock_guard lock(misuse_mutex_);
        return misuses_;
    }

private:
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        void* block;
        try {
            block = obtain(size, alignment);
        } catch (...) {
            counters_.failed();
            announce({AllocationEvent::Kind::failed, nullptr, size, alignment});
            throw;
        }
        counters_.allocated(size);
        announce({AllocationEvent::Kind::allocated, block, size, alignment});
        return block;
    }

    void do_deallocate(void* block, std::size_t size, std::size_t alignment) override {
        if (book_ != nullptr && !check(block, size, alignment)) return;
        // All before the block goes back: from then on another thread may be given it, and its
        // event must not overtake ours.
        counters_.deallocated(size);
        announce({AllocationEvent::Kind::deallocated, block, size, alignment});
        upstream_->deallocate(block, size, alignment);
    }

    [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;  // another's block would spoil both books
    }

    void* obtain(std::size_t size, std::size_t alignment) {
        void* const block = upstream_->allocate(size, alignment);
        if (book_ != nullptr) {
            try {
                book_->add(block, size, alignment);
            } catch (...) {
                upstream_->deallocate(block, size, alignment);
                throw;
            }
        }
        return block;
    }

    // Corrects size and alignment to the recorded ones; false if the block is not live.
    bool check(const void* block, std::size_t& size, std::size_t& alignment) noexcept {
        const std::optional<BlockBook::Block> known = book_->remove(block);
        if (!known) {
            report(Misuse::Kind::not_live, block, size, 0, {});
            return false;
        }
        if (known->size != size)
            report(Misuse::Kind::wrong_size, block, size, known->size, known->tag);
        if (known->alignment != alignment)
            report(Misuse::Kind::wrong_alignment, block, alignment, known->alignment, known->tag);
        size = known->size;
        alignment = known->alignment;
        return true;
    }

    // Deallocation happens in destructors, so the report must not throw: with no memory left for
    // it, it is dropped.
    void report(Misuse::Kind kind, const void* address, std::size_t given, std::size_t recorded,
                std::string_view tag) noexcept {
        try {
            const std::lock_guard lock(misuse_mutex_);
            misuses_.push_back({kind, address, given, recorded, std::string(tag)});
        } catch (...) {
        }
    }

    void announce(const AllocationEvent& event) const noexcept {
        if (!observer_ || observing_) return;
        observing_ = true;
        try {
            observer_(event);
        } catch (...) {
            // The allocation stands whatever its observer thinks of it, and a deallocation may
            // come from a destructor.
        }
        observing_ = false;
    }

    [[nodiscard]] const BlockBook& book(const char* function) const {
        if (book_ == nullptr)
            throw std::logic_error(std::string("InstrumentedResource::") + function +
                                   " needs Mode::checked");
        return *book_;
    }

    // Of the thread, not of the resource: other threads' events are still announced meanwhile, and
    // two resources whose observers use each other do not go round in circles.
    inline static constinit thread_local bool observing_ = false;

    std::pmr::memory_resource* upstream_;
    std::unique_ptr<BlockBook> book_;  // null unless in checked mode
    Observer observer_;
    mutable std::mutex misuse_mutex_;
    std::vector<Misuse> misuses_;
    Counters counters_;
};

/// An allocator for standard containers over an InstrumentedResource, without pmr's virtual call.
/// Containers that are copied or moved keep counting on the same resource.
template <typename T>
class InstrumentedAllocator {
public:
    using value_type = T;
    using propagate_on_container_copy_assignment = std::true_type;
    using propagate_on_container_move_assignment = std::true_type;
    using propagate_on_container_swap = std::true_type;

    /// Throws std::invalid_argument for a null resource.
    explicit InstrumentedAllocator(InstrumentedResource* resource) : resource_(resource) {
        if (resource == nullptr)
            throw std::invalid_argument("InstrumentedAllocator: the resource is null");
    }

    template <typename U>
    InstrumentedAllocator(const InstrumentedAllocator<U>& other) noexcept
        : resource_(other.resource()) {}

    /// Memory for n objects. Throws std::bad_array_new_length when their bytes are no std::size_t.
    [[nodiscard]] T* allocate(std::size_t n) {
        if (n > std::numeric_limits<std::size_t>::max() / sizeof(T))
            throw std::bad_array_new_length();
        return static_cast<T*>(resource_->allocate(n * sizeof(T), alignof(T)));
    }

    /// Null is nothing, as for free and delete.
    void deallocate(T* block, std::size_t n) {
        // Here and not in do_deallocate: memory_resource's deallocate is declared never to be given
        // null, so a compiler may take the question out of whatever lies behind it.
        if (block != nullptr) resource_->deallocate(block, n * sizeof(T), alignof(T));
    }

    [[nodiscard]] InstrumentedResource* resource() const noexcept { return resource_; }

    template <typename U>
    friend bool operator==(const InstrumentedAllocator& a,
                           const InstrumentedAllocator<U>& b) noexcept {
        return a.resource() == b.resource();
    }

private:
    InstrumentedResource* resource_;
};

// ----------------------------------------------------------------------------------------- scopes

/// Measures what happens to a resource, by all threads, from the object's construction on. Scopes
/// nest and overlap freely: an outer one includes what an inner one sees.
class AllocationScope {
public:
    explicit AllocationScope(const InstrumentedResource& resource)
        : resource_(&resource), start_(resource.stats()) {}

    /// What has happened since the construction.
    [[nodiscard]] AllocationDelta so_far() const {
        const AllocationStats now = resource_->stats();
        AllocationDelta delta;
        delta.allocations = now.allocations - start_.allocations;
        delta.deallocations = now.deallocations - start_.deallocations;
        delta.failed = now.failed - start_.failed;
        delta.bytes_allocated = now.bytes_allocated - start_.bytes_allocated;
        delta.bytes_deallocated = now.bytes_deallocated - start_.bytes_deallocated;
        delta.live_blocks = static_cast<std::int64_t>(now.live_blocks - start_.live_blocks);
        delta.live_bytes = static_cast<std::int64_t>(now.live_bytes - start_.live_bytes);
        return delta;
    }

private:
    const InstrumentedResource* resource_;
    AllocationStats start_;
};

// ----------------------------------------------------------------------------------------- global

/// The counts of the global operators new and delete, of the whole process. Defined in
/// global_new.cpp, which replaces the operators in each program that it is linked into.
[[nodiscard]] AllocationStats global_stats();

}  // namespace cacheline
