#include "support/suite.hpp"

#include <parallel_processor.hpp>

#include "probes.hpp"
#include "support/lock_counter.hpp"

namespace cacheline {
namespace {

TEST_CASE("while one item takes long the others finish the rest", "[stealing][tsan]") {
    WHY("a worker that is held up must not keep what it has not begun: that is what stealing is "
        "for");
    const std::vector<int> items = numbers(2'000);
    for (const std::size_t threads : {2U, 4U}) {
        ParallelProcessor processor(threads);
        for (const int pinned : {0, 1, 777, 1'000, 1'999}) {
            const Watchdog watchdog(
                5s,
                "while item " + std::to_string(pinned) +
                    " of 2000 took long, nine tenths of the rest did not end",
                "what a held-up worker has not begun, others must take from it");
            std::atomic<std::size_t> done = 0;
            processor.process_parallel(items, [&](int item) {
                if (item == pinned) wait_until([&] { return done >= items.size() * 9 / 10; });
                ++done;
                return 0;
            });
            CHECK(done == items.size());
        }
    }
}

TEST_CASE("of few items, too, the others finish nine tenths while one takes long",
          "[stealing][tsan]") {
    WHY("items that stand behind a slow one, in a portion that a thread took at once, wait for it: "
        "of twelve items, two are too many");
    for (const std::size_t threads : {2U, 3U, 4U}) {
        ParallelProcessor processor(threads);
        for (std::size_t size = 2; size <= 60; ++size) {
            const Watchdog watchdog(5s, "while one of " + std::to_string(size) +
                                            " items took long, " + std::to_string(threads - 1) +
                                            " other threads did not end nine tenths of the rest");
            const std::size_t enough = (9 * (size - 1) + 9) / 10;
            for (const std::size_t pinned : {std::size_t{0}, size / 4, size / 2, size - 1}) {
                std::atomic<std::size_t> done = 0;
                processor.process_parallel(numbers(size), [&](int item) {
                    if (static_cast<std::size_t>(item) == pinned)
                        wait_until([&] { return done >= enough; });
                    else
                        ++done;
                    return 0;
                });
            }
        }
    }
    SUCCEED("all calls returned");
}

TEST_CASE("costly items that stand together are shared among the threads", "[stealing][tsan]") {
    WHY("with 90% of the work in the last 1% of the items, a fixed share for each thread, or a "
        "chunk of a hundred items, is the speed of one core");
    constexpr std::size_t kItems = 10'000;
    constexpr std::size_t kCostly = 100;
    const std::vector<int> items = numbers(kItems);
    ParallelProcessor processor(4);
    for (const std::size_t first : {std::size_t{0}, kItems / 2, kItems - kCostly}) {
        Shares shares;
        processor.process_parallel(items, [&](int item) {
            const auto place = static_cast<std::size_t>(item);
            if (place >= first && place < first + kCostly) {
                rest(1ms);
                shares.add();
            }
            return 0;
        });
        CAPTURE(first);
        CHECK(shares.total() == kCostly);
        INFO("100 costly items, 4 threads: 25 for each would be ideal");
        const std::size_t costly_items_of_the_busiest = shares.largest();
        CHECK(costly_items_of_the_busiest <= 60);
    }
}

TEST_CASE("threads that find nothing to take sleep until the call ends", "[stealing]") {
    WHY("three threads that spin while the fourth works take its power and its memory bandwidth");
    ParallelProcessor processor(4);
    const auto before = processor_time();
    processor.process_parallel(numbers(2), [](int item) {
        if (item == 1) rest(400ms);
        return 0;
    });
    const auto used =
        std::chrono::duration_cast<std::chrono::microseconds>(processor_time() - before);
    INFO("processor time while one item slept for 400 ms");
    const auto microseconds_used = used.count();
    CHECK(microseconds_used < 20'000);
}

TEST_CASE("a sleeping thread is woken by every call that has work for it", "[stealing][tsan]") {
    WHY("a wake-up that falls between a thread's last look and its sleep is lost, unless care is "
        "taken");
    SEEDED_RNG(rng);
    const support::SlowLocks slow_locks(100us);
    // Each call is a chance to fall into the gap. As many on a busy machine as on an idle one,
    // where they take a second; only a very slow one does without the rest.
    constexpr int kBatches = 10;
    for (const std::size_t threads : {2U, 4U}) {
        ParallelProcessor processor(threads);
        const auto late = std::chrono::steady_clock::now() + 4s;
        for (int batch = 0; batch < kBatches && std::chrono::steady_clock::now() < late; ++batch) {
            const Watchdog watchdog(5s, "items that wait for each other did not all run",
                                    "a thread slept through the work that was there for it");
            for (int round = 0; round < 20; ++round) {
                // A few milliseconds are as long as a thread may stay awake.
                rest(std::chrono::microseconds(rng() % (round % 4 == 0 ? 6000 : 400)));
                std::atomic<std::size_t> arrived = 0;
                processor.process_parallel(numbers(threads), [&](int) {
                    ++arrived;
                    wait_until([&] { return arrived == threads; });
                    return 0;
                });
            }
        }
    }
    SUCCEED("all calls returned");
}

}  // namespace
}  // namespace cacheline
