#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <new>
#include <poison.hpp>
#include <pool_types.hpp>
#include <vector>

#include "block_source.hpp"
#include "block_stack.hpp"
#include "books.hpp"
#include "buckets.hpp"
#include "thread_cache.hpp"

namespace cacheline::pool_detail {

/// What the threads of one resource share: the free blocks between their caches, the buckets, and
/// the way upstream. It outlives the resource while a thread's end is at work on it, since that end
/// must find out that the resource is gone.
class Depot {
public:
    Depot(const PoolConfig& config, std::pmr::memory_resource* upstream)
        : classes_(config.classes),
          thread_cache_(config.thread_cache),
          counting_(config.statistics != Statistics::off),
          ledger_(config.strategy),
          source_(upstream),
          buckets_(config, source_),
          shared_(std::make_unique<BlockStack[]>(classes_.size())) {
        // With one cache for all, that cache is the place for free blocks; with one for each
        // thread, it is the shared stacks between them, and the common cache stays empty.
        const bool cached = config.strategy == Strategy::thread_cached;
        ledger_.open(common_.books);
        for (std::size_t i = 0; i < classes_.size(); ++i)
            (cached ? shared_[i] : common_.stacks[i]).limit(classes_[i].max_cached);
        try {
            for (std::size_t i = 0; i < classes_.size(); ++i)
                preallocate(cached ? shared_[i] : common_.stacks[i], classes_[i]);
        } catch (...) {
            close();
            throw;
        }
    }

    /// Guards all below but the common cache of an unsynchronized resource.
    std::mutex mutex;

    [[nodiscard]] ThreadCache& common() noexcept { return common_; }
    [[nodiscard]] Ledger& ledger() noexcept { return ledger_; }
    [[nodiscard]] std::size_t block_size(std::size_t i) const noexcept {
        return classes_[i].block_size;
    }

    // ---- the slow path: called with the mutex held, unless one thread is all there is ----------

    /// A block of class `i`: from the cache, from the shared ones, or new.
    [[nodiscard]] void* take(ThreadCache& cache, std::size_t i, std::size_t bytes) {
        BlockStack& own = cache.stacks[i];
        BlockStack& source = own.empty() ? shared_[i] : own;
        void* const block = source.pop();
        if (block == nullptr) return take_new(cache, block_size(i), bytes);
        // Half a cache at a time: the calls that follow, of either kind, then need no lock.
        own.fill_from(shared_[i], own.limit() / 2);
        if (counting_) ledger_.hit(cache.books, bytes);
        return open(block, bytes);
    }

    /// Keeps a free block of class `i`, or gives it back.
    void keep(ThreadCache& cache, std::size_t i, void* block, std::size_t bytes) noexcept {
        BlockStack& own = cache.stacks[i];
        if (counting_) ledger_.took_back(cache.books, bytes);
        poison(block, block_size(i));
        if (own.try_push_or_grow(block)) return;
        share(i, own, own.limit() / 2);
        if (!own.try_push_or_grow(block) && !shared_[i].try_push_or_grow(block))
            source_.give_back(block, block_size(i));
    }

    /// The same for a block of a bucket, of `size` bytes.
    [[nodiscard]] void* take_custom(ThreadCache& cache, std::size_t size, std::size_t bytes) {
        void* const block = buckets_.take(size);
        if (block == nullptr) return take_new(cache, size, bytes);
        if (counting_) ledger_.hit(cache.books, bytes);
        return open(block, bytes);
    }

    void keep_custom(ThreadCache& cache, void* block, std::size_t size,
                     std::size_t bytes) noexcept {
        if (counting_) ledger_.took_back(cache.books, bytes);
        poison(block, size);
        buckets_.keep(block, size);
    }

    /// The same for what is too large or too strictly aligned to be kept.
    [[nodiscard]] void* pass_on(ThreadCache& cache, std::size_t bytes, std::size_t alignment) {
        void* const block = source_.upstream()->allocate(bytes, alignment);
        if (counting_) ledger_.missed(cache.books, bytes);
        return block;
    }

    void pass_back(ThreadCache& cache, void* block, std::size_t bytes,
                   std::size_t alignment) noexcept {
        if (counting_) ledger_.took_back(cache.books, bytes);
        source_.upstream()->deallocate(block, bytes, alignment);
    }

    // ---- the books: mutex held ------------------------------------------------------------------

    [[nodiscard]] PoolStats stats() const {
        PoolStats out = ledger_.sum([this](auto visit) { for_each_books(visit); });
        for (std::size_t i = 0; i < classes_.size(); ++i) {
            std::size_t blocks = shared_[i].size() + common_.stacks[i].size();
            for (const ThreadCache& cache : caches_)
                blocks += cache.stacks[i].size();
            out.classes.push_back({block_size(i), blocks});
        }
        out.custom = buckets_.cached();
        return out;
    }

    void reset_stats(ThreadCache& mine) {
        ledger_.reset(mine.books, [this](auto visit) { for_each_books(visit); });
    }

    // ---- threads that come and go: these take the mutex themselves ------------------------------

    /// A cache for the calling thread; one that an ended thread has left, if there is.
    [[nodiscard]] ThreadCache* adopt() {
        const std::lock_guard lock(mutex);
        if (ThreadCache* const cache = idle_; cache != nullptr) {
            idle_ = cache->next_idle;
            return cache;
        }
        ThreadCache& cache = caches_.emplace_back();
        ledger_.open(cache.books);
        for (std::size_t i = 0; i < classes_.size(); ++i)
            cache.stacks[i].limit(std::min(thread_cache_, classes_[i].max_cached));
        return &cache;
    }

    /// A thread ends: its blocks go to the others. The cache keeps its counts, which stay in the
    /// sums.
    void retire(ThreadCache& cache) noexcept {
        const std::lock_guard lock(mutex);
        if (closed_) return;
        for (std::size_t i = 0; i < classes_.size(); ++i) {
            share(i, cache.stacks[i], cache.stacks[i].size());
            source_.drain(cache.stacks[i], block_size(i));
        }
        ledger_.settle(cache.books);
        cache.next_idle = idle_;
        idle_ = &cache;
    }

    /// The resource ends: every free block goes back upstream, which nobody calls afterwards.
    void close() noexcept {
        const std::lock_guard lock(mutex);
        closed_ = true;
        for (std::size_t i = 0; i < classes_.size(); ++i) {
            source_.drain(shared_[i], block_size(i));
            source_.drain(common_.stacks[i], block_size(i));
            for (ThreadCache& cache : caches_)
                source_.drain(cache.stacks[i], block_size(i));
        }
        buckets_.drain();
    }

private:
    void preallocate(BlockStack& stack, const SizeClass& size_class) {
        while (stack.size() < size_class.preallocated) {
            void* const block = source_.fetch(size_class.block_size);
            if (stack.try_push_or_grow(block)) continue;
            source_.give_back(block, size_class.block_size);
            throw std::bad_alloc();
        }
    }

    // Counts after the call of upstream: one that threw did not happen.
    void* take_new(ThreadCache& cache, std::size_t size, std::size_t bytes) {
        void* const block = source_.fetch(size);
        if (counting_) ledger_.missed(cache.books, bytes);
        return open(block, bytes);
    }

    // Opens the bytes asked for and no more, so that ASan sees a write into the rounding.
    static void* open(void* block, std::size_t bytes) noexcept {
        unpoison(block, bytes);
        return block;
    }

    // Moves up to so many blocks of class `i` from a cache to the shared ones.
    void share(std::size_t i, BlockStack& own, std::size_t blocks) noexcept {
        shared_[i].fill_from(own, shared_[i].size() + std::min(own.size(), blocks));
    }

    template <typename Visit>
    void for_each_books(Visit visit) const {
        visit(common_.books);
        for (const ThreadCache& cache : caches_)
            visit(cache.books);
    }

    std::vector<SizeClass> classes_;
    std::size_t thread_cache_;
    bool counting_;
    bool closed_ = false;
    Ledger ledger_;
    BlockSource source_;
    Buckets buckets_;
    std::unique_ptr<BlockStack[]> shared_;  // for each class
    ThreadCache common_;                    // of threads that have none
    std::list<ThreadCache> caches_;         // a list: they stay where they are
    ThreadCache* idle_ = nullptr;
};

}  // namespace cacheline::pool_detail
