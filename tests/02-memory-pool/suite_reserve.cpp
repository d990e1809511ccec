// The step "blocks": BlockPool::reserve.

#include "support/suite.hpp"

#include <algorithm>
#include <block_pool.hpp>
#include <limits>
#include <set>
#include <stdexcept>
#include <utility>

#include "upstream.hpp"

using cacheline::BlockPool;
using cacheline::support::CountingUpstream;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

TEST_CASE("reserve takes memory in advance", "[blocks][asan]") {
    WHY("reserve moves the calls of upstream out of the part that is in a hurry");
    CountingUpstream upstream;
    {
        BlockPool pool(24, 8, &upstream);
        std::vector<void*> blocks{pool.allocate()};  // leaves a slab half used
        for (const std::size_t count : {1u, 500u, 3000u}) {
            CAPTURE(count);
            pool.reserve(count);
            const std::size_t before = upstream.allocations();
            for (std::size_t i = 0; i < count; ++i)
                blocks.push_back(pool.allocate());
            CHECK(upstream.allocations() == before);
            CHECK(pool.capacity() >= blocks.size());
        }
        const std::set<void*> distinct(blocks.begin(), blocks.end());
        CHECK(distinct.size() == blocks.size());

        // What was left of one slab when the next was made is not lost.
        const std::size_t left = pool.capacity() - blocks.size();
        const std::size_t before = upstream.allocations();
        for (std::size_t i = 0; i < left; ++i)
            blocks.push_back(pool.allocate());
        CHECK(upstream.allocations() == before);
    }
    BlockPool pool(24, 8, &upstream);
    for (const std::size_t count :
         {std::numeric_limits<std::size_t>::max() / 8, std::numeric_limits<std::size_t>::max()})
        CHECK_THROWS_MATCHES(pool.reserve(count), std::length_error,
                             MessageMatches(ContainsSubstring(std::to_string(count))));
    CHECK(upstream.outstanding() == 0);
}

TEST_CASE("reserved blocks come after those that were freed", "[blocks][asan]") {
    WHY("the block freed last is the one still in the cache; one never used is not");
    SEEDED_RNG(rng);
    for (const std::size_t size : {1u, 8u, 24u, 64u, 300u}) {
        CAPTURE(size);
        CountingUpstream upstream;
        BlockPool pool(size, 8, &upstream);
        std::vector<void*> blocks(30);
        for (void*& block : blocks)
            block = pool.allocate();
        std::shuffle(blocks.begin(), blocks.end(), rng);
        for (void* block : blocks)
            pool.deallocate(block);
        const std::size_t before = upstream.allocations();
        pool.reserve(20'000);
        std::size_t blocks_that_were_not_the_last_freed = 0;
        for (auto block = blocks.rbegin(); block != blocks.rend(); ++block)
            if (pool.allocate() != *block) ++blocks_that_were_not_the_last_freed;
        CHECK(upstream.allocations() > before);
        CHECK(blocks_that_were_not_the_last_freed == 0);
        const std::size_t reserved = upstream.allocations();
        const std::set<void*> freed(blocks.begin(), blocks.end());
        std::size_t blocks_handed_out_twice = 0;
        for (std::size_t i = blocks.size(); i < 20'000; ++i)
            blocks_handed_out_twice += freed.count(pool.allocate());
        CHECK(blocks_handed_out_twice == 0);
        CHECK(upstream.allocations() == reserved);
    }
}

TEST_CASE("reserve counts the blocks that are free", "[blocks]") {
    WHY("memory that is there need not be asked for");
    for (const std::size_t size : {8u, 64u, 300u}) {
        CAPTURE(size);
        CountingUpstream upstream;
        BlockPool pool(size, 8, &upstream);
        std::vector<void*> blocks(5000);
        for (void*& block : blocks)
            block = pool.allocate();
        for (void* block : blocks)
            pool.deallocate(block);
        const std::size_t before = upstream.allocations();
        pool.reserve(5000);
        CHECK(upstream.allocations() == before);
        const std::size_t capacity = pool.capacity();
        for (std::size_t i = 0; i < 3000; ++i)
            blocks[i] = pool.allocate();
        pool.reserve(capacity - 3000);  // freed ones and never used ones together
        CHECK(upstream.allocations() == before);
        CHECK(pool.capacity() == capacity);
        pool.reserve(capacity - 3000 + 1);
        CHECK(upstream.allocations() > before);
    }
}

TEST_CASE("blocks reserved one by one come from few calls of upstream", "[blocks]") {
    WHY("a caller that reserves before each allocation is not to pay a call for each block");
    for (const auto& [size, alignment] : {std::pair{8u, 8u}, {64u, 8u}, {256u, 8u}, {8u, 4096u}}) {
        CAPTURE(size, alignment);
        CountingUpstream upstream;
        BlockPool pool(size, alignment, &upstream);
        std::vector<void*> blocks(64);
        for (void*& block : blocks) {
            pool.reserve(1);
            block = pool.allocate();
        }
        CHECK(upstream.allocations() <= blocks.size() / 16);
        for (void* block : blocks)
            pool.deallocate(block);
    }
}
