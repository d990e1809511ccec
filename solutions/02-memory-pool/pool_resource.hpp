#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <list>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <new>
#include <poison.hpp>
#include <pool_types.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cacheline {

namespace detail {

inline constexpr std::size_t kLine = 128;  // two cache lines: processors fetch them in pairs

/// A number that one thread at a time writes and any thread may read. A load and a store, no atomic
/// read-modify-write: that is what makes counting free on the hot path.
template <typename T>
class Counter {
public:
    [[nodiscard]] T get() const noexcept { return value_.load(std::memory_order_relaxed); }
    void set(T value) noexcept { value_.store(value, std::memory_order_relaxed); }
    void add(T value) noexcept { set(get() + value); }

private:
    std::atomic<T> value_{};
};

/// Free blocks of one size, last in, first out. Their addresses stand in an array of their own, not
/// in the blocks: to take one is not to read it, so a block that another core has just written
/// costs no cache miss here (the "magazine" of Bonwick and Adams 2001, "Magazines and Vmem").
///
/// One thread works on a stack, but any that holds the resource's mutex may ask for its size.
class BlockStack {
public:
    void limit(std::size_t blocks) noexcept { limit_ = blocks; }
    [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

    [[nodiscard]] std::size_t size() const noexcept {
        return static_cast<std::size_t>(top_.get() - begin_);
    }
    [[nodiscard]] bool empty() const noexcept { return top_.get() == begin_; }

    /// Not when empty.
    [[nodiscard]] void* top() const noexcept { return *(top_.get() - 1); }

    /// Null when empty. Reads `top_` once, like try_push: compilers don't join two reads of an
    /// atomic, and the second would wait for the store before it.
    [[nodiscard]] void* pop() noexcept {
        void** const top = top_.get();
        if (top == begin_) [[unlikely]]
            return nullptr;
        top_.set(top - 1);
        return *(top - 1);
    }

    /// False when full.
    [[nodiscard]] bool try_push(void* block) noexcept {
        void** const top = top_.get();
        if (top == end_) [[unlikely]]
            return false;
        *top = block;
        top_.set(top + 1);
        return true;
    }

    /// The same, but grows first if it may. False also when there is no memory for that. Mutex
    /// held.
    [[nodiscard]] bool try_push_or_grow(void* block) noexcept {
        return try_push(block) || (grow() && try_push(block));
    }

private:
    struct Delete {
        void operator()(void** slots) const noexcept {
            ::operator delete (slots, std::align_val_t{kLine});
        }
    };

    bool grow() noexcept {
        const std::size_t size = this->size();
        const std::size_t capacity = std::min(limit_, std::max<std::size_t>(64, 2 * size));
        if (capacity <= size) return false;
        // On lines of its own, like all that a thread writes often.
        auto* const larger = static_cast<void**>(
            ::operator new (capacity * sizeof(void*), std::align_val_t{kLine}, std::nothrow));
        if (larger == nullptr) return false;
        std::copy_n(begin_, size, larger);
        slots_.reset(larger);
        begin_ = larger;
        end_ = larger + capacity;
        top_.set(larger + size);
        return true;
    }

    Counter<void**> top_;
    void** begin_ = nullptr;
    void** end_ = nullptr;
    std::size_t limit_ = 0;
    std::unique_ptr<void*[], Delete> slots_;
};

inline constexpr std::size_t kMaxClasses = 64;

/// What one thread writes: its free blocks of each class, and its books. On cache lines of its own,
/// or two threads that share nothing would still wait for each other.
///
/// Bytes out and bytes in are counted apart: one number for both would make each call wait for the
/// store of the call before it.
struct alignas(kLine) Cache {
    Counter<std::uint64_t> hits;
    Counter<std::uint64_t> misses;
    Counter<std::uint64_t> deallocations;
    Counter<std::int64_t> given;    ///< bytes, ever
    Counter<std::int64_t> taken;    ///< bytes, ever
    Counter<std::int64_t> settled;  ///< what the common total knows of given - taken
    Counter<std::int64_t> highest;  ///< the largest given - taken since then
    std::array<BlockStack, kMaxClasses> stacks;

    /// This thread's share of the bytes in use; negative where it frees what others have taken.
    [[nodiscard]] std::int64_t net() const noexcept { return given.get() - taken.get(); }
};

/// What the threads of one resource share. It outlives the resource until the last thread that has
/// a cache here has ended, since a thread's end must find out that the resource is gone.
class Core {
public:
    Core(const PoolConfig& config, std::pmr::memory_resource* upstream)
        : upstream_(upstream),
          classes_(config.classes),
          thread_cache_(config.strategy == Strategy::thread_cached ? config.thread_cache : 0),
          max_cached_custom_(config.max_cached_custom),
          max_custom_sizes_(config.max_custom_sizes),
          largest_custom_(config.largest_custom),
          counting_(config.statistics != Statistics::off),
          depot_(std::make_unique<BlockStack[]>(classes_.size())) {
        // With one cache for all, that cache is the place for free blocks; with one for each
        // thread, it is the depot between them, and the common cache stays empty.
        const bool shared = config.strategy == Strategy::thread_cached;
        make(common_, [&](const SizeClass& c) { return shared ? 0 : c.max_cached; });
        for (std::size_t i = 0; i < classes_.size(); ++i)
            depot_[i].limit(shared ? classes_[i].max_cached : 0);
        try {
            for (std::size_t i = 0; i < classes_.size(); ++i)
                for (std::size_t n = 0; n < classes_[i].preallocated; ++n)
                    preallocate(i);
        } catch (...) {
            close();
            throw;
        }
    }

    /// Guards all below but `common` of an unsynchronized resource.
    std::mutex mutex;

    [[nodiscard]] Cache& common() noexcept { return common_; }
    [[nodiscard]] const SizeClass& size_class(std::size_t i) const noexcept { return classes_[i]; }
    [[nodiscard]] static std::size_t alignment_for(std::size_t block_size) noexcept {
        // Whoever asks for `alignment` gets a block of at least that many bytes, so this suffices.
        return std::min(std::bit_floor(block_size), kMaxPooledAlignment);
    }

    // ---- the slow path: called with the mutex held, unless one thread is all there is ----------

    /// A block of class `i`: from the cache, from the depot, or new.
    void* take(Cache& cache, std::size_t i, std::size_t bytes) {
        BlockStack& own = cache.stacks[i];
        BlockStack& depot = depot_[i];
        BlockStack& source = own.empty() ? depot : own;
        if (source.empty()) return miss(cache, bytes, classes_[i].block_size);
        void* const block = source.pop();
        // Half a cache at a time: the calls that follow, of either kind, then need no lock.
        while (own.size() < own.limit() / 2 && !depot.empty() && own.try_push_or_grow(depot.top()))
            static_cast<void>(depot.pop());
        if (counting_) hit(cache, bytes);
        return hand_out(block, bytes, classes_[i].block_size);
    }

    /// Keeps a free block of class `i`, or gives it back.
    void keep(Cache& cache, std::size_t i, void* block, std::size_t bytes) noexcept {
        BlockStack& own = cache.stacks[i];
        if (counting_) took_back(cache, bytes);
        poison(block, classes_[i].block_size);
        if (own.try_push_or_grow(block)) return;
        move_to_depot(i, own, std::min(own.size(), own.limit() / 2));
        if (!own.try_push_or_grow(block) && !depot_[i].try_push_or_grow(block))
            give_back(block, classes_[i].block_size);
    }

    void* take_custom(Cache& cache, std::size_t bytes, std::size_t size) {
        const auto bucket = find(size);
        if (bucket == buckets_.end() || bucket->stack.empty()) return miss(cache, bytes, size);
        void* const block = bucket->stack.pop();
        buckets_.splice(buckets_.begin(), buckets_, bucket);
        if (counting_) hit(cache, bytes);
        return hand_out(block, bytes, size);
    }

    void keep_custom(Cache& cache, void* block, std::size_t bytes, std::size_t size) noexcept {
        if (counting_) took_back(cache, bytes);
        poison(block, size);
        Bucket* const bucket = bucket_for(size);
        if (bucket == nullptr || !bucket->stack.try_push_or_grow(block)) give_back(block, size);
    }

    /// Too large or too strictly aligned to be kept.
    void* pass_on(Cache& cache, std::size_t bytes, std::size_t alignment) {
        void* const block = upstream_->allocate(bytes, alignment);
        if (counting_) missed(cache, bytes);
        return block;
    }

    void pass_back(Cache& cache, void* block, std::size_t bytes, std::size_t alignment) noexcept {
        if (counting_) took_back(cache, bytes);
        upstream_->deallocate(block, bytes, alignment);
    }

    [[nodiscard]] std::size_t largest_custom() const noexcept { return largest_custom_; }

    // ---- the books ---------------------------------------------------------------------------

    void hit(Cache& cache, std::size_t bytes) noexcept {
        cache.hits.add(1);
        gave_out(cache, bytes);
    }

    void took_back(Cache& cache, std::size_t bytes) noexcept {
        cache.deallocations.add(1);
        const std::int64_t taken = cache.taken.get() + static_cast<std::int64_t>(bytes);
        cache.taken.set(taken);
        const std::int64_t net = cache.given.get() - taken;
        if (net <= cache.settled.get() - kSettleAt) [[unlikely]]
            settle(cache);
    }

    /// Mutex held.
    [[nodiscard]] PoolStats stats() const {
        PoolStats out;
        std::int64_t now = in_use_.load(std::memory_order_relaxed);
        for_each_cache([&](const Cache& cache) {
            out.hits += cache.hits.get();
            out.misses += cache.misses.get();
            out.deallocations += cache.deallocations.get();
            now += cache.net() - cache.settled.get();
        });
        std::int64_t peak = std::max(peak_.load(std::memory_order_relaxed), now);
        for_each_cache([&](const Cache& cache) {
            peak = std::max(peak, now - cache.net() + cache.highest.get());
        });
        // While threads run, the free may have been counted and the allocation not yet.
        out.bytes_in_use = static_cast<std::uint64_t>(std::max<std::int64_t>(now, 0));
        out.peak_bytes = static_cast<std::uint64_t>(std::max<std::int64_t>(peak, 0));
        out.hits -= base_.hits;
        out.misses -= base_.misses;
        out.deallocations -= base_.deallocations;
        out.allocations = out.hits + out.misses;
        out.allocate_time = std::chrono::nanoseconds(allocate_ns.load(std::memory_order_relaxed));
        out.deallocate_time =
            std::chrono::nanoseconds(deallocate_ns.load(std::memory_order_relaxed));
        for (std::size_t i = 0; i < classes_.size(); ++i) {
            std::size_t blocks = depot_[i].size();
            for_each_cache([&](const Cache& cache) { blocks += cache.stacks[i].size(); });
            out.classes.push_back({classes_[i].block_size, blocks});
        }
        for (const Bucket& bucket : buckets_)
            if (!bucket.stack.empty()) out.custom.push_back({bucket.size, bucket.stack.size()});
        std::ranges::sort(out.custom, {}, &CachedBlocks::block_size);
        return out;
    }

    /// Mutex held; `mine` is the caller's own cache. Nobody else's counters are written, their
    /// owners may be at it: a reset moves the line from which they are read.
    void reset_stats(Cache& mine) {
        const PoolStats seen = stats();
        base_.hits += seen.hits;
        base_.misses += seen.misses;
        base_.deallocations += seen.deallocations;
        allocate_ns.store(0, std::memory_order_relaxed);
        deallocate_ns.store(0, std::memory_order_relaxed);
        mine.highest.set(mine.net());
        peak_.store(static_cast<std::int64_t>(seen.bytes_in_use), std::memory_order_relaxed);
    }

    std::atomic<std::int64_t> allocate_ns{0};
    std::atomic<std::int64_t> deallocate_ns{0};

    // ---- threads that come and go --------------------------------------------------------------

    /// A cache for the calling thread; one that an ended thread has left, if there is.
    Cache* adopt() {
        const std::lock_guard lock(mutex);
        if (!idle_.empty()) {
            Cache* const cache = idle_.back();
            idle_.pop_back();
            return cache;
        }
        auto cache = std::make_unique<Cache>();
        make(*cache, [&](const SizeClass& c) { return std::min(thread_cache_, c.max_cached); });
        idle_.reserve(caches_.size() + 1);  // retire runs at a thread's end and must not throw
        caches_.push_back(std::move(cache));
        return caches_.back().get();
    }

    /// A thread ends: its blocks go to the others. The cache keeps its counts, which stay in the
    /// sums.
    void retire(Cache& cache) noexcept {
        const std::lock_guard lock(mutex);
        if (closed_) return;
        for (std::size_t i = 0; i < classes_.size(); ++i) {
            move_to_depot(i, cache.stacks[i], cache.stacks[i].size());
            drain(cache.stacks[i], classes_[i].block_size);
        }
        settle(cache);
        idle_.push_back(&cache);
    }

    /// The resource ends: every free block goes back upstream.
    void close() noexcept {
        const std::lock_guard lock(mutex);
        closed_ = true;
        for (std::size_t i = 0; i < classes_.size(); ++i) {
            drain(depot_[i], classes_[i].block_size);
            drain(common_.stacks[i], classes_[i].block_size);
            for (const auto& cache : caches_)
                drain(cache->stacks[i], classes_[i].block_size);
        }
        for (Bucket& bucket : buckets_)
            drain(bucket.stack, bucket.size);
    }

private:
    struct Bucket {
        std::size_t size = 0;
        BlockStack stack;
    };

    // What the common total does not know of a cache, in either direction, is less than this.
    static constexpr std::int64_t kSettleAt = kPeakSlack;

    template <typename Limit>
    void make(Cache& cache, Limit limit) {
        for (std::size_t i = 0; i < classes_.size(); ++i)
            cache.stacks[i].limit(limit(classes_[i]));
    }

    template <typename Visit>
    void for_each_cache(Visit visit) const {
        visit(common_);
        for (const auto& cache : caches_)
            visit(*cache);
    }

    void preallocate(std::size_t i) {
        const std::size_t size = classes_[i].block_size;
        void* const block = upstream_->allocate(size, alignment_for(size));
        poison(block, size);
        if (!common_.stacks[i].try_push_or_grow(block) && !depot_[i].try_push_or_grow(block)) {
            give_back(block, size);
            throw std::bad_alloc();
        }
    }

    // Counts after the call of upstream: one that threw did not happen.
    void* miss(Cache& cache, std::size_t bytes, std::size_t size) {
        void* const block = upstream_->allocate(size, alignment_for(size));
        if (counting_) missed(cache, bytes);
        return hand_out(block, bytes, size);
    }

    // Opens the bytes asked for and no more, so that ASan sees a write into the rounding.
    static void* hand_out(void* block, std::size_t bytes, std::size_t size) noexcept {
        poison(block, size);
        unpoison(block, bytes);
        return block;
    }

    void give_back(void* block, std::size_t size) noexcept {
        unpoison(block, size);
        upstream_->deallocate(block, size, alignment_for(size));
    }

    void drain(BlockStack& stack, std::size_t size) noexcept {
        while (!stack.empty())
            give_back(stack.pop(), size);
    }

    void move_to_depot(std::size_t i, BlockStack& own, std::size_t blocks) noexcept {
        for (; blocks != 0 && depot_[i].try_push_or_grow(own.top()); --blocks)
            static_cast<void>(own.pop());
    }

    std::list<Bucket>::iterator find(std::size_t size) noexcept {
        return std::ranges::find(buckets_, size, &Bucket::size);
    }

    // The bucket for a size, in front of the others; when all are taken, the one that has gone
    // unused for longest changes its size. Null if there can be none.
    Bucket* bucket_for(std::size_t size) noexcept {
        auto bucket = find(size);
        if (bucket == buckets_.end()) {
            if (buckets_.size() < max_custom_sizes_) {
                try {
                    buckets_.emplace_back();
                } catch (const std::bad_alloc&) {
                    if (buckets_.empty()) return nullptr;
                }
            }
            if (buckets_.empty()) return nullptr;
            bucket = std::prev(buckets_.end());
            drain(bucket->stack, bucket->size);
            bucket->size = size;
            bucket->stack.limit(max_cached_custom_);
        }
        buckets_.splice(buckets_.begin(), buckets_, bucket);
        return &*bucket;
    }

    void missed(Cache& cache, std::size_t bytes) noexcept {
        cache.misses.add(1);
        gave_out(cache, bytes);
    }

    void gave_out(Cache& cache, std::size_t bytes) noexcept {
        const std::int64_t given = cache.given.get() + static_cast<std::int64_t>(bytes);
        cache.given.set(given);
        const std::int64_t net = given - cache.taken.get();
        if (net <= cache.highest.get()) return;
        cache.highest.set(net);
        if (net >= cache.settled.get() + kSettleAt) [[unlikely]]
            settle(cache);
    }

    // Tells the common total what this cache has given out. A shared counter written on each call
    // would cost two threads several times the price of the allocation; once in 64 KiB is little.
    // Relaxed: the numbers order no other memory.
    [[gnu::noinline]] void settle(Cache& cache) noexcept {
        const std::int64_t news = cache.net() - cache.settled.get();
        const std::int64_t before = in_use_.fetch_add(news, std::memory_order_relaxed);
        const std::int64_t candidate = before + cache.highest.get() - cache.settled.get();
        std::int64_t peak = peak_.load(std::memory_order_relaxed);
        while (peak < candidate &&
               !peak_.compare_exchange_weak(peak, candidate, std::memory_order_relaxed)) {
        }
        cache.settled.set(cache.net());
        cache.highest.set(cache.net());
    }

    std::pmr::memory_resource* upstream_;
    std::vector<SizeClass> classes_;
    std::size_t thread_cache_;
    std::size_t max_cached_custom_;
    std::size_t max_custom_sizes_;
    std::size_t largest_custom_;
    bool counting_;
    bool closed_ = false;
    std::unique_ptr<BlockStack[]> depot_;
    std::list<Bucket> buckets_;  // the one used last in front
    Cache common_;
    std::vector<std::unique_ptr<Cache>> caches_;
    std::vector<Cache*> idle_;
    PoolStats base_;  // what reset_stats() has seen: the zero of the counts
    std::atomic<std::int64_t> in_use_{0};
    std::atomic<std::int64_t> peak_{0};
};

/// The resource that a thread used last, by number, and its cache there. Numbers are never used
/// twice, so a new resource at the address of a dead one is not taken for it.
struct Recent {
    std::uint64_t id = 0;
    Cache* cache = nullptr;
};
inline constinit thread_local Recent recent{};
inline constinit thread_local bool thread_is_ending = false;
inline std::atomic<std::uint64_t> last_id{0};

/// All resources that a thread has a cache in. Its destructor is the thread's end.
class Attachments {
public:
    ~Attachments() {
        // Destructors of other thread_local objects may still come here; they go without a cache.
        thread_is_ending = true;
        recent = {};
        for (const Attachment& attachment : list_)
            if (const auto core = attachment.core.lock()) core->retire(*attachment.cache);
    }

    Cache* find_or_adopt(std::uint64_t id, const std::shared_ptr<Core>& core) {
        for (const Attachment& attachment : list_)
            if (attachment.id == id) return attachment.cache;
        std::erase_if(list_, [](const Attachment& a) { return a.core.expired(); });
        list_.reserve(list_.size() + 1);
        list_.push_back({id, core->adopt(), core});
        return list_.back().cache;
    }

private:
    struct Attachment {
        std::uint64_t id;
        Cache* cache;
        std::weak_ptr<Core> core;
    };
    std::vector<Attachment> list_;
};
inline thread_local Attachments attachments;

}  // namespace detail

/// A std::pmr::memory_resource that keeps free blocks in size classes and exact-size buckets.
class PoolResource final : public std::pmr::memory_resource {
public:
    explicit PoolResource(const PoolConfig& config = {},
                          std::pmr::memory_resource* upstream = std::pmr::get_default_resource())
        : strategy_(config.strategy),
          times_(config.statistics == Statistics::times),
          counts_(config.statistics != Statistics::off) {
        check(config);
        if (!config.classes.empty()) {
            largest_class_ = config.classes.back().block_size;
            if (config.statistics != Statistics::times) largest_quick_ = largest_class_;
            std::size_t granules = 0;
            for (std::size_t i = 0; i < config.classes.size(); ++i)
                for (; granules * kGranule <= config.classes[i].block_size; ++granules)
                    class_of_[granules] = static_cast<std::uint8_t>(i);
        }
        core_ = std::make_shared<detail::Core>(config, upstream);
        if (strategy_ == Strategy::unsynchronized) alone_ = &core_->common();
        if (strategy_ == Strategy::thread_cached) id_ = ++detail::last_id;
    }

    ~PoolResource() override { core_->close(); }

    PoolResource(const PoolResource&) = delete;
    PoolResource& operator=(const PoolResource&) = delete;

    // These two hide the base's: whoever knows that this is a PoolResource gets the hot path
    // inlined rather than a virtual call. It is one look-up and one pop; every other case goes to
    // the slow path, which sorts them out.
    [[nodiscard]] void* allocate(std::size_t bytes,
                                 std::size_t alignment = alignof(std::max_align_t)) {
        const std::size_t size = size_for(bytes, alignment);
        if (size <= largest_quick_ && alignment <= kMaxPooledAlignment &&
            std::has_single_bit(alignment)) [[likely]] {
            if (detail::Cache* const cache = quick_cache()) [[likely]]
                if (void* const block = take_cached(*cache, class_of(size), bytes)) [[likely]]
                    return block;
        }
        return allocate_slowly(bytes, alignment);
    }

    void deallocate(void* block, std::size_t bytes,
                    std::size_t alignment = alignof(std::max_align_t)) noexcept {
        const std::size_t size = size_for(bytes, alignment);
        if (size <= largest_quick_ && alignment <= kMaxPooledAlignment) [[likely]] {
            if (detail::Cache* const cache = quick_cache()) [[likely]]
                if (keep_cached(*cache, class_of(size), block, bytes)) [[likely]]
                    return;
        }
        deallocate_slowly(block, bytes, alignment);
    }

    [[nodiscard]] PoolStats stats() const {
        const auto lock = lock_unless_alone();
        return core_->stats();
    }

    void reset_stats() {
        detail::Cache* const cache = find_cache();
        const auto lock = lock_unless_alone();
        core_->reset_stats(cache != nullptr ? *cache : core_->common());
    }

    [[nodiscard]] std::string report() const;

private:
    static constexpr std::size_t kGranule = 16;
    static constexpr std::size_t kLargestClass = 32 * 1024;

    static void check(const PoolConfig& config) {
        const auto refuse = [](const char* what, std::size_t value) {
            throw std::invalid_argument(std::string("PoolConfig: ") + what + " " +
                                        std::to_string(value));
        };
        std::size_t before = 0;
        for (const SizeClass& c : config.classes) {
            if (c.block_size == 0 || c.block_size % kGranule != 0)
                refuse("block size is no multiple of 16:", c.block_size);
            if (c.block_size <= before)
                refuse("block sizes must ascend; out of order:", c.block_size);
            if (c.block_size > kLargestClass) refuse("block size above 32768:", c.block_size);
            if (c.preallocated > c.max_cached)
                refuse("more blocks preallocated than kept:", c.preallocated);
            before = c.block_size;
        }
        if (config.classes.size() > detail::kMaxClasses)
            refuse("more than 64 classes:", config.classes.size());
    }

    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        return allocate(bytes, alignment);
    }

    void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
        deallocate(block, bytes, alignment);
    }

    [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
        return this == &other;
    }

    // A block from the cache's own stack, or null. No lock: only this thread uses the cache.
    [[nodiscard]] void* take_cached(detail::Cache& cache, std::size_t i,
                                    std::size_t bytes) noexcept {
        void* const block = cache.stacks[i].pop();
        if (block == nullptr) [[unlikely]]
            return nullptr;
        if (counts_) core_->hit(cache, bytes);
        unpoison(block, bytes);
        return block;
    }

    [[nodiscard]] bool keep_cached(detail::Cache& cache, std::size_t i, void* block,
                                   std::size_t bytes) noexcept {
        if (!cache.stacks[i].try_push(block)) [[unlikely]]
            return false;
        poison(block, core_->size_class(i).block_size);
        if (counts_) core_->took_back(cache, bytes);
        return true;
    }

    [[gnu::noinline]] void* allocate_slowly(std::size_t bytes, std::size_t alignment) {
        if (!std::has_single_bit(alignment))
            throw std::invalid_argument("PoolResource: alignment " + std::to_string(alignment) +
                                        " is not a power of two");
        if (!times_) return allocate_somewhere(bytes, alignment);
        const auto start = std::chrono::steady_clock::now();
        void* const block = allocate_somewhere(bytes, alignment);
        add_time(core_->allocate_ns, start);
        return block;
    }

    void* allocate_somewhere(std::size_t bytes, std::size_t alignment) {
        const std::size_t size = std::max(bytes, alignment);
        const bool classed = size <= largest_class_ && alignment <= kMaxPooledAlignment;
        detail::Cache* cache = find_cache();
        if (cache != nullptr && classed)
            if (void* const block = take_cached(*cache, class_of(size), bytes)) return block;
        const auto lock = lock_unless_alone();
        if (cache == nullptr) cache = &core_->common();
        if (classed) return core_->take(*cache, class_of(size), bytes);
        if (size <= core_->largest_custom() && alignment <= kMaxPooledAlignment)
            return core_->take_custom(*cache, bytes, size);
        return core_->pass_on(*cache, bytes, alignment);
    }

    [[gnu::noinline]] void deallocate_slowly(void* block, std::size_t bytes,
                                             std::size_t alignment) noexcept {
        if (!times_) return deallocate_somewhere(block, bytes, alignment);
        const auto start = std::chrono::steady_clock::now();
        deallocate_somewhere(block, bytes, alignment);
        add_time(core_->deallocate_ns, start);
    }

    void deallocate_somewhere(void* block, std::size_t bytes, std::size_t alignment) noexcept {
        const std::size_t size = std::max(bytes, alignment);
        const bool classed = size <= largest_class_ && alignment <= kMaxPooledAlignment;
        detail::Cache* cache = find_cache();
        if (cache != nullptr && classed && keep_cached(*cache, class_of(size), block, bytes))
            return;
        const auto lock = lock_unless_alone();
        if (cache == nullptr) cache = &core_->common();
        if (classed) return core_->keep(*cache, class_of(size), block, bytes);
        if (size <= core_->largest_custom() && alignment <= kMaxPooledAlignment)
            return core_->keep_custom(*cache, block, bytes, size);
        core_->pass_back(*cache, block, bytes, alignment);
    }

    static void add_time(std::atomic<std::int64_t>& total,
                         std::chrono::steady_clock::time_point start) noexcept {
        const std::chrono::nanoseconds time = std::chrono::steady_clock::now() - start;
        total.fetch_add(time.count(), std::memory_order_relaxed);
    }

    // What a block must measure. Every class is a multiple of 16, so an alignment up to that asks
    // for nothing more.
    [[nodiscard]] static std::size_t size_for(std::size_t bytes, std::size_t alignment) noexcept {
        return alignment <= kGranule ? bytes : std::max(bytes, alignment);
    }

    [[nodiscard]] std::size_t class_of(std::size_t size) const noexcept {
        return class_of_[(size + kGranule - 1) / kGranule];
    }

    // The caller's cache if it can be had in a few instructions. A locked resource has none, its
    // number is no thread's.
    [[nodiscard]] detail::Cache* quick_cache() const noexcept {
        if (alone_ != nullptr) return alone_;
        return detail::recent.id == id_ ? detail::recent.cache : nullptr;
    }

    // The caller's cache, made now if need be. Null for a locked resource, at the end of a thread,
    // and without memory: then the caller works on the common one under the lock.
    [[nodiscard]] detail::Cache* find_cache() noexcept {
        if (alone_ != nullptr) return alone_;
        if (strategy_ == Strategy::locked || detail::thread_is_ending) return nullptr;
        try {
            detail::Cache* const cache = detail::attachments.find_or_adopt(id_, core_);
            detail::recent = {id_, cache};
            return cache;
        } catch (const std::bad_alloc&) {
            return nullptr;
        }
    }

    [[nodiscard]] std::unique_lock<std::mutex> lock_unless_alone() const {
        if (alone_ != nullptr) return {};
        return std::unique_lock(core_->mutex);
    }

    detail::Cache* alone_ = nullptr;        // unsynchronized: the one cache
    std::uint64_t id_ = ~std::uint64_t{0};  // thread_cached: this resource's number
    std::size_t largest_quick_ = 0;  // sizes up to this take the hot path; none when it is timed
    std::size_t largest_class_ = 0;
    std::shared_ptr<detail::Core> core_;
    Strategy strategy_;
    bool times_;
    bool counts_;
    std::array<std::uint8_t, kLargestClass / kGranule + 1> class_of_{};  // for each 16 bytes
};

/// Markdown; the stub shows the form.
[[nodiscard]] inline std::string report(const PoolStats& stats) {
    std::string out = "# Memory pool report\n\n## Statistics\n\n| what | value |\n|---|---:|\n";
    const auto row = [&out](const std::string& name, const std::string& value) {
        out += "| " + name + " | " + value + " |\n";
    };
    char rate[16];
    std::snprintf(rate, sizeof rate, "%.2f %%", 100.0 * stats.hit_rate());
    row("allocations", std::to_string(stats.allocations));
    row("deallocations", std::to_string(stats.deallocations));
    row("hits", std::to_string(stats.hits));
    row("misses", std::to_string(stats.misses));
    row("hit rate", rate);
    row("bytes in use", std::to_string(stats.bytes_in_use));
    row("peak bytes", std::to_string(stats.peak_bytes));
    row("time in allocate", std::to_string(stats.allocate_time.count()) + " ns");
    row("time in deallocate", std::to_string(stats.deallocate_time.count()) + " ns");
    out += "\n## Free blocks\n\n| block size | blocks |\n|---:|---:|\n";
    for (const CachedBlocks& c : stats.classes)
        row(std::to_string(c.block_size), std::to_string(c.blocks));
    for (const CachedBlocks& c : stats.custom)
        row(std::to_string(c.block_size) + " (custom)", std::to_string(c.blocks));
    return out;
}

inline std::string PoolResource::report() const {
    return cacheline::report(stats());
}

}  // namespace cacheline
