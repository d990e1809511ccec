// Step threads: exact totals, consistent snapshots, and no line that two threads write.

#include "support/suite.hpp"

#include <instrumented_allocator.hpp>

#include <atomic>
#include <barrier>
#include <chrono>
#include <functional>
#include <semaphore>
#include <thread>

#include "05-instrumented-allocator/told_stats.hpp"
#include "05-instrumented-allocator/upstreams.hpp"
#include "support/single_step.hpp"
#include "support/threads.hpp"
#include "support/watchdog.hpp"

using namespace cacheline;
using support::Heap;
using support::kCanSingleStep;
using support::kSanitized;
using support::Mirage;
using support::run_together;
using support::SingleStep;
using namespace std::chrono_literals;

namespace {

// Blocks that threads leave for each other, so that many are freed by another thread than the one
// that took them. A block's first word is its size.
class Exchange {
public:
    explicit Exchange(InstrumentedResource& resource) : resource_(resource) {}

    // Takes a block, leaves it in a cell, and gives back the one that was there.
    void step(std::mt19937_64& rng, AllocationStats& mine) {
        const std::size_t size = sizeof(std::size_t) + rng() % 2000;
        auto* const block = static_cast<std::size_t*>(resource_.allocate(size));
        *block = size;
        ++mine.allocations;
        mine.bytes_allocated += size;
        ++mine.histogram[size_class(size)];
        give_back(cells_[rng() % cells_.size()].exchange(block), mine);
    }

    void drain(AllocationStats& mine) {
        for (auto& cell : cells_)
            give_back(cell.exchange(nullptr), mine);
    }

private:
    void give_back(std::size_t* block, AllocationStats& mine) {
        if (block == nullptr) return;
        ++mine.deallocations;
        mine.bytes_deallocated += *block;
        resource_.deallocate(block, *block);
    }

    InstrumentedResource& resource_;
    std::array<std::atomic<std::size_t*>, 256> cells_{};
};

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
    std::size_t fell = 0;
    std::size_t more_back_than_taken = 0;
    std::size_t wrapped = 0;
    std::size_t peak_below_live = 0;
    do {
        const AllocationStats now = resource.stats();
        fell += now.allocations < last.allocations || now.deallocations < last.deallocations ||
                now.bytes_allocated < last.bytes_allocated ||
                now.bytes_deallocated < last.bytes_deallocated || now.peak_bytes < last.peak_bytes;
        for (std::size_t i = 0; i < kSizeClasses; ++i)
            fell += now.histogram[i] < last.histogram[i];
        more_back_than_taken +=
            now.deallocations > now.allocations || now.bytes_deallocated > now.bytes_allocated;
        wrapped += now.live_blocks > 1'000'000 || now.live_bytes > std::uint64_t{1} << 40;
        peak_below_live += now.peak_bytes < now.live_bytes;
        last = now;
        std::this_thread::yield();
    } while (working > 0);
    for (std::thread& thread : generations)
        thread.join();
    CHECK(fell == 0);
    CHECK(more_back_than_taken == 0);
    CHECK(wrapped == 0);
    CHECK(peak_below_live == 0);
    exchange.drain(mains_own);
    CHECK(resource.stats().live_bytes == 0);
}

namespace {

// Two threads, one that takes a block and one that gives it back, each time they are asked.
class Pairs {
public:
    explicit Pairs(InstrumentedResource& resource)
        : taker_([this, &resource] {
              for (;;) {
                  asked_.acquire();
                  if (over_) return taken_.release();
                  block_ = resource.allocate(64);
                  taken_.release();
              }
          }),
          giver_([this, &resource] {
              for (;;) {
                  taken_.acquire();
                  if (over_) return;
                  resource.deallocate(block_, 64);
                  given_.release();
              }
          }) {}

    ~Pairs() {
        if (waiting_) given_.acquire();
        over_ = true;
        asked_.release();
        taker_.join();
        giver_.join();
    }

    // One pair, unless the threads are kept from it for so long that a lock must be in their way.
    void once() {
        if (!waiting_) asked_.release();
        waiting_ = !given_.try_acquire_for(200ms);
        done_ += !waiting_;
    }

    [[nodiscard]] bool waiting() const { return waiting_; }
    [[nodiscard]] std::size_t done() const { return done_; }

private:
    std::binary_semaphore asked_{0};
    std::binary_semaphore taken_{0};
    std::binary_semaphore given_{0};
    std::atomic<bool> over_{false};
    void* block_ = nullptr;
    bool waiting_ = false;
    std::size_t done_ = 0;
    std::thread taker_;
    std::thread giver_;
};

}  // namespace

TEST_CASE("a snapshot is consistent whatever happens between two of its instructions",
          "[threads]") {
    WHY("what is read first is older; a block taken and given back meanwhile must not show as "
        "given back only");
    Mirage mirage;
    InstrumentedResource resource(&mirage);
    resource.deallocate(resource.allocate(64), 64);
    AllocationStats snapshot = resource.stats();
    if constexpr (kCanSingleStep) {
        Pairs pairs(resource);
        pairs.once();  // the threads have whatever they need for their first time
        struct Context {
            Pairs& pairs;
            std::size_t step = 0;
        } context{pairs};
        SingleStep stepper;
        stepper.between(
            [](void* raw) {
                auto& to = *static_cast<Context*>(raw);
                if (++to.step % 61 == 0 && !to.pairs.waiting()) to.pairs.once();
            },
            &context);
        stepper.run([&] { snapshot = resource.stats(); });
        CAPTURE(stepper.instructions(), pairs.done());
        CHECK(snapshot.deallocations <= snapshot.allocations);
        CHECK(snapshot.bytes_deallocated <= snapshot.bytes_allocated);
        CHECK(snapshot.live_blocks <= pairs.done() + 1);
        CHECK(snapshot.live_bytes <= 64 * (pairs.done() + 1));
    }
    CHECK(snapshot.allocations >= 1);
    CHECK(resource.stats().live_blocks == 0);
}

TEST_CASE("two threads write no common cache line", "[threads]") {
    WHY("a line that two cores write goes to and fro between them: 5 times the price of a pair, "
        "and the more cores the worse");
    Mirage mirage;
    InstrumentedResource resource(&mirage);
    REQUIRE(resource.stats().allocations == 0);
    constexpr std::size_t kPairs = 60;
    std::array<SingleStep, 2> steppers;
    std::barrier both(2);
    std::vector<std::function<void()>> threads;
    for (SingleStep& stepper : steppers) {
        threads.emplace_back([&] {
            const auto pairs = [&](std::size_t count) {
                for (std::size_t i = 0; i < count; ++i)
                    resource.deallocate(resource.allocate(64), 64);
            };
            pairs(1000);
            both.arrive_and_wait();
            if constexpr (kCanSingleStep) stepper.run([&] { pairs(kPairs); });
            both.arrive_and_wait();  // neither ends before the other is done
        });
    }
    run_together(threads);
    CHECK(resource.stats().allocations >= 2000);
    if constexpr (kCanSingleStep) {
        std::size_t own = 0;
        std::size_t shared_lines = 0;
        for (std::size_t i = 0; i < steppers[0].line_count(); ++i) {
            const SingleStep::Line& line = steppers[0].begin_lines()[i];
            const std::size_t others = steppers[1].writes_to(line.number);
            own += line.writes >= kPairs;
            // Now and then something may be published.
            shared_lines += line.writes > kPairs / 10 && others > kPairs / 10;
        }
        CHECK(shared_lines == 0);
        CHECK(own > 0);  // they do count somewhere
        CHECK(steppers[0].instructions() > kPairs);
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
        CHECK(peak >= 4 * kMiB - 6 * kPeakSlack);
        CHECK(peak <= 4 * kMiB + 6 * kPeakSlack);
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
