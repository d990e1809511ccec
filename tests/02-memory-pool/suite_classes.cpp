// The step "classes": from a request to a block, as one thread sees it.

#include "support/suite.hpp"

#include <algorithm>
#include <cstring>
#include <list>
#include <map>
#include <numeric>
#include <pool_resource.hpp>
#include <unordered_map>

#include "pool_configs.hpp"
#include "support/allocation_counter.hpp"
#include "told_strategy.hpp"
#include "upstream.hpp"

using cacheline::kStrategies;
using cacheline::PoolConfig;
using cacheline::PoolResource;
using cacheline::Strategy;
using cacheline::with_classes;
using cacheline::support::AllocationCounter;
using cacheline::support::CountingUpstream;

namespace {

// What upstream is asked for when a resource that has no free block gets this request.
CountingUpstream::Request asked_for(std::size_t bytes, std::size_t alignment = 8) {
    CountingUpstream upstream;
    PoolResource resource({}, &upstream);
    void* const block = resource.allocate(bytes, alignment);
    std::memset(block, 1, bytes);
    const CountingUpstream::Request request = upstream.last();
    resource.deallocate(block, bytes, alignment);
    return request;
}

}  // namespace

TEST_CASE("a request gets the smallest class that holds it", "[classes]") {
    WHY("a block smaller than the request is written past its end; a larger one is wasted");
    CHECK(asked_for(1).bytes == 64);
    CHECK(asked_for(63).bytes == 64);
    CHECK(asked_for(64).bytes == 64);
    CHECK(asked_for(65).bytes == 256);
    CHECK(asked_for(256).bytes == 256);
    CHECK(asked_for(257).bytes == 1024);
    CHECK(asked_for(1024).bytes == 1024);
    CHECK(asked_for(1025).bytes == 1025);

    CountingUpstream upstream;
    PoolResource resource(with_classes({{16, 4}, {48, 4}, {1008, 4}, {32 * 1024, 4}}), &upstream);
    std::vector<std::pair<void*, std::size_t>> blocks;
    std::size_t requests_with_another_size = 0;
    for (std::size_t bytes = 1; bytes <= 40'000; bytes += bytes < 1100 ? 1 : 997) {
        const std::size_t expected = bytes <= 16          ? 16
                                     : bytes <= 48        ? 48
                                     : bytes <= 1008      ? 1008
                                     : bytes <= 32 * 1024 ? 32 * 1024
                                                          : bytes;
        blocks.emplace_back(resource.allocate(bytes, 1), bytes);
        if (upstream.last().bytes != expected) ++requests_with_another_size;
    }
    INFO("classes of 16, 48, 1008 and 32768 bytes; requests of 1 to 40000 bytes");
    CHECK(requests_with_another_size == 0);
    for (const auto& [block, bytes] : blocks)
        resource.deallocate(block, bytes, 1);
}

TEST_CASE("a freed block serves any request of its class", "[classes][asan]") {
    WHY("the free blocks of a class are interchangeable: that is what classes are for");
    CountingUpstream upstream;
    PoolResource resource({}, &upstream);
    for (const auto& [first, second] : {std::pair{1, 64}, {200, 65}, {257, 1024}}) {
        CAPTURE(first, second);
        const auto a = static_cast<std::size_t>(first);
        const auto b = static_cast<std::size_t>(second);
        resource.deallocate(resource.allocate(a), a);
        const std::size_t before = upstream.allocations();
        void* const block = resource.allocate(b);
        std::memset(block, 1, b);
        CHECK(upstream.allocations() == before);
        resource.deallocate(block, b);
    }
}

TEST_CASE("above the classes blocks are kept by exact size", "[classes][asan]") {
    WHY("a size that came back is likely to be wanted again");
    CountingUpstream upstream;
    PoolResource resource({}, &upstream);
    resource.deallocate(resource.allocate(1500), 1500);
    resource.deallocate(resource.allocate(5000, 64), 5000, 64);
    const std::size_t before = upstream.allocations();
    void* const same = resource.allocate(1500);
    std::memset(same, 1, 1500);
    void* const aligned = resource.allocate(5000, 64);
    CHECK(upstream.allocations() == before);
    void* const other = resource.allocate(1501);
    std::memset(other, 1, 1501);
    void* const between = resource.allocate(4999);
    WHY("a bucket holds one size only: a block of another is too small or wasted");
    CHECK(upstream.allocations() == before + 2);
    resource.deallocate(same, 1500);
    resource.deallocate(aligned, 5000, 64);
    resource.deallocate(other, 1501);
    resource.deallocate(between, 4999);
}

TEST_CASE("the number of buckets is bounded", "[classes][asan]") {
    WHY("a pool that keeps blocks of every size it has ever seen is a leak");
    CountingUpstream upstream;
    PoolConfig config;
    config.max_custom_sizes = 5;
    config.max_cached_custom = 2;
    PoolResource resource(config, &upstream);
    const auto use = [&](std::size_t bytes) {
        void* const a = resource.allocate(bytes);
        void* const b = resource.allocate(bytes);
        void* const c = resource.allocate(bytes);
        resource.deallocate(a, bytes);
        resource.deallocate(b, bytes);
        resource.deallocate(c, bytes);
    };
    for (std::size_t bytes = 2000; bytes < 3000; ++bytes)
        use(bytes);
    CHECK(upstream.outstanding() <= 10);
    use(7777);
    const std::size_t before = upstream.allocations();
    void* const block = resource.allocate(7777);
    WHY("a size in use now takes the place of one that was not used lately");
    CHECK(upstream.allocations() == before);
    resource.deallocate(block, 7777);

    config.max_custom_sizes = 0;
    PoolResource none(config, &upstream);
    none.deallocate(none.allocate(2000), 2000);
    CHECK(upstream.outstanding() <= 10);
}

TEST_CASE("a bucket in use survives a flood of other sizes", "[classes]") {
    WHY("the bucket that gives way is one that was not used lately, never the busiest");
    CountingUpstream upstream;
    PoolConfig config;
    config.max_custom_sizes = 4;
    PoolResource resource(config, &upstream);
    std::size_t missed = 0;
    resource.deallocate(resource.allocate(2000), 2000);
    for (std::size_t other = 3000; other < 3100; ++other) {
        resource.deallocate(resource.allocate(other), other);
        const std::size_t before = upstream.allocations();
        resource.deallocate(resource.allocate(2000), 2000);
        missed += upstream.allocations() - before;
    }
    CHECK(missed == 0);
}

TEST_CASE("a class keeps as many free blocks as its cap says", "[classes][asan]") {
    WHY("up to the cap blocks are kept, beyond it they go back upstream at once");
    CountingUpstream upstream;
    PoolConfig config = with_classes({{64, 10}, {128, 1}, {256, 0}, {512, 300}});
    config.max_cached_custom = 3;
    PoolResource resource(config, &upstream);
    for (const auto& [size, cap] : {std::pair{64, 10}, {128, 1}, {256, 0}, {512, 300}, {600, 3}}) {
        CAPTURE(size, cap);
        const auto bytes = static_cast<std::size_t>(size);
        const std::size_t before = upstream.outstanding();
        std::vector<void*> blocks(400);
        for (void*& block : blocks)
            block = resource.allocate(bytes);
        std::size_t times_another_number_was_kept = 0;
        for (std::size_t i = 0; i < blocks.size(); ++i) {
            resource.deallocate(blocks[i], bytes);
            const std::size_t kept = std::min(i + 1, static_cast<std::size_t>(cap));
            if (upstream.outstanding() != before + blocks.size() - (i + 1) + kept)
                ++times_another_number_was_kept;
        }
        CHECK(times_another_number_was_kept == 0);
        CHECK(upstream.outstanding() == before + static_cast<std::size_t>(cap));
    }
}

TEST_CASE("preallocated blocks are there from the start", "[classes][asan]") {
    WHY("the first requests must not pay for what was to be paid in advance");
    for (const Strategy strategy : kStrategies) {
        CAPTURE(strategy);
        CountingUpstream upstream;
        {
            PoolConfig config = with_classes({{64, 100, 20}, {256, 100, 0}, {1024, 5, 5}});
            config.strategy = strategy;
            PoolResource resource(config, &upstream);
            CHECK(upstream.allocations() == 25);
            if (cacheline::support::kAsan) {
                WHY("a block that nobody holds yet may not be touched either");
                CHECK(upstream.touchable() == 0);
            }
            std::vector<void*> small(20);
            std::vector<void*> large(5);
            for (void*& block : small)
                block = resource.allocate(64);
            for (void*& block : large)
                block = resource.allocate(1024);
            CHECK(upstream.allocations() == 25);
            for (void* block : small)
                resource.deallocate(block, 64);
            for (void* block : large)
                resource.deallocate(block, 1024);
        }
        CHECK(upstream.at_the_end() == CountingUpstream::kFlawless);
    }
}

TEST_CASE("containers of std::pmr run on it", "[classes][asan]") {
    WHY("a memory_resource serves containers that know nothing of it");
    CountingUpstream upstream;
    {
        PoolResource resource({}, &upstream);
        SEEDED_RNG(rng);
        std::size_t wrong_contents = 0;
        for (int round = 0; round < 3; ++round) {
            std::pmr::vector<std::pmr::string> strings(&resource);
            std::pmr::map<int, std::pmr::string> map(&resource);
            std::pmr::unordered_map<int, int> table(&resource);
            std::pmr::list<double> list(&resource);
            std::map<int, std::string> expected;
            for (int i = 0; i < 500; ++i) {
                const int key = static_cast<int>(rng() % 300);
                const std::string text(rng() % 90, static_cast<char>('a' + key % 26));
                strings.emplace_back(text);
                map[key] = text;
                expected[key] = text;
                table[key] = i;
                list.push_back(i);
                if (i % 3 == 0) list.pop_front();
                if (i % 5 == 0) expected.erase(key), map.erase(key), table.erase(key);
            }
            if (map.size() != expected.size() || table.size() != expected.size()) ++wrong_contents;
            for (const auto& [key, text] : expected)
                if (std::string_view(map[key]) != text) ++wrong_contents;
            if (std::accumulate(list.begin(), list.end(), 0.0) <= 0.0) ++wrong_contents;
        }
        CHECK(wrong_contents == 0);
        const std::size_t before = upstream.allocations();
        {
            std::pmr::map<int, int> map(&resource);
            for (int i = 0; i < 200; ++i)
                map[i] = i;
        }
        WHY("nodes of an earlier container are there for the next");
        CHECK(upstream.allocations() == before);
    }
    CHECK(upstream.at_the_end() == CountingUpstream::kFlawless);
}

TEST_CASE("in the steady state nothing is asked of upstream or the heap at all",
          "[classes][asan]") {
    WHY("a pool reuses memory rather than ask for it");
    for (const Strategy strategy : kStrategies) {
        CAPTURE(strategy);
        SEEDED_RNG(rng);
        CountingUpstream upstream;
        PoolConfig config;
        config.strategy = strategy;
        PoolResource resource(config, &upstream);
        std::vector<std::pair<void*, std::size_t>> blocks(300);
        for (std::size_t i = 0; i < blocks.size(); ++i)
            blocks[i].second = 1 + rng() % (i % 5 == 0 ? 1024 : 256);
        blocks.emplace_back(nullptr, 2000);
        blocks.emplace_back(nullptr, 50'000);
        const auto round = [&] {
            for (auto& [block, bytes] : blocks)
                block = resource.allocate(bytes);
            for (auto& [block, bytes] : blocks)
                resource.deallocate(block, bytes);
            std::swap(blocks[rng() % blocks.size()], blocks[rng() % blocks.size()]);
        };
        for (int i = 0; i < 5; ++i)
            round();
        const std::size_t before = upstream.allocations() + upstream.deallocations();
        const AllocationCounter heap;
        for (int i = 0; i < 50; ++i)
            round();
        const std::size_t allocations = heap.allocations();
        CHECK(upstream.allocations() + upstream.deallocations() == before);
        CHECK(allocations == 0);
    }
}
