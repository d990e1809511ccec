// The step "classes": what callers may rely on for every block, and what is refused.

#include "support/suite.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <pool_resource.hpp>
#include <set>
#include <stdexcept>

#include "pool_configs.hpp"
#include "told_strategy.hpp"
#include "touchable.hpp"
#include "upstream.hpp"

using cacheline::kStrategies;
using cacheline::PoolConfig;
using cacheline::PoolResource;
using cacheline::SizeClass;
using cacheline::Strategy;
using cacheline::with_classes;
using cacheline::support::CountingUpstream;
using cacheline::support::touchable_from;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

constexpr std::size_t kMax = std::numeric_limits<std::size_t>::max();

}  // namespace

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

TEST_CASE("broken requests are refused and huge ones fail", "[classes]") {
    WHY("a broken precondition is told at once and with the value, not found out later");
    CountingUpstream upstream;
    PoolResource resource({}, &upstream);
    std::pmr::memory_resource& base = resource;
    PoolConfig large;
    large.largest_custom = kMax;
    PoolResource buckets_for_all(large);
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
        CHECK_THROWS_AS(buckets_for_all.allocate(bytes, 1), std::bad_alloc);
    }
    CHECK(resource.stats().bytes_in_use == 0);
    CHECK(buckets_for_all.stats().bytes_in_use == 0);
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
    for (const Strategy strategy : kStrategies) {
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
    for (const Strategy strategy : kStrategies) {
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
