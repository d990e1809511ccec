// The step "classes": PoolResource as one thread sees it.

#include "support/suite.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <list>
#include <map>
#include <new>
#include <numeric>
#include <pool_resource.hpp>
#include <set>
#include <stdexcept>
#include <unordered_map>

#include "support/allocation_counter.hpp"
#include "told_strategy.hpp"
#include "touchable.hpp"
#include "upstream.hpp"

using cacheline::PoolConfig;
using cacheline::PoolResource;
using cacheline::SizeClass;
using cacheline::Strategy;
using cacheline::support::AllocationCounter;
using cacheline::support::CountingUpstream;
using cacheline::support::touchable_from;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

constexpr std::size_t kMax = std::numeric_limits<std::size_t>::max();

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

PoolConfig with_classes(std::vector<SizeClass> classes) {
    PoolConfig config;
    config.classes = std::move(classes);
    return config;
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

TEST_CASE("what is larger than the largest bucket passes through", "[classes]") {
    WHY("upstream gets the caller's own bytes and alignment");
    CountingUpstream upstream;
    PoolConfig config;
    config.largest_custom = 5000;
    PoolResource resource(config, &upstream);
    void* const kept = resource.allocate(5000);
    void* const passed = resource.allocate(5001, 16);
    CHECK(upstream.last() == CountingUpstream::Request{5001, 16});
    resource.deallocate(kept, 5000);
    resource.deallocate(passed, 5001, 16);
    {
        WHY("one large block kept for nothing may be more than all small ones");
        CHECK(upstream.outstanding() == 1);
    }
    CHECK(upstream.faults() == 0);
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
    for (const Strategy strategy :
         {Strategy::unsynchronized, Strategy::locked, Strategy::thread_cached}) {
        CAPTURE(strategy);
        CountingUpstream upstream;
        {
            PoolConfig config = with_classes({{64, 100, 20}, {256, 100, 0}, {1024, 5, 5}});
            config.strategy = strategy;
            PoolResource resource(config, &upstream);
            CHECK(upstream.allocations() == 25);
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

TEST_CASE("any alignment is honoured", "[classes][asan]") {
    WHY("a block recycled for a request of stricter alignment must fit that too");
    CountingUpstream upstream;
    {
        PoolResource resource(with_classes({{16, 50}, {48, 50}, {80, 50}, {1024, 50}}), &upstream);
        struct Block {
            void* address;
            std::size_t bytes;
            std::size_t alignment;
        };
        for (int round = 0; round < 3; ++round) {
            std::vector<Block> blocks;
            std::size_t misaligned_blocks = 0;
            for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2) {
                for (const std::size_t bytes :
                     {1u, 10u, 16u, 40u, 48u, 70u, 80u, 600u, 1024u, 3000u}) {
                    void* const block = resource.allocate(bytes, alignment);
                    if (reinterpret_cast<std::uintptr_t>(block) % alignment != 0)
                        ++misaligned_blocks;
                    std::memset(block, 1, bytes);
                    blocks.push_back({block, bytes, alignment});
                }
            }
            CHECK(misaligned_blocks == 0);
            for (const Block& b : blocks)
                resource.deallocate(b.address, b.bytes, b.alignment);
        }
    }
    CHECK(upstream.at_the_end() == CountingUpstream::kFlawless);
}

TEST_CASE("stricter alignment than the largest that is pooled passes through", "[classes]") {
    WHY("upstream gets the caller's own bytes and alignment");
    CountingUpstream upstream;
    PoolResource resource({}, &upstream);
    void* const block = resource.allocate(100, 256);
    CHECK(upstream.last() == CountingUpstream::Request{100, 256});
    resource.deallocate(block, 100, 256);
    CHECK(upstream.outstanding() == 0);

    resource.deallocate(resource.allocate(100, 64), 100, 64);
    const std::size_t before = upstream.allocations();
    resource.deallocate(resource.allocate(100, 8), 100, 8);
    resource.deallocate(resource.allocate(100, 64), 100, 64);
    WHY("up to 64 bytes of alignment blocks are pooled");
    CHECK(upstream.allocations() == before);
    CHECK(upstream.faults() == 0);
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
    for (const Strategy strategy :
         {Strategy::unsynchronized, Strategy::locked, Strategy::thread_cached}) {
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

TEST_CASE("broken requests are refused and huge ones fail", "[classes]") {
    WHY("a broken precondition is told at once and with the value, not found out later");
    CountingUpstream upstream;
    PoolResource resource({}, &upstream);
    std::pmr::memory_resource& base = resource;
    volatile std::size_t bad = 0;  // so that no compiler reasons about a wrong alignment
    const auto allocate = [&](std::size_t bytes, std::size_t alignment) {
        bad = alignment;
        void* const block = base.allocate(bytes, bad);
        base.deallocate(block, bytes, bad);
    };
    CHECK_THROWS_AS(allocate(8, 0), std::invalid_argument);
    CHECK_THROWS_MATCHES(allocate(8, 3), std::invalid_argument,
                         MessageMatches(ContainsSubstring("3")));
    CHECK_THROWS_MATCHES(allocate(5000, 48), std::invalid_argument,
                         MessageMatches(ContainsSubstring("48")));
    CHECK_THROWS_MATCHES(allocate(8, 100), std::invalid_argument,
                         MessageMatches(ContainsSubstring("100")));
    // A free small block waits, for a size that wraps around to be served with.
    resource.deallocate(resource.allocate(8), 8);
    for (const std::size_t bytes : {kMax, kMax - 1u, kMax - 15u, kMax - 63u, kMax / 2u}) {
        CAPTURE(bytes);
        WHY("a size that wraps around when rounded up must not end in a small block");
        CHECK_THROWS_AS(allocate(bytes, 8), std::bad_alloc);
        CHECK_THROWS_AS(allocate(bytes, 64), std::bad_alloc);
    }
    CHECK(resource.stats().bytes_in_use == 0);
}

TEST_CASE("a request of no bytes gets a block of its own", "[classes][asan]") {
    WHY("containers may ask for 0 bytes, and addresses of live blocks differ");
    PoolResource resource;
    void* const a = resource.allocate(0);
    void* const b = resource.allocate(0, 1);
    void* const c = resource.allocate(1, 1);
    CHECK(a != nullptr);
    CHECK(std::set<void*>{a, b, c}.size() == 3);
    resource.deallocate(a, 0);
    resource.deallocate(b, 0, 1);
    resource.deallocate(c, 1, 1);
}

TEST_CASE("a configuration with a fault is refused with the value", "[classes]") {
    WHY("a broken precondition is told at once and with the value, not found out later");
    CountingUpstream upstream;
    const auto make = [&](std::vector<SizeClass> classes) {
        const PoolResource resource(with_classes(std::move(classes)), &upstream);
    };
    CHECK_THROWS_MATCHES(make({{0, 1}}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("0")));
    CHECK_THROWS_MATCHES(make({{64, 1}, {100, 1}}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("100")));
    CHECK_THROWS_MATCHES(make({{256, 1}, {64, 1}}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("64")));
    CHECK_THROWS_MATCHES(make({{64, 1}, {64, 1}}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("64")));
    CHECK_THROWS_MATCHES(make({{64, 1}, {65536, 1}}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("65536")));
    CHECK_THROWS_MATCHES(make({{64, 10, 11}}), std::invalid_argument,
                         MessageMatches(ContainsSubstring("11")));
    std::vector<SizeClass> many;
    for (std::size_t i = 1; i <= 65; ++i)
        many.push_back({16 * i, 1});
    CHECK_THROWS_MATCHES(make(many), std::invalid_argument,
                         MessageMatches(ContainsSubstring("65")));
    CHECK(upstream.allocations() == 0);
    many.pop_back();
    CHECK_NOTHROW(make(many));
    {
        WHY("without classes there are still the buckets");
        PoolResource resource(with_classes({}), &upstream);
        resource.deallocate(resource.allocate(10), 10);
        const std::size_t before = upstream.allocations();
        resource.deallocate(resource.allocate(10), 10);
        CHECK(upstream.allocations() == before);
    }
}

TEST_CASE("upstream that throws changes nothing", "[classes][asan]") {
    WHY("exhaustion is std::bad_alloc, and after it the resource is as it was");
    CountingUpstream upstream;
    {
        PoolResource resource({}, &upstream);
        const cacheline::PoolStats before = resource.stats();
        upstream.fail_at(1);
        for (const std::size_t bytes : {10u, 1000u, 2000u, 500'000u}) {
            CAPTURE(bytes);
            CHECK_THROWS_AS(resource.allocate(bytes), std::bad_alloc);
        }
        CHECK_THROWS_AS(resource.allocate(10, 512), std::bad_alloc);
        const cacheline::PoolStats after = resource.stats();
        CHECK(after.allocations == before.allocations);
        CHECK(after.misses == before.misses);
        CHECK(after.bytes_in_use == 0);
        CHECK(after.peak_bytes == 0);
        upstream.fail_at(0);
        void* const block = resource.allocate(10);
        resource.deallocate(block, 10);
        upstream.fail_at(1);
        WHY("free blocks are handed out while upstream has nothing");
        void* const again = resource.allocate(20);
        CHECK(again == block);
        resource.deallocate(again, 20);
        upstream.fail_at(0);
    }
    CHECK(upstream.outstanding() == 0);
    upstream.fail_at(15);
    {
        WHY("a constructor that throws has no destructor to clean up behind it");
        const PoolConfig config = with_classes({{64, 10, 10}, {256, 10, 10}});
        CHECK_THROWS_AS(PoolResource(config, &upstream), std::bad_alloc);
        CHECK(upstream.at_the_end() == CountingUpstream::kFlawless);
    }
}

TEST_CASE("the end of the resource gives every free block back", "[classes][asan]") {
    WHY("upstream finds memory again by its size and alignment; what is not returned leaks");
    for (const Strategy strategy :
         {Strategy::unsynchronized, Strategy::locked, Strategy::thread_cached}) {
        CAPTURE(strategy);
        CountingUpstream upstream;
        {
            PoolConfig config;
            config.strategy = strategy;
            PoolResource resource(config, &upstream);
            std::vector<std::pair<void*, std::size_t>> blocks;
            for (std::size_t bytes = 1; bytes < 3000; bytes += 7)
                blocks.emplace_back(resource.allocate(bytes), bytes);
            for (const auto& [block, bytes] : blocks)
                resource.deallocate(block, bytes);
        }
        CHECK(upstream.allocations() > 100);
        CHECK(upstream.at_the_end() == CountingUpstream::kFlawless);
    }
}

TEST_CASE("memory is handed out as upstream gave it", "[classes]") {
    WHY("whoever asked writes to the memory next; to zero it first costs more than to get it");
    CountingUpstream upstream;
    PoolResource resource({}, &upstream);
    for (const std::size_t bytes : {64u, 256u, 1024u, 4000u}) {
        CAPTURE(bytes);
        auto* const block = static_cast<unsigned char*>(resource.allocate(bytes));
        // Room for a link that an implementation may keep at the start.
        const auto zeroed = std::count_if(block + 16, block + bytes, [](unsigned char byte) {
            return byte != CountingUpstream::kPattern;
        });
        CHECK(zeroed == 0);
        resource.deallocate(block, bytes);
    }
}

TEST_CASE("only the bytes that were asked for may be touched", "[classes][asan]") {
    WHY("a block that is out is the caller's");
    for (const Strategy strategy :
         {Strategy::unsynchronized, Strategy::locked, Strategy::thread_cached}) {
        CAPTURE(strategy);
        PoolConfig config;
        config.strategy = strategy;
        PoolResource resource(config);
        for (const std::size_t bytes : {1u, 20u, 64u, 200u, 1000u, 1500u}) {
            CAPTURE(bytes);
            for (int round = 0; round < 2; ++round) {  // from upstream, then from the pool
                void* const block = resource.allocate(bytes);
                CHECK(touchable_from(block, bytes) == bytes);
                if (cacheline::support::kAsan) {
                    WHY("a write into the rest of a rounded block must be seen");
                    CHECK(touchable_from(block, bytes + 1) == bytes);
                }
                resource.deallocate(block, bytes);
                if (cacheline::support::kAsan) {
                    WHY("a use after free of a pooled block must be seen");
                    CHECK(touchable_from(block, bytes) == 0);
                }
            }
        }
    }
}

TEST_CASE("a resource is equal to itself only", "[classes]") {
    WHY("equal resources may free each other's blocks");
    const PoolResource a;
    const PoolResource b;
    CHECK(a.is_equal(a));
    CHECK_FALSE(a.is_equal(b));
}
