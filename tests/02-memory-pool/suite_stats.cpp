// The step "stats": PoolStats and the report.

#include "support/suite.hpp"

#include <dlfcn.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <pool_resource.hpp>

#include "pool_configs.hpp"
#include "told_strategy.hpp"
#include "upstream.hpp"
#include "usage.hpp"

using cacheline::CachedBlocks;
using cacheline::kStrategies;
using cacheline::PoolConfig;
using cacheline::PoolResource;
using cacheline::PoolStats;
using cacheline::Statistics;
using cacheline::Strategy;
using cacheline::support::CountingUpstream;
using cacheline::support::use;

namespace {

constinit thread_local std::size_t clock_readings = 0;

// The value in the row of `text` that starts with `name`.
std::string row(const std::string& text, const std::string& name) {
    const std::string start = "\n| " + name + " | ";
    const std::size_t found = text.find(start);
    if (found == std::string::npos) return "no such row";
    const std::size_t value = found + start.size();
    return text.substr(value, text.find(" |", value) - value);
}

}  // namespace

#if !defined(CACHELINE_ASAN) && !defined(CACHELINE_TSAN)
// Counts what std::chrono's clocks ask the system for.
extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
    using Function = int(clockid_t, timespec*);
    static const auto real = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, "clock_gettime"));
    ++clock_readings;
    return real(clock, time);
}
#endif

TEST_CASE("counts and bytes are exact on one thread", "[stats][asan]") {
    WHY("numbers that are nearly right send whoever reads them the wrong way");
    for (const Strategy strategy : kStrategies) {
        CAPTURE(strategy);
        SEEDED_RNG(rng);
        CountingUpstream upstream;
        PoolResource resource(with(strategy), &upstream);
        std::vector<std::pair<void*, std::size_t>> blocks;
        PoolStats expected;
        std::size_t wrong = 0;
        for (int step = 0; step < 20'000; ++step) {
            if (blocks.empty() || rng() % 1000 < (step < 10'000 ? 520U : 480U)) {
                const std::size_t bytes = rng() % (rng() % 8 == 0 ? 70'000 : 1100);
                const std::size_t before = upstream.allocations();
                blocks.emplace_back(resource.allocate(bytes), bytes);
                ++(upstream.allocations() == before ? expected.hits : expected.misses);
                expected.bytes_in_use += bytes;
                expected.peak_bytes = std::max(expected.peak_bytes, expected.bytes_in_use);
            } else {
                std::swap(blocks[rng() % blocks.size()], blocks.back());
                const auto [block, bytes] = blocks.back();
                resource.deallocate(block, bytes);
                blocks.pop_back();
                ++expected.deallocations;
                expected.bytes_in_use -= bytes;
            }
            if (step % 100 == 0) {
                const PoolStats now = resource.stats();
                wrong += now.bytes_in_use != expected.bytes_in_use ||
                         now.peak_bytes != expected.peak_bytes || now.hits != expected.hits;
            }
        }
        const PoolStats stats = resource.stats();
        CHECK(stats.hits == expected.hits);
        CHECK(stats.misses == expected.misses);
        CHECK(stats.allocations == expected.hits + expected.misses);
        CHECK(stats.deallocations == expected.deallocations);
        CHECK(stats.bytes_in_use == expected.bytes_in_use);
        CHECK(stats.peak_bytes == expected.peak_bytes);
        CHECK(stats.allocate_time.count() == 0);
        CHECK(wrong == 0);
        for (const auto& [block, bytes] : blocks)
            resource.deallocate(block, bytes);
        CHECK(resource.stats().bytes_in_use == 0);
    }
}

TEST_CASE("bytes in use are those asked for and the peak stays", "[stats]") {
    WHY("what is rounded up is the pool's affair; the books tell what the program needs");
    for (const Strategy strategy : kStrategies) {
        CAPTURE(strategy);
        PoolResource resource(with(strategy));
        void* const a = resource.allocate(1);
        void* const b = resource.allocate(100'000, 4096);
        void* const c = resource.allocate(0);
        CHECK(resource.stats().bytes_in_use == 100'001);
        resource.deallocate(b, 100'000, 4096);
        resource.deallocate(a, 1);
        resource.deallocate(c, 0);
        CHECK(resource.stats().bytes_in_use == 0);
        CHECK(resource.stats().peak_bytes == 100'001);
        use(resource, 10);
        CHECK(resource.stats().peak_bytes == 100'001);
    }
}

TEST_CASE("free blocks are told by class and by bucket", "[stats]") {
    WHY("the free blocks are what the pool costs: one must be able to see where they are");
    for (const Strategy strategy : kStrategies) {
        CAPTURE(strategy);
        PoolConfig config = with(strategy);
        config.classes[1].preallocated = 4;
        PoolResource resource(config);
        std::vector<std::pair<void*, std::size_t>> blocks;
        for (const std::size_t bytes : {1u, 64u, 30u, 600u, 5000u, 2000u, 5000u, 100u})
            blocks.emplace_back(resource.allocate(bytes), bytes);
        CHECK(resource.stats().classes == std::vector<CachedBlocks>{{64, 0}, {256, 3}, {1024, 0}});
        CHECK(resource.stats().custom.empty());
        for (const auto& [block, bytes] : blocks)
            resource.deallocate(block, bytes);
        CHECK(resource.stats().classes == std::vector<CachedBlocks>{{64, 3}, {256, 4}, {1024, 1}});
        CHECK(resource.stats().custom == std::vector<CachedBlocks>{{2000, 1}, {5000, 2}});
    }
}

TEST_CASE("a reset starts the counts again and leaves the present alone", "[stats]") {
    WHY("what was counted is over, but the blocks that are out and the free ones are still "
        "there");
    for (const Strategy strategy : kStrategies) {
        CAPTURE(strategy);
        PoolResource resource(with(strategy, Statistics::times));
        void* const held = resource.allocate(500);
        use(resource, 50, 3000);
        const std::vector<CachedBlocks> custom = resource.stats().custom;
        resource.reset_stats();
        PoolStats stats = resource.stats();
        CHECK(stats.allocations == 0);
        CHECK(stats.deallocations == 0);
        CHECK(stats.hits == 0);
        CHECK(stats.misses == 0);
        CHECK(stats.allocate_time.count() == 0);
        CHECK(stats.deallocate_time.count() == 0);
        CHECK(stats.bytes_in_use == 500);
        CHECK(stats.peak_bytes == 500);
        CHECK(stats.custom == custom);
        use(resource, 3, 200);
        resource.deallocate(held, 500);
        resource.reset_stats();
        resource.reset_stats();
        use(resource, 2, 200);
        stats = resource.stats();
        CHECK(stats.allocations == 2);
        CHECK(stats.deallocations == 2);
        CHECK(stats.hits == 2);
        CHECK(stats.bytes_in_use == 0);
        CHECK(stats.peak_bytes == 200);
    }
}

TEST_CASE("statistics that are off count nothing and read no clock", "[stats]") {
    WHY("what is switched off costs nothing; a clock costs more than the allocation it times");
    for (const Strategy strategy : kStrategies) {
        CAPTURE(strategy);
        PoolResource resource(with(strategy, Statistics::off));
        PoolResource counting(with(strategy, Statistics::counts));
        void* const held = resource.allocate(10);
        const std::size_t before = clock_readings;
        use(resource, 1000);
        use(resource, 1000, 5000);
        use(counting, 1000);
        const std::size_t readings = clock_readings - before;
        const PoolStats stats = resource.stats();
        CHECK(readings == 0);
        CHECK(stats.allocations == 0);
        CHECK(stats.deallocations == 0);
        CHECK(stats.hits == 0);
        CHECK(stats.misses == 0);
        CHECK(stats.bytes_in_use == 0);
        CHECK(stats.peak_bytes == 0);
        CHECK(stats.allocate_time.count() + stats.deallocate_time.count() == 0);
        CHECK(stats.classes == std::vector<CachedBlocks>{{64, 0}, {256, 1}, {1024, 0}});
        resource.deallocate(held, 10);
    }
}

TEST_CASE("times are those spent in allocate and in deallocate", "[stats]") {
    WHY("both directions are timed, and only while the resource is at work");
    for (const Strategy strategy : kStrategies) {
        CAPTURE(strategy);
        PoolResource resource(with(strategy, Statistics::times));
        const auto start = std::chrono::steady_clock::now();
        use(resource, 2000);
        const std::chrono::nanoseconds all = std::chrono::steady_clock::now() - start;
        const PoolStats stats = resource.stats();
        CHECK(stats.allocate_time.count() > 0);
        CHECK(stats.deallocate_time.count() > 0);
        CHECK((stats.allocate_time + stats.deallocate_time).count() <= all.count());
        CHECK(stats.allocations == 2000);
        CHECK(stats.hits == 1999);
    }
}

TEST_CASE("every call is timed by two clock readings", "[stats]") {
    WHY("a hit is a call like any other, and one of no bytes too; a third reading costs 20 ns "
        "more");
    for (const Strategy strategy : kStrategies) {
        CAPTURE(strategy);
        PoolResource resource(with(strategy, Statistics::times));
        for (const std::size_t bytes : {0u, 64u, 1024u, 5000u}) {
            CAPTURE(bytes);
            use(resource, 1, bytes);
            resource.reset_stats();
            const std::size_t before = clock_readings;
            use(resource, 100, bytes);
            const std::size_t readings = clock_readings - before;
            const PoolStats stats = resource.stats();
            CHECK(readings == 2 * 200);
            CHECK(stats.hits == 100);
            CHECK(stats.allocate_time.count() > 0);
            CHECK(stats.deallocate_time.count() > 0);
        }
    }
}

TEST_CASE("the report tells all numbers", "[stats]") {
    WHY("a report is read by people and by scripts: its rows keep their names and form");
    PoolStats stats;
    stats.allocations = 8;
    stats.deallocations = 6;
    stats.hits = 5;
    stats.misses = 3;
    stats.bytes_in_use = 2048;
    stats.peak_bytes = 4096;
    stats.allocate_time = std::chrono::nanoseconds(120);
    stats.deallocate_time = std::chrono::nanoseconds(90);
    stats.classes = {{64, 1}, {256, 0}};
    stats.custom = {{1500, 2}};
    const std::string text = report(stats);
    CAPTURE(text);
    CHECK(row(text, "allocations") == "8");
    CHECK(row(text, "deallocations") == "6");
    CHECK(row(text, "hits") == "5");
    CHECK(row(text, "misses") == "3");
    CHECK(row(text, "hit rate") == "62.50 %");
    CHECK(row(text, "bytes in use") == "2048");
    CHECK(row(text, "peak bytes") == "4096");
    CHECK(row(text, "time in allocate") == "120 ns");
    CHECK(row(text, "time in deallocate") == "90 ns");
    CHECK(row(text, "64") == "1");
    CHECK(row(text, "256") == "0");
    CHECK(row(text, "1500 (custom)") == "2");
    CHECK(text.starts_with("# "));
}

TEST_CASE("the report of a resource shows its own books", "[stats]") {
    PoolResource resource;
    WHY("before the first allocation there is no rate, and no division by 0");
    CHECK(row(resource.report(), "hit rate") == "0.00 %");
    use(resource, 3);
    const std::string text = resource.report();
    CAPTURE(text);
    CHECK(row(text, "allocations") == "3");
    CHECK(row(text, "hit rate") == "66.67 %");
    CHECK(row(text, "256") == "1");
}
