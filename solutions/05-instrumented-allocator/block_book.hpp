#pragma once

#include <algorithm>
#include <allocation_report.hpp>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "allocation_tag.hpp"
#include "shard.hpp"

namespace cacheline::allocator_detail {

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

    struct alignas(kCacheLine) Stripe {
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

}  // namespace cacheline::allocator_detail
