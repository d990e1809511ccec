// Step threads: totals that are exact, whatever the threads do.

#include "support/suite.hpp"

#include <instrumented_allocator.hpp>

#include <barrier>
#include <functional>
#include <thread>

#include "05-instrumented-allocator/exchange.hpp"
#include "05-instrumented-allocator/told_stats.hpp"
#include "05-instrumented-allocator/upstreams.hpp"
#include "support/threads.hpp"

using namespace cacheline;
using support::Exchange;
using support::Heap;
using support::kSanitized;
using support::Mirage;
using support::run_together;

namespace {

AllocationStats sum(const std::vector<AllocationStats>& parts) {
    AllocationStats total;
    for (const AllocationStats& part : parts) {
        total.allocations += part.allocations;
        total.deallocations += part.deallocations;
        total.bytes_allocated += part.bytes_allocated;
        total.bytes_deallocated += part.bytes_deallocated;
        for (std::size_t i = 0; i < kSizeClasses; ++i)
            total.histogram[i] += part.histogram[i];
    }
    total.live_blocks = total.allocations - total.deallocations;
    total.live_bytes = total.bytes_allocated - total.bytes_deallocated;
    return total;
}

// Everything but the peak, which is exact on one thread only.
void check_totals(const AllocationStats& got, const AllocationStats& expected) {
    CHECK(got.allocations == expected.allocations);
    CHECK(got.deallocations == expected.deallocations);
    CHECK(got.bytes_allocated == expected.bytes_allocated);
    CHECK(got.bytes_deallocated == expected.bytes_deallocated);
    CHECK(got.live_blocks == expected.live_blocks);
    CHECK(got.live_bytes == expected.live_bytes);
    CHECK(got.failed == expected.failed);
    CHECK(got.histogram == expected.histogram);
}

}  // namespace

TEST_CASE("totals are exact after eight threads did a million random operations",
          "[threads][tsan]") {
    WHY("an increment that is lost once in a million makes a leak of what is none");
    Heap heap;
    InstrumentedResource resource(&heap);
    Exchange exchange(resource);
    constexpr std::size_t kThreads = 8;
    const int steps = (kSanitized ? 80'000 : 500'000) / static_cast<int>(kThreads);  // of two each
    SEEDED_RNG(rng);
    std::vector<AllocationStats> counted(kThreads);
    std::vector<std::function<void()>> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
        threads.emplace_back([&, i, seed = rng()] {
            std::mt19937_64 own(seed);
            AllocationStats mine;
            for (int step = 0; step < steps; ++step)
                exchange.step(own, mine);
            counted[i] = mine;
        });
    }
    REQUIRE(resource.stats().allocations == 0);
    run_together(threads);
    check_totals(resource.stats(), sum(counted));
    exchange.drain(counted[0]);
    check_totals(resource.stats(), sum(counted));
    CHECK(resource.stats().live_bytes == 0);
}

TEST_CASE("threads that come and go leave their counts behind", "[threads][tsan]") {
    WHY("a server's threads live for a request; what they counted must outlive them");
    Heap heap;
    InstrumentedResource resource(&heap);
    Exchange exchange(resource);
    SEEDED_RNG(rng);
    std::vector<AllocationStats> counted;
    REQUIRE(resource.stats().allocations == 0);
    for (int generation = 0; generation < (kSanitized ? 20 : 80); ++generation) {
        std::array<AllocationStats, 4> mine;
        std::vector<std::function<void()>> threads;
        for (AllocationStats& part : mine) {
            threads.emplace_back([&exchange, &part, seed = rng()] {
                std::mt19937_64 own(seed);
                for (int step = 0; step < 50; ++step)
                    exchange.step(own, part);
            });
        }
        run_together(threads);
        counted.insert(counted.end(), mine.begin(), mine.end());
    }
    check_totals(resource.stats(), sum(counted));
    exchange.drain(counted[0]);
    CHECK(resource.stats().live_blocks == 0);
}

TEST_CASE("the counts are exact with 200 threads at once", "[threads][tsan]") {
    WHY("a table of threads is full one day; the next thread must be counted all the same");
    Mirage mirage;
    InstrumentedResource resource(&mirage);
    REQUIRE(resource.stats().allocations == 0);
    constexpr std::size_t kThreads = 200;
    const std::size_t rounds = kSanitized ? 200 : 4000;
    std::barrier all_here(static_cast<std::ptrdiff_t>(kThreads));
    const std::function<void()> work = [&] {
        // First a block of each, so that all are known before the first ends.
        void* const kept = resource.allocate(1000);
        all_here.arrive_and_wait();
        for (std::size_t i = 0; i < rounds; ++i)
            resource.deallocate(resource.allocate(64), 64);
        all_here.arrive_and_wait();
        resource.deallocate(kept, 1000);
    };
    run_together(std::vector<std::function<void()>>(kThreads, work));
    const AllocationStats stats = resource.stats();
    CHECK(stats.allocations == kThreads * (rounds + 1));
    CHECK(stats.deallocations == stats.allocations);
    CHECK(stats.bytes_allocated == kThreads * (rounds * 64 + 1000));
    CHECK(stats.live_bytes == 0);
    CHECK(stats.histogram[size_class(64)] == kThreads * rounds);
}

namespace {

// Allocates in its destructor at a thread's end, when what the allocator keeps for the thread may
// be gone: thread_local objects go in the opposite order of their construction.
struct LastWill {
    InstrumentedResource* resource = nullptr;
    ~LastWill() {
        if (resource == nullptr) return;
        for (int i = 0; i < 300; ++i)
            resource->deallocate(resource->allocate(64), 64);
    }
};

}  // namespace

TEST_CASE("what a thread allocates in its last destructors is counted", "[threads][asan][tsan]") {
    WHY("thread_local caches, loggers and pools free their memory there");
    Heap heap;
    InstrumentedResource resource(&heap);
    resource.deallocate(resource.allocate(8), 8);
    REQUIRE(resource.stats().allocations == 1);
    constexpr std::size_t kThreads = 40;
    // Always some that end while others begin and take over what the former leave.
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            static thread_local LastWill will;
            will.resource = &resource;  // constructed before the allocator has seen this thread
            for (int k = 0; k < 300; ++k)
                resource.deallocate(resource.allocate(32), 32);
        });
        if (i >= 4) threads[i - 4].join();
    }
    for (std::size_t i = kThreads - 4; i < kThreads; ++i)
        threads[i].join();
    const AllocationStats stats = resource.stats();
    CHECK(stats.allocations == kThreads * 600 + 1);
    CHECK(stats.deallocations == kThreads * 600 + 1);
    CHECK(stats.histogram[size_class(64)] == kThreads * 300);
    CHECK(stats.live_bytes == 0);
}
