// Step threads: the peak. Exact on one thread, whoever looks; on several within its slack.

#include "support/suite.hpp"

#include <instrumented_allocator.hpp>

#include <atomic>
#include <barrier>
#include <functional>
#include <memory>
#include <semaphore>
#include <thread>

#include "05-instrumented-allocator/told_stats.hpp"
#include "05-instrumented-allocator/upstreams.hpp"
#include "support/between.hpp"
#include "support/partner.hpp"
#include "support/single_step.hpp"
#include "support/threads.hpp"

using namespace cacheline;
using support::Between;
using support::kCanSingleStep;
using support::Mirage;
using support::Partner;
using support::run_together;
using support::SingleStep;

TEST_CASE("the peak of one thread is exact while another looks", "[threads][tsan]") {
    WHY("a dashboard looks once a second; if each look adds what came and went meanwhile, one "
        "block of 4096 bytes is a peak of megabytes");
    Mirage mirage;
    InstrumentedResource resource(&mirage);
    std::uint64_t most_live = 0;
    std::uint64_t highest = resource.stats().peak_bytes;
    REQUIRE(highest == 0);
    InstrumentedResource another(&mirage);
    another.deallocate(another.allocate(1), 1);  // what is still to be written fails here
    const std::function<void()> pair = [&] { resource.deallocate(resource.allocate(4096), 4096); };
    const auto look = [&] {
        const AllocationStats shown = resource.stats();
        most_live = std::max(most_live, shown.live_bytes);
        highest = std::max(highest, shown.peak_bytes);
    };
    if constexpr (kCanSingleStep) {
        // The pairs come between the instructions of the look.
        Partner worker(pair);
        worker.once();
        SingleStep stepper;
        Between every_61st(stepper, 61, [&] { worker.once_between(); });
        stepper.run(look);
    } else {
        std::atomic<bool> over{false};
        std::thread worker([&] {
            for (int i = 0; i < 20'000; ++i)
                pair();
            over = true;
        });
        do {
            look();
        } while (!over);
        worker.join();
    }
    CHECK(most_live <= 4096);
    CHECK(highest == 4096);
    CHECK(resource.stats().peak_bytes == 4096);
}

TEST_CASE("the peak of one thread is exact whatever it is doing when another looks", "[threads]") {
    WHY("what is being published is in two places for a moment, or in none; a look just then must "
        "not count it twice");
    Mirage mirage;
    InstrumentedResource resource(&mirage);
    std::size_t too_low = 0;
    std::size_t too_high = 0;
    std::size_t below_live = 0;
    REQUIRE(resource.stats().peak_bytes == 0);
    void* somewhere = nullptr;
    std::uint64_t begun = 0;  // the peak when the allocation that is under way has been counted
    std::uint64_t done = 0;   // … and that before it
    const auto tide = [&] {
        // Up by 160 KiB, down, and up again by a little more.
        constexpr std::size_t kBlock = 4096;
        std::uint64_t live = 0;
        for (const int blocks : {40, -40, 44}) {
            for (int i = 0; i < std::abs(blocks); ++i) {
                if (blocks > 0) {
                    live += kBlock;
                    begun = std::max(begun, live);
                    somewhere = resource.allocate(kBlock);
                    done = begun;
                } else {
                    live -= kBlock;
                    resource.deallocate(somewhere, kBlock);
                }
            }
        }
    };
    if constexpr (kCanSingleStep) {
        Partner looker([&] {
            const AllocationStats shown = resource.stats();
            too_low += shown.peak_bytes < done;
            too_high += shown.peak_bytes > begun;
            below_live += shown.peak_bytes < shown.live_bytes;
        });
        looker.once();
        SingleStep stepper;
        Between each(stepper, 1, [&] { looker.once_between(); });
        stepper.run(tide);
    } else {
        tide();
    }
    CHECK(too_low == 0);
    CHECK(too_high == 0);
    CHECK(below_live == 0);
    CHECK(resource.stats().peak_bytes == 44 * 4096);
}

TEST_CASE("a peak is no less than what is live, and is not taken back", "[threads][tsan]") {
    WHY("several threads keep a little to themselves each, but one who looks adds it all up");
    Mirage mirage;
    InstrumentedResource resource(&mirage);
    REQUIRE(resource.stats().peak_bytes == 0);
    resource.deallocate(resource.allocate(64), 64);
    constexpr std::size_t kThreads = 6;
    constexpr std::size_t kEach = 60'000;
    bool take = true;
    std::vector<std::unique_ptr<Partner>> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
        threads.push_back(
            std::make_unique<Partner>([&, block = static_cast<void*>(nullptr)]() mutable {
                if (take) {
                    block = resource.allocate(kEach);
                } else {
                    resource.deallocate(block, kEach);
                }
            }));
    }
    for (const auto& thread : threads)
        thread->once();
    const AllocationStats held = resource.stats();
    take = false;
    for (const auto& thread : threads)
        thread->once();
    const AllocationStats after = resource.stats();
    CHECK(held.live_bytes == kThreads * kEach);
    CHECK(held.peak_bytes >= held.live_bytes);
    CHECK(held.peak_bytes <= held.live_bytes + kThreads * kPeakSlack);
    CHECK(after.live_bytes == 0);
    CHECK(after.peak_bytes >= held.peak_bytes);
}

TEST_CASE("threads that have ended add nothing to the error of the peak", "[threads][tsan]") {
    WHY("a server's threads come and go all day; by the evening the peak would be any number");
    constexpr std::uint64_t kMiB = 1 << 20;
    constexpr std::size_t kThreads = 60;
    constexpr std::size_t kEach = 60'000;
    Mirage mirage;
    for (const bool give_back : {false, true}) {
        InstrumentedResource resource(&mirage);
        REQUIRE(resource.stats().peak_bytes == 0);
        std::barrier all(static_cast<std::ptrdiff_t>(kThreads));
        const std::function<void()> work = [&] {
            void* const block = resource.allocate(kEach);
            all.arrive_and_wait();  // so that they are all running at once
            if (give_back) resource.deallocate(block, kEach);
        };
        run_together(std::vector<std::function<void()>>(kThreads, work));
        // Now one thread is left, and takes and gives back 20 MiB.
        void* somewhere = nullptr;
        for (std::uint64_t i = 0; i < 20 * kMiB / 4096; ++i)
            somewhere = resource.allocate(4096);
        for (std::uint64_t i = 0; i < 20 * kMiB / 4096; ++i)
            resource.deallocate(somewhere, 4096);
        const std::uint64_t expected = 20 * kMiB + (give_back ? 0 : kThreads * kEach);
        const std::uint64_t peak = resource.stats().peak_bytes;
        CAPTURE(give_back);
        CHECK(peak >= expected - kPeakSlack);
        CHECK(peak <= expected + kPeakSlack);
    }
}

TEST_CASE("the peak of several threads is right within its slack", "[threads][tsan]") {
    WHY("the sum of every thread's own peak is no peak, and neither is the greatest of them");
    constexpr std::uint64_t kMiB = 1 << 20;
    Mirage mirage;
    {
        // All at once: four threads hold 4 MiB each at the same time.
        InstrumentedResource resource(&mirage);
        REQUIRE(resource.stats().peak_bytes == 0);
        std::barrier all(4);
        const std::function<void()> hold = [&] {
            void* somewhere = nullptr;
            for (int i = 0; i < 1024; ++i)
                somewhere = resource.allocate(4096);
            all.arrive_and_wait();
            for (int i = 0; i < 1024; ++i)
                resource.deallocate(somewhere, 4096);
        };
        run_together({hold, hold, hold, hold});
        const std::uint64_t peak = resource.stats().peak_bytes;
        CHECK(peak >= 16 * kMiB - 4 * kPeakSlack);
        CHECK(peak <= 16 * kMiB + 4 * kPeakSlack);
    }
    {
        // One after the other: each has given back its 4 MiB before the next begins.
        InstrumentedResource resource(&mirage);
        for (int thread = 0; thread < 6; ++thread) {
            std::thread([&] {
                void* somewhere = nullptr;
                for (int i = 0; i < 1024; ++i)
                    somewhere = resource.allocate(4096);
                for (int i = 0; i < 1024; ++i)
                    resource.deallocate(somewhere, 4096);
            }).join();
        }
        const std::uint64_t peak = resource.stats().peak_bytes;
        CHECK(peak >= 4 * kMiB - kPeakSlack);
        CHECK(peak <= 4 * kMiB + kPeakSlack);
    }
    {
        // Hand over: one takes 100 MiB in all, the other gives them back, with 1 MiB on the way.
        InstrumentedResource resource(&mirage);
        void* somewhere = nullptr;
        std::binary_semaphore full{0};
        std::binary_semaphore empty{1};
        run_together({
            [&] {
                for (int round = 0; round < 100; ++round) {
                    empty.acquire();
                    for (int i = 0; i < 256; ++i)
                        somewhere = resource.allocate(4096);
                    full.release();
                }
            },
            [&] {
                for (int round = 0; round < 100; ++round) {
                    full.acquire();
                    for (int i = 0; i < 256; ++i)
                        resource.deallocate(somewhere, 4096);
                    empty.release();
                }
            },
        });
        const AllocationStats stats = resource.stats();
        CHECK(stats.peak_bytes >= kMiB - 2 * kPeakSlack);
        CHECK(stats.peak_bytes <= kMiB + 2 * kPeakSlack);
        CHECK(stats.live_bytes == 0);
    }
}
