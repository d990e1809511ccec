// The step "stats": the books of several threads.

#include "support/suite.hpp"

#include <array>
#include <atomic>
#include <barrier>
#include <pool_resource.hpp>
#include <thread>

#include "pool_configs.hpp"
#include "support/between.hpp"
#include "support/partner.hpp"
#include "support/single_step.hpp"
#include "support/threads.hpp"
#include "told_strategy.hpp"
#include "traffic.hpp"
#include "upstream.hpp"
#include "usage.hpp"

using cacheline::CachedBlocks;
using cacheline::kSharedStrategies;
using cacheline::PoolResource;
using cacheline::PoolStats;
using cacheline::Strategy;
using cacheline::support::Between;
using cacheline::support::CountingUpstream;
using cacheline::support::kCanSingleStep;
using cacheline::support::Partner;
using cacheline::support::run_together;
using cacheline::support::SingleStep;
using cacheline::support::take_and_free;
using cacheline::support::Tally;
using cacheline::support::Traffic;
using cacheline::support::use;

TEST_CASE("the books add up after random operations on four threads", "[stats][tsan]") {
    WHY("a count that two threads write without care loses some");
    for (const Strategy strategy : kSharedStrategies) {
        CAPTURE(strategy);
        SEEDED_RNG(rng);
        CountingUpstream upstream;
        PoolResource resource(with(strategy), &upstream);
        Traffic traffic(resource);
        std::array<Tally, 4> tallies{};
        const std::size_t operations = cacheline::support::kSanitized ? 20'000 : 250'000;
        std::vector<std::function<void()>> threads;
        for (Tally& tally : tallies)
            threads.emplace_back([&, seed = rng()] { traffic.run(seed, operations, tally); });
        run_together(threads);
        Tally sum;
        for (const Tally& tally : tallies)
            sum += tally;
        PoolStats stats = resource.stats();
        CHECK(stats.allocations == sum.allocations);
        CHECK(stats.deallocations == sum.deallocations);
        CHECK(stats.hits + stats.misses == stats.allocations);
        CHECK(stats.misses == upstream.allocations());
        CHECK(stats.bytes_in_use == sum.bytes_given - sum.bytes_taken);
        std::size_t free = 0;
        for (const auto* list : {&stats.classes, &stats.custom})
            for (const CachedBlocks& c : *list)
                free += c.blocks;
        CHECK(free + (sum.allocations - sum.deallocations) == upstream.outstanding());
        traffic.free_rest();
        stats = resource.stats();
        CHECK(stats.deallocations == stats.allocations);
        CHECK(stats.bytes_in_use == 0);
        CHECK(sum.damaged == 0);
    }
}

TEST_CASE("the peak of several threads is near the true one", "[stats]") {
    WHY("all threads held their memory at once: the peak is that of all together");
    constexpr std::size_t kThreads = 4;
    constexpr std::size_t kBlocks = 1024;
    for (const Strategy strategy : kSharedStrategies) {
        CAPTURE(strategy);
        PoolResource resource(with(strategy));
        std::barrier meet(kThreads);
        const std::vector<std::function<void()>> threads(kThreads, [&] {
            std::vector<void*> blocks(kBlocks);
            for (void*& block : blocks)
                block = resource.allocate(1000);
            meet.arrive_and_wait();
            for (void* block : blocks)
                resource.deallocate(block, 1000);
        });
        // A Todo or another exception must come out, not strand the others at the barrier.
        (void)resource.stats();
        run_together(threads);
        const std::uint64_t peak = resource.stats().peak_bytes;
        const std::uint64_t truth = kThreads * kBlocks * 1000;
        const std::uint64_t slack =
            strategy == Strategy::thread_cached ? kThreads * PoolStats::kPeakSlack : 0;
        CHECK(peak >= truth - slack);
        CHECK(peak <= truth + slack);
    }
}

TEST_CASE("the peak does not creep when one thread takes and another frees", "[stats]") {
    WHY("never more than 32 KiB were out, however many went through");
    constexpr int kRounds = 300;
    constexpr std::size_t kBlocks = 32;
    for (const Strategy strategy : kSharedStrategies) {
        CAPTURE(strategy);
        PoolResource resource(with(strategy));
        (void)resource.stats();
        std::array<void*, kBlocks> blocks{};
        std::barrier meet(2);
        run_together({[&] {
                          for (int round = 0; round < kRounds; ++round) {
                              for (void*& block : blocks)
                                  block = resource.allocate(1024);
                              meet.arrive_and_wait();
                              meet.arrive_and_wait();
                          }
                      },
                      [&] {
                          for (int round = 0; round < kRounds; ++round) {
                              meet.arrive_and_wait();
                              for (void* block : blocks)
                                  resource.deallocate(block, 1024);
                              meet.arrive_and_wait();
                          }
                      }});
        const PoolStats stats = resource.stats();
        const std::uint64_t slack =
            strategy == Strategy::thread_cached ? 2 * PoolStats::kPeakSlack : 0;
        CHECK(stats.peak_bytes <= kBlocks * 1024 + slack);
        CHECK(stats.allocations == kRounds * kBlocks);
        CHECK(stats.bytes_in_use == 0);
    }
}

TEST_CASE("the books can be read and reset while threads are at work", "[stats][tsan]") {
    WHY("counts only grow, and an allocation is a hit or a miss at any moment");
    for (const Strategy strategy : kSharedStrategies) {
        CAPTURE(strategy);
        PoolResource resource(with(strategy));
        (void)resource.stats();
        std::atomic<int> running{2};
        std::size_t wrong = 0;
        const std::function<void()> work = [&] {
            for (int round = 0; round < 200; ++round) {
                use(resource, 50);
                use(resource, 5, 2000);
            }
            --running;
        };
        run_together({work, work, [&] {
                          PoolStats before;
                          while (running != 0) {
                              const PoolStats now = resource.stats();
                              if (now.allocations < before.allocations ||
                                  now.deallocations < before.deallocations ||
                                  now.allocations != now.hits + now.misses)
                                  ++wrong;
                              before = now;
                          }
                      }});
        {
            const std::size_t impossible_snapshots = wrong;
            CHECK(impossible_snapshots == 0);
        }
        CHECK(resource.stats().allocations == 2 * 200 * 55);
        running = 2;
        resource.reset_stats();
        run_together({work, work, [&] {
                          while (running != 0) {
                              resource.reset_stats();
                              std::this_thread::yield();
                          }
                      }});
        WHY("a reset moves the counts' zero, and takes nothing from what is in use");
        CHECK(resource.stats().bytes_in_use == 0);
        CHECK(resource.stats().allocations <= 2 * 200 * 55);
    }
}

TEST_CASE("bytes in use are right whatever happens between two instructions", "[stats]") {
    WHY("a thread that holds a million bytes, and takes and frees a thousand, never has less");
    std::size_t held_bytes = 1'000'000;  // no constant: compilers warn of tables that are too small
    constexpr std::uint64_t kTurnedOver = 1000;
    PoolResource resource(with(Strategy::thread_cached));
    (void)resource.stats();
    void* held = nullptr;
    PoolStats seen;
    PoolStats after_reset;
    {
        Partner partner([&] {
            if (held == nullptr) held = resource.allocate(held_bytes);
            use(resource, 1, kTurnedOver);
        });
        partner.once();
        seen = resource.stats();
        if constexpr (kCanSingleStep) {
            SingleStep stepper;
            Between each(stepper, 1, [&] { partner.once_between(); });
            stepper.run([&] { seen = resource.stats(); });
            stepper.run([&] { resource.reset_stats(); });
        }
        after_reset = resource.stats();
    }
    CHECK(seen.bytes_in_use >= held_bytes);
    CHECK(seen.bytes_in_use <= held_bytes + kTurnedOver);
    const std::uint64_t slack = 2 * PoolStats::kPeakSlack;
    CHECK(seen.peak_bytes + slack >= held_bytes + kTurnedOver);
    CHECK(seen.peak_bytes <= held_bytes + kTurnedOver + slack);
    CHECK(after_reset.bytes_in_use == held_bytes);
    CHECK(after_reset.peak_bytes >= held_bytes);
    CHECK(after_reset.peak_bytes <= held_bytes + kTurnedOver + slack);
    resource.deallocate(held, held_bytes);
    CHECK(resource.stats().bytes_in_use == 0);
}

TEST_CASE("a call is booked once, at whatever instruction of it one looks", "[stats]") {
    WHY("bytes that go from a thread's own sum to a common total are in one of the two, not in "
        "both");
    constexpr std::size_t kBlocks = 80;
    constexpr std::int64_t kBytes = 1000;
    PoolResource resource(with(Strategy::thread_cached));
    take_and_free(resource, kBlocks, kBytes);
    std::atomic<std::int64_t> least{0};
    std::atomic<std::int64_t> most{0};
    std::size_t looks = 0;
    std::size_t wrong_looks = 0;
    std::array<void*, kBlocks> blocks{};
    const auto run = [&] {
        for (void*& block : blocks) {
            most += kBytes;
            block = resource.allocate(kBytes);
            least += kBytes;
        }
        for (void* block : blocks) {
            least -= kBytes;
            resource.deallocate(block, kBytes);
            most -= kBytes;
        }
    };
    {
        Partner observer([&] {
            const auto seen = static_cast<std::int64_t>(resource.stats().bytes_in_use);
            ++looks;
            wrong_looks += seen < least || seen > most;
        });
        observer.once();
        if constexpr (kCanSingleStep) {
            SingleStep stepper;
            Between each(stepper, 1, [&] { observer.once_between(); });
            stepper.run(run);
        } else {
            run();
        }
    }
    CHECK(looks > 0);
    CHECK(wrong_looks == 0);
    CHECK(resource.stats().bytes_in_use == 0);
}
