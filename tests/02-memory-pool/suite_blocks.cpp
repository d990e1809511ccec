// The step "blocks": BlockPool.

#include "support/suite.hpp"

#include <algorithm>
#include <block_pool.hpp>
#include <cstring>
#include <limits>
#include <new>
#include <set>
#include <stdexcept>
#include <utility>

#include "support/allocation_counter.hpp"
#include "support/watchdog.hpp"
#include "touchable.hpp"
#include "upstream.hpp"

using cacheline::BlockPool;
using cacheline::support::AllocationCounter;
using cacheline::support::CountingUpstream;
using cacheline::support::touchable_from;
using cacheline::support::Watchdog;
using namespace std::chrono_literals;

TEST_CASE("blocks are aligned, as large as asked for and do not overlap", "[blocks][asan]") {
    WHY("the caller writes to every byte of every block it holds");
    for (const std::size_t size : {1u, 7u, 8u, 9u, 24u, 64u, 100u, 1000u, 5000u, 70'000u}) {
        for (const std::size_t alignment : {1u, 2u, 8u, 16u, 64u, 256u, 4096u}) {
            CAPTURE(size, alignment);
            CountingUpstream upstream;
            BlockPool pool(size, alignment, &upstream);
            std::vector<unsigned char*> blocks;
            std::size_t misaligned_blocks = 0;
            for (std::size_t i = 0; i < 40; ++i) {
                blocks.push_back(static_cast<unsigned char*>(pool.allocate()));
                if (reinterpret_cast<std::uintptr_t>(blocks.back()) % alignment != 0)
                    ++misaligned_blocks;
                std::memset(blocks.back(), static_cast<int>(i), size);
            }
            std::size_t damaged_blocks = 0;
            for (std::size_t i = 0; i < blocks.size(); ++i)
                if (!std::all_of(blocks[i], blocks[i] + size, [i](auto b) { return b == i; }))
                    ++damaged_blocks;
            CHECK(misaligned_blocks == 0);
            CHECK(damaged_blocks == 0);
            CHECK(pool.block_size() == size);
            for (unsigned char* block : blocks)
                pool.deallocate(block);
        }
    }
}

TEST_CASE("the block freed last is the first to be handed out again", "[blocks][asan]") {
    WHY("the block used last is the one still in the cache");
    SEEDED_RNG(rng);
    for (const std::size_t size : {1u, 8u, 16u, 24u, 64u, 512u}) {
        CAPTURE(size);
        BlockPool pool(size);
        std::vector<void*> out;
        std::vector<void*> free;
        std::size_t blocks_that_were_not_the_last_freed = 0;
        for (int step = 0; step < 5000; ++step) {
            // Long runs one way and the other, so that the list gets both deep and empty.
            const bool take = out.empty() || rng() % 16 < ((step / 400) % 2 == 0 ? 12 : 4);
            if (take) {
                void* const block = pool.allocate();
                if (!free.empty()) {
                    if (block != free.back()) ++blocks_that_were_not_the_last_freed;
                    free.pop_back();
                }
                out.push_back(block);
            } else {
                std::swap(out[rng() % out.size()], out.back());
                pool.deallocate(out.back());
                free.push_back(out.back());
                out.pop_back();
            }
        }
        REQUIRE(blocks_that_were_not_the_last_freed == 0);
        for (void* block : out)
            pool.deallocate(block);
    }
}

TEST_CASE("what callers write into blocks does not reach the free list", "[blocks][asan]") {
    WHY("a block that is out belongs to its caller: bytes in it mean nothing to the pool");
    SEEDED_RNG(rng);
    BlockPool pool(48);
    std::vector<void*> out;
    std::set<void*> all;
    std::size_t blocks_given_to_two_callers = 0;
    for (int step = 0; step < 20'000; ++step) {
        if (out.empty() || (rng() % 2 == 0 && out.size() < 300)) {
            void* const block = pool.allocate();
            std::memset(block, 0xff, 48);
            if (!all.insert(block).second) ++blocks_given_to_two_callers;
            out.push_back(block);
        } else {
            std::swap(out[rng() % out.size()], out.back());
            pool.deallocate(out.back());
            all.erase(out.back());
            out.pop_back();
        }
    }
    for (void* block : out)
        pool.deallocate(block);
    CHECK(blocks_given_to_two_callers == 0);
    CHECK(pool.capacity() <= 1000);
}

TEST_CASE("many blocks come from few calls of upstream", "[blocks]") {
    WHY("nothing is asked for before it is needed");
    for (const auto& [size, alignment] :
         {std::pair{8u, 8u}, {64u, 8u}, {256u, 8u}, {8u, 1024u}, {256u, 4096u}}) {
        CAPTURE(size, alignment);
        CountingUpstream upstream;
        BlockPool pool(size, alignment, &upstream);
        CHECK(upstream.allocations() == 0);
        std::vector<void*> blocks(3000);
        std::size_t calls_too_many = 0;
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            blocks[i] = pool.allocate();
            if (upstream.allocations() > i / 16 + 1) ++calls_too_many;
        }
        {
            WHY("a slab holds many blocks: this is what makes a pool cheaper than malloc");
            CHECK(calls_too_many == 0);
            CHECK(pool.capacity() >= blocks.size());
        }
        for (void* block : blocks)
            pool.deallocate(block);
    }
}

TEST_CASE("in the steady state nothing is asked of upstream or the heap", "[blocks][asan]") {
    WHY("a pool reuses memory rather than ask for it");
    SEEDED_RNG(rng);
    CountingUpstream upstream;
    BlockPool pool(40, 8, &upstream);
    std::vector<void*> blocks(500);
    for (void*& block : blocks)
        block = pool.allocate();
    for (void* block : blocks)
        pool.deallocate(block);
    const std::size_t capacity = pool.capacity();
    const std::size_t before = upstream.allocations() + upstream.deallocations();
    const AllocationCounter heap;
    for (int round = 0; round < 50; ++round) {
        for (void*& block : blocks)
            block = pool.allocate();
        std::swap(blocks[rng() % blocks.size()], blocks[rng() % blocks.size()]);
        for (void* block : blocks)
            pool.deallocate(block);
    }
    const std::size_t allocations = heap.allocations();
    CHECK(upstream.allocations() + upstream.deallocations() == before);
    CHECK(allocations == 0);
    CHECK(pool.capacity() == capacity);
}

TEST_CASE("the end of the pool gives every slab back as it was asked for", "[blocks][asan]") {
    WHY("upstream finds memory again by its size and alignment; what is not returned leaks");
    for (const std::size_t alignment : {1u, 16u, 128u}) {
        CAPTURE(alignment);
        CountingUpstream upstream;
        {
            BlockPool unused(32, alignment, &upstream);
            BlockPool pool(100, alignment, &upstream);
            std::vector<void*> blocks(3000);
            for (void*& block : blocks)
                block = pool.allocate();
            for (std::size_t i = 0; i < blocks.size(); i += 2)
                pool.deallocate(blocks[i]);
            // The others are still out.
        }
        CHECK(upstream.allocations() >= 1);
        CHECK(upstream.at_the_end() == CountingUpstream::kFlawless);
    }
}

TEST_CASE("upstream that throws leaves the pool as it was", "[blocks][asan]") {
    WHY("exhaustion is std::bad_alloc, out of allocate as it came from upstream");
    CountingUpstream upstream;
    {
        BlockPool pool(64, 16, &upstream);
        upstream.fail_at(1);
        {
            CHECK_THROWS_AS(pool.allocate(), std::bad_alloc);
            CHECK_THROWS_AS(pool.reserve(10), std::bad_alloc);
            CHECK(pool.capacity() == 0);
        }
        upstream.fail_at(0);
        std::vector<void*> blocks{pool.allocate()};
        const std::size_t capacity = pool.capacity();
        while (blocks.size() < capacity)
            blocks.push_back(pool.allocate());
        upstream.fail_at(1);
        WHY("after a failure the pool goes on with the blocks that it has");
        CHECK_THROWS_AS(pool.allocate(), std::bad_alloc);
        CHECK(pool.capacity() == capacity);
        pool.deallocate(blocks.front());
        CHECK_THROWS_AS(pool.reserve(10'000), std::bad_alloc);
        CHECK(pool.allocate() == blocks.front());
        upstream.fail_at(0);
        void* const next = pool.allocate();
        CHECK(next != nullptr);
        CHECK(pool.capacity() > capacity);
    }
    CHECK(upstream.outstanding() == 0);
}

TEST_CASE("impossible block sizes and alignments are refused with the value", "[blocks]") {
    WHY("a broken precondition is told at once and with the value, not found out later");
    using Catch::Matchers::ContainsSubstring;
    using Catch::Matchers::MessageMatches;
    constexpr std::size_t kMax = std::numeric_limits<std::size_t>::max();
    CountingUpstream upstream;
    const auto make = [&](std::size_t size, std::size_t alignment) {
        const BlockPool pool(size, alignment, &upstream);
    };
    CHECK_THROWS_MATCHES(make(0, 8), std::invalid_argument, MessageMatches(ContainsSubstring("0")));
    CHECK_THROWS_AS(make(8, 0), std::invalid_argument);
    CHECK_THROWS_MATCHES(make(8, 3), std::invalid_argument, MessageMatches(ContainsSubstring("3")));
    CHECK_THROWS_MATCHES(make(64, 48), std::invalid_argument,
                         MessageMatches(ContainsSubstring("48")));
    for (const std::size_t size : {kMax, kMax - 7u, kMax - 64u}) {
        CAPTURE(size);
        CHECK_THROWS_MATCHES(make(size, 64), std::length_error,
                             MessageMatches(ContainsSubstring(std::to_string(size))));
    }
    CHECK(upstream.allocations() == 0);
}

TEST_CASE("only the bytes of blocks that are out may be touched", "[blocks][asan]") {
    WHY("a use after free of a pooled block must be seen as one of malloc's would be");
    for (const std::size_t size : {1u, 8u, 20u, 64u, 100u}) {
        CAPTURE(size);
        BlockPool pool(size);
        void* const first = pool.allocate();
        void* const second = pool.allocate();
        void* const third = pool.allocate();
        CHECK(touchable_from(first, size) == size);
        pool.deallocate(first);
        pool.deallocate(second);
        pool.deallocate(third);
        if (cacheline::support::kAsan) {
            CHECK(touchable_from(first, size) == 0);
            CHECK(touchable_from(second, size) == 0);
            CHECK(touchable_from(third, size) == 0);
        }
        void* const again = pool.allocate();
        {
            WHY("a block that is out is the caller's, all of it");
            CHECK(touchable_from(again, size) == size);
        }
        if (cacheline::support::kAsan && size % 8 != 0) {
            WHY("a write past the bytes asked for must be seen, even if the block is rounded up");
            CHECK(touchable_from(again, size + 1) == size);
        }
    }
}

TEST_CASE("nothing else of a slab may be touched either", "[blocks][asan]") {
    WHY("a write behind the last block must be seen: it would hit what the pool keeps there");
    for (const std::size_t size : {1u, 24u, 100u}) {
        CAPTURE(size);
        CountingUpstream upstream;
        BlockPool pool(size, 8, &upstream);
        std::vector<void*> blocks;
        for (int i = 0; i < 10; ++i)
            blocks.push_back(pool.allocate());
        pool.reserve(1000);
        pool.deallocate(blocks.back());
        blocks.pop_back();
        CHECK(upstream.allocations() >= 1);
        if (cacheline::support::kAsan) CHECK(upstream.touchable() == blocks.size() * size);
    }
}

TEST_CASE("the work of a call does not grow with the number of blocks", "[blocks]") {
    WHY("allocate and deallocate are O(1): neither may search a list");
    SEEDED_RNG(rng);
    BlockPool pool(16);
    std::vector<void*> blocks(200'000);
    const Watchdog watchdog(5s, "200000 blocks were not freed in random order and taken again");
    for (void*& block : blocks)
        block = pool.allocate();
    std::shuffle(blocks.begin(), blocks.end(), rng);
    for (void* block : blocks)
        pool.deallocate(block);
    for (auto block = blocks.rbegin(); block != blocks.rend(); ++block)
        if (pool.allocate() != *block) FAIL("the order of 200000 blocks was not kept");
    SUCCEED();
}
