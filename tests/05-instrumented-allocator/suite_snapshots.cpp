// Step threads: what a snapshot shows while threads are at work.

#include "support/suite.hpp"

#include <instrumented_allocator.hpp>

#include <atomic>
#include <thread>

#include "05-instrumented-allocator/exchange.hpp"
#include "05-instrumented-allocator/told_stats.hpp"
#include "05-instrumented-allocator/upstreams.hpp"
#include "support/between.hpp"
#include "support/partner.hpp"
#include "support/single_step.hpp"

using namespace cacheline;
using support::Between;
using support::Exchange;
using support::Heap;
using support::kCanSingleStep;
using support::kSanitized;
using support::Mirage;
using support::Partner;
using support::SingleStep;

namespace {

// The name of a total that is less than it was; empty if none is.
std::string what_fell(const AllocationStats& last, const AllocationStats& now) {
    if (now.allocations < last.allocations) return "allocations";
    if (now.deallocations < last.deallocations) return "deallocations";
    if (now.failed < last.failed) return "failed";
    if (now.bytes_allocated < last.bytes_allocated) return "bytes_allocated";
    if (now.bytes_deallocated < last.bytes_deallocated) return "bytes_deallocated";
    if (now.peak_bytes < last.peak_bytes) return "peak_bytes";
    for (std::size_t i = 0; i < kSizeClasses; ++i)
        if (now.histogram[i] < last.histogram[i]) return "histogram[" + std::to_string(i) + "]";
    return "";
}

}  // namespace

TEST_CASE("totals never fall while threads work and none shows more given back than taken",
          "[threads][tsan]") {
    WHY("a live count of 18446744073709551615 on the dashboard wakes somebody at night");
    Heap heap;
    InstrumentedResource resource(&heap);
    Exchange exchange(resource);
    SEEDED_RNG(rng);
    AllocationStats mains_own;
    exchange.step(rng, mains_own);  // what is still to be written fails here, not in a thread
    AllocationStats last = resource.stats();
    std::atomic<int> working{4};
    std::vector<std::thread> generations;
    for (int i = 0; i < 4; ++i) {
        generations.emplace_back([&, seed = rng()] {
            std::mt19937_64 own(seed);
            // Each generation ends and is followed by a new thread.
            for (int generation = 0; generation < 10; ++generation) {
                std::thread([&] {
                    AllocationStats mine;
                    for (int step = 0; step < (kSanitized ? 300 : 4000); ++step)
                        exchange.step(own, mine);
                }).join();
            }
            --working;
        });
    }
    std::string fell;  // which, the first time
    std::size_t more_back_than_taken = 0;
    std::size_t wrapped = 0;
    std::size_t peak_below_live = 0;
    do {
        const AllocationStats now = resource.stats();
        if (fell.empty()) fell = what_fell(last, now);
        more_back_than_taken +=
            now.deallocations > now.allocations || now.bytes_deallocated > now.bytes_allocated;
        wrapped += now.live_blocks > 1'000'000 || now.live_bytes > std::uint64_t{1} << 40;
        peak_below_live += now.peak_bytes < now.live_bytes;
        last = now;
        std::this_thread::yield();
    } while (working > 0);
    for (std::thread& thread : generations)
        thread.join();
    CHECK(fell == "");
    CHECK(more_back_than_taken == 0);
    CHECK(wrapped == 0);
    CHECK(peak_below_live == 0);
    exchange.drain(mains_own);
    CHECK(resource.stats().live_bytes == 0);
}

TEST_CASE("a snapshot is consistent whatever happens between two of its instructions",
          "[threads]") {
    WHY("what is read first is older; a block taken and given back meanwhile must not show as "
        "given back only");
    Mirage mirage;
    InstrumentedResource resource(&mirage);
    resource.deallocate(resource.allocate(64), 64);
    AllocationStats snapshot = resource.stats();
    if constexpr (kCanSingleStep) {
        void* block = nullptr;
        Partner taker([&] { block = resource.allocate(64); });
        Partner giver([&] { resource.deallocate(block, 64); });
        const auto pair = [&] {
            if (taker.done() != giver.done()) return;  // one of them is kept waiting
            taker.once_between();
            if (taker.done() != giver.done()) giver.once_between();
        };
        pair();  // the threads have whatever they need for their first time
        SingleStep stepper;
        Between every_61st(stepper, 61, pair);
        stepper.run([&] { snapshot = resource.stats(); });
        CAPTURE(stepper.instructions(), giver.done());
        CHECK(snapshot.deallocations <= snapshot.allocations);
        CHECK(snapshot.bytes_deallocated <= snapshot.bytes_allocated);
        CHECK(snapshot.live_blocks <= giver.done() + 1);
        CHECK(snapshot.live_bytes <= 64 * (giver.done() + 1));
    }
    CHECK(snapshot.allocations >= 1);
    CHECK(resource.stats().live_blocks == 0);
}
