// accepted: links in the free blocks, one set of atomic counters for all threads, a map of caches
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <new>
#include <poison.hpp>
#include <pool_types.hpp>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace cacheline {

namespace plain {

// Blocks of one size, linked through themselves.
class List {
public:
    bool empty() const { return first_ == nullptr; }
    std::size_t size() const { return size_.load(std::memory_order_relaxed); }

    void push(void* block, std::size_t bytes) {
        unpoison(block, sizeof(Link));
        first_ = ::new (block) Link{first_};
        poison(block, bytes);
        size_.store(size() + 1, std::memory_order_relaxed);
    }

    void* pop() {
        Link* const block = first_;
        unpoison(block, sizeof(Link));
        first_ = block->next;
        poison(block, sizeof(Link));
        size_.store(size() - 1, std::memory_order_relaxed);
        return block;
    }

private:
    struct Link {
        Link* next;
    };
    Link* first_ = nullptr;
    std::atomic<std::size_t> size_{0};
};

using Lists = std::array<List, 64>;

struct Hub {
    std::mutex mutex;
    std::pmr::memory_resource* upstream = nullptr;
    PoolConfig config;
    Lists shared;
    std::set<Lists*> of_threads;
    bool open = true;

    std::size_t size_of(std::size_t i) const { return config.classes[i].block_size; }

    static std::size_t alignment_of(std::size_t bytes) {
        return std::min(std::bit_floor(bytes), kMaxPooledAlignment);
    }

    void give_back(void* block, std::size_t bytes) {
        unpoison(block, bytes);
        upstream->deallocate(block, bytes, alignment_of(bytes));
    }

    void share(std::size_t i, void* block) {
        if (shared[i].size() < config.classes[i].max_cached)
            shared[i].push(block, size_of(i));
        else
            give_back(block, size_of(i));
    }

    // Hands what a thread has to all.
    void collect(Lists& lists) {
        for (std::size_t i = 0; i < config.classes.size(); ++i)
            while (!lists[i].empty())
                share(i, lists[i].pop());
    }

    void drain(Lists& lists) {
        for (std::size_t i = 0; i < config.classes.size(); ++i)
            while (!lists[i].empty())
                give_back(lists[i].pop(), size_of(i));
    }
};

struct ThreadLists {
    struct Entry {
        std::shared_ptr<Hub> hub;
        std::unique_ptr<Lists> lists = std::make_unique<Lists>();
    };
    std::map<std::uint64_t, Entry> entries;

    ~ThreadLists();
};

inline thread_local bool over = false;
inline thread_local ThreadLists thread_lists;

inline ThreadLists::~ThreadLists() {
    over = true;
    for (auto& [id, entry] : entries) {
        const std::lock_guard lock(entry.hub->mutex);
        if (entry.hub->open) entry.hub->collect(*entry.lists);
        entry.hub->of_threads.erase(entry.lists.get());
    }
}

}  // namespace plain

class PoolResource final : public std::pmr::memory_resource {
public:
    explicit PoolResource(const PoolConfig& config = {},
                          std::pmr::memory_resource* upstream = std::pmr::get_default_resource())
        : config_(config), upstream_(upstream), hub_(std::make_shared<plain::Hub>()) {
        std::size_t last = 0;
        for (const SizeClass& c : config.classes) {
            if (c.block_size <= last || c.block_size % 16 != 0 || c.block_size > 32768)
                throw std::invalid_argument("block size " + std::to_string(c.block_size));
            if (c.preallocated > c.max_cached)
                throw std::invalid_argument("preallocated " + std::to_string(c.preallocated));
            last = c.block_size;
        }
        if (config.classes.size() > 64)
            throw std::invalid_argument(std::to_string(config.classes.size()) + " classes");
        hub_->upstream = upstream;
        hub_->config = config;
        try {
            for (std::size_t i = 0; i < config.classes.size(); ++i)
                for (std::size_t n = 0; n < config.classes[i].preallocated; ++n)
                    hub_->shared[i].push(fetch(hub_->size_of(i)), hub_->size_of(i));
        } catch (...) {
            hub_->drain(hub_->shared);
            throw;
        }
    }

    ~PoolResource() override {
        const std::lock_guard lock(hub_->mutex);
        hub_->open = false;
        hub_->drain(hub_->shared);
        for (plain::Lists* lists : hub_->of_threads)
            hub_->drain(*lists);
        for (auto& [bytes, blocks] : buckets_)
            for (void* block : blocks)
                hub_->give_back(block, bytes);
    }

    PoolResource(const PoolResource&) = delete;
    PoolResource& operator=(const PoolResource&) = delete;

    [[nodiscard]] PoolStats stats() const {
        PoolStats out;
        const auto lock = guard();
        out.deallocations = deallocations_.load();
        out.hits = hits_.load();
        out.misses = misses_.load();
        out.allocations = out.hits + out.misses;
        out.bytes_in_use = static_cast<std::uint64_t>(std::max<std::int64_t>(0, in_use_.load()));
        out.peak_bytes = static_cast<std::uint64_t>(peak_.load());
        out.allocate_time = std::chrono::nanoseconds(allocate_ns_.load());
        out.deallocate_time = std::chrono::nanoseconds(deallocate_ns_.load());
        for (std::size_t i = 0; i < config_.classes.size(); ++i) {
            std::size_t blocks = hub_->shared[i].size();
            for (const plain::Lists* lists : hub_->of_threads)
                blocks += (*lists)[i].size();
            out.classes.push_back({hub_->size_of(i), blocks});
        }
        for (const auto& [bytes, blocks] : buckets_)
            if (!blocks.empty()) out.custom.push_back({bytes, blocks.size()});
        std::ranges::sort(out.custom, {}, &CachedBlocks::block_size);
        return out;
    }

    void reset_stats() {
        // Subtract what was there, so that counts made meanwhile are not lost.
        deallocations_ -= deallocations_.load();
        hits_ -= hits_.load();
        misses_ -= misses_.load();
        allocate_ns_ = 0;
        deallocate_ns_ = 0;
        peak_ = std::max<std::int64_t>(0, in_use_.load());
    }

    [[nodiscard]] std::string report() const;

private:
    using Clock = std::chrono::steady_clock;

    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        if (!std::has_single_bit(alignment))
            throw std::invalid_argument("alignment " + std::to_string(alignment));
        if (config_.statistics != Statistics::times) return take(bytes, alignment);
        const auto start = Clock::now();
        void* const block = take(bytes, alignment);
        add(allocate_ns_, (Clock::now() - start).count());
        return block;
    }

    void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
        if (config_.statistics != Statistics::times) return keep(block, bytes, alignment);
        const auto start = Clock::now();
        keep(block, bytes, alignment);
        add(deallocate_ns_, (Clock::now() - start).count());
    }

    [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
        return this == &other;
    }

    void* take(std::size_t bytes, std::size_t alignment) {
        const std::size_t size = std::max(bytes, alignment);
        if (alignment > kMaxPooledAlignment) {
            const auto lock = guard();
            return count_miss(upstream_->allocate(bytes, alignment), bytes);
        }
        const auto c = std::ranges::lower_bound(config_.classes, size, {}, &SizeClass::block_size);
        if (c != config_.classes.end()) {
            const auto i = static_cast<std::size_t>(c - config_.classes.begin());
            plain::Lists* const own = mine();
            if (own != nullptr && !(*own)[i].empty()) return count_hit((*own)[i].pop(), bytes);
            const auto lock = guard();
            if (!hub_->shared[i].empty()) {
                void* const block = hub_->shared[i].pop();
                for (std::size_t n = own == nullptr ? 0 : room(i) / 4;
                     n != 0 && !hub_->shared[i].empty(); --n)
                    (*own)[i].push(hub_->shared[i].pop(), c->block_size);
                return count_hit(block, bytes);
            }
            return count_miss(fetch(c->block_size), bytes);
        }
        const auto lock = guard();
        if (size > config_.largest_custom)
            return count_miss(upstream_->allocate(bytes, alignment), bytes);
        const auto bucket = std::ranges::find(buckets_, size, &Bucket::first);
        if (bucket == buckets_.end() || bucket->second.empty())
            return count_miss(fetch(size), bytes);
        void* const block = bucket->second.back();
        bucket->second.pop_back();
        touch(bucket);
        return count_hit(block, bytes);
    }

    void keep(void* block, std::size_t bytes, std::size_t alignment) {
        if (config_.statistics != Statistics::off) {
            add(deallocations_, 1);
            add(in_use_, -static_cast<std::int64_t>(bytes));
        }
        const std::size_t size = std::max(bytes, alignment);
        const auto c = std::ranges::lower_bound(config_.classes, size, {}, &SizeClass::block_size);
        if (alignment <= kMaxPooledAlignment && c != config_.classes.end()) {
            const auto i = static_cast<std::size_t>(c - config_.classes.begin());
            poison(block, c->block_size);
            plain::Lists* const own = mine();
            if (own != nullptr && (*own)[i].size() < room(i))
                return (*own)[i].push(block, c->block_size);
            const auto lock = guard();
            if (own != nullptr)
                for (std::size_t n = room(i) / 2; n != 0; --n)
                    hub_->share(i, (*own)[i].pop());
            return hub_->share(i, block);
        }
        const auto lock = guard();
        if (alignment > kMaxPooledAlignment || size > config_.largest_custom)
            return upstream_->deallocate(block, bytes, alignment);
        poison(block, size);
        if (config_.max_custom_sizes == 0) return hub_->give_back(block, size);
        auto bucket = std::ranges::find(buckets_, size, &Bucket::first);
        if (bucket == buckets_.end()) {
            if (buckets_.size() == config_.max_custom_sizes) {
                for (void* old : buckets_.front().second)
                    hub_->give_back(old, buckets_.front().first);
                buckets_.erase(buckets_.begin());
            }
            bucket = buckets_.insert(buckets_.end(), {size, {}});
        }
        if (bucket->second.size() < config_.max_cached_custom)
            bucket->second.push_back(block);
        else
            hub_->give_back(block, size);
        touch(bucket);
    }

    void* fetch(std::size_t size) {
        if (size > PTRDIFF_MAX) throw std::bad_alloc();
        void* const block = upstream_->allocate(size, plain::Hub::alignment_of(size));
        poison(block, size);
        return block;
    }

    // One thread needs no read-modify-write.
    template <typename T>
    T add(std::atomic<T>& number, std::type_identity_t<T> by) {
        if (config_.strategy != Strategy::unsynchronized) return number += by;
        const T sum = number.load(std::memory_order_relaxed) + by;
        number.store(sum, std::memory_order_relaxed);
        return sum;
    }

    void* count_hit(void* block, std::size_t bytes) { return count(hits_, block, bytes); }
    void* count_miss(void* block, std::size_t bytes) { return count(misses_, block, bytes); }
    void* count(std::atomic<std::uint64_t>& counter, void* block, std::size_t bytes) {
        unpoison(block, bytes);
        if (config_.statistics == Statistics::off) return block;
        add(counter, 1);
        const std::int64_t now = add(in_use_, static_cast<std::int64_t>(bytes));
        std::int64_t peak = peak_;
        if (config_.strategy == Strategy::unsynchronized) {
            if (peak < now) peak_.store(now, std::memory_order_relaxed);
            return block;
        }
        while (peak < now && !peak_.compare_exchange_weak(peak, now)) {
        }
        return block;
    }

    std::size_t room(std::size_t i) const {
        return std::min(config_.thread_cache, config_.classes[i].max_cached);
    }

    plain::Lists* mine() {
        if (config_.strategy != Strategy::thread_cached || plain::over) return nullptr;
        const auto found = plain::thread_lists.entries.find(id_);
        if (found != plain::thread_lists.entries.end()) return found->second.lists.get();
        std::erase_if(plain::thread_lists.entries, [](const auto& entry) {
            const std::lock_guard lock(entry.second.hub->mutex);
            return !entry.second.hub->open;
        });
        plain::ThreadLists::Entry& entry = plain::thread_lists.entries[id_];
        entry.hub = hub_;
        const std::lock_guard lock(hub_->mutex);
        hub_->of_threads.insert(entry.lists.get());
        return entry.lists.get();
    }

    std::unique_lock<std::mutex> guard() const {
        if (config_.strategy == Strategy::unsynchronized) return {};
        return std::unique_lock(hub_->mutex);
    }

    using Bucket = std::pair<std::size_t, std::vector<void*>>;

    // The bucket used last stands at the end.
    void touch(std::vector<Bucket>::iterator bucket) {
        std::rotate(bucket, bucket + 1, buckets_.end());
    }

    static inline std::atomic<std::uint64_t> next_id_{0};

    PoolConfig config_;
    std::pmr::memory_resource* upstream_;
    std::shared_ptr<plain::Hub> hub_;
    std::uint64_t id_ = next_id_++;
    std::vector<Bucket> buckets_;
    std::atomic<std::uint64_t> hits_{0};
    std::atomic<std::uint64_t> misses_{0};
    std::atomic<std::uint64_t> deallocations_{0};
    std::atomic<std::int64_t> in_use_{0};
    std::atomic<std::int64_t> peak_{0};
    std::atomic<std::int64_t> allocate_ns_{0};
    std::atomic<std::int64_t> deallocate_ns_{0};
};

[[nodiscard]] inline std::string report(const PoolStats& stats) {
    std::ostringstream out;
    out << "# Pool\n\n| what | value |\n|---|---:|\n"
        << "| allocations | " << stats.allocations << " |\n| deallocations | "
        << stats.deallocations << " |\n| hits | " << stats.hits << " |\n| misses | " << stats.misses
        << " |\n";
    out.setf(std::ios::fixed);
    out.precision(2);
    out << "| hit rate | " << 100 * stats.hit_rate() << " % |\n| bytes in use | "
        << stats.bytes_in_use << " |\n| peak bytes | " << stats.peak_bytes
        << " |\n| time in allocate | " << stats.allocate_time.count()
        << " ns |\n| time in deallocate | " << stats.deallocate_time.count() << " ns |\n"
        << "\n| block size | blocks |\n|---:|---:|\n";
    for (const CachedBlocks& c : stats.classes)
        out << "| " << c.block_size << " | " << c.blocks << " |\n";
    for (const CachedBlocks& c : stats.custom)
        out << "| " << c.block_size << " (custom) | " << c.blocks << " |\n";
    return out.str();
}

inline std::string PoolResource::report() const {
    return cacheline::report(stats());
}

}  // namespace cacheline
