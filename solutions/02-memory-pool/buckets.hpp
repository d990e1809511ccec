#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <list>
#include <new>
#include <pool_types.hpp>
#include <vector>

#include "block_source.hpp"
#include "block_stack.hpp"

namespace cacheline::pool_detail {

/// Free blocks above the classes, kept by exact size. One thread at a time.
class Buckets {
public:
    Buckets(const PoolConfig& config, BlockSource& source) noexcept
        : max_buckets_(config.max_custom_sizes),
          max_blocks_(config.max_cached_custom),
          source_(source) {}

    /// A free block of that size; null if there is none.
    [[nodiscard]] void* take(std::size_t size) noexcept {
        const auto bucket = find(size);
        if (bucket == buckets_.end() || bucket->blocks.empty()) return nullptr;
        to_front(bucket);
        return bucket->blocks.pop();
    }

    /// Keeps a free block, or gives it back.
    void keep(void* block, std::size_t size) noexcept {
        Bucket* const bucket = bucket_for(size);
        if (bucket == nullptr || !bucket->blocks.try_push_or_grow(block))
            source_.give_back(block, size);
    }

    void drain() noexcept {
        for (Bucket& bucket : buckets_)
            source_.drain(bucket.blocks, bucket.size);
    }

    /// Those that hold blocks, sizes ascending.
    [[nodiscard]] std::vector<CachedBlocks> cached() const {
        std::vector<CachedBlocks> out;
        for (const Bucket& bucket : buckets_)
            if (!bucket.blocks.empty()) out.push_back({bucket.size, bucket.blocks.size()});
        std::ranges::sort(out, {}, &CachedBlocks::block_size);
        return out;
    }

private:
    struct Bucket {
        std::size_t size = 0;
        BlockStack blocks;
    };
    using Iterator = std::list<Bucket>::iterator;

    Iterator find(std::size_t size) noexcept {
        return std::ranges::find(buckets_, size, &Bucket::size);
    }

    void to_front(Iterator bucket) noexcept { buckets_.splice(buckets_.begin(), buckets_, bucket); }

    // The bucket for a size, in front of the others; when all are taken, the one that has gone
    // unused for longest changes its size. Null if there can be none.
    Bucket* bucket_for(std::size_t size) noexcept {
        auto bucket = find(size);
        if (bucket == buckets_.end()) {
            if (buckets_.size() < max_buckets_) add();
            if (buckets_.empty()) return nullptr;
            bucket = std::prev(buckets_.end());
            source_.drain(bucket->blocks, bucket->size);
            bucket->size = size;
            bucket->blocks.limit(max_blocks_);
        }
        to_front(bucket);
        return &*bucket;
    }

    void add() noexcept {
        try {
            buckets_.emplace_back();
        } catch (const std::bad_alloc&) {
            // Then those that there are must do.
        }
    }

    std::size_t max_buckets_;
    std::size_t max_blocks_;
    BlockSource& source_;
    std::list<Bucket> buckets_;  // the one used last in front
};

}  // namespace cacheline::pool_detail
