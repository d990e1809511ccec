// The step "threads": one PoolResource, several threads.

#include "support/suite.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <barrier>
#include <memory_resource>
#include <pool_resource.hpp>
#include <thread>

#include "pool_configs.hpp"
#include "support/lock_counter.hpp"
#include "support/single_step.hpp"
#include "support/threads.hpp"
#include "support/watchdog.hpp"
#include "told_strategy.hpp"
#include "traffic.hpp"
#include "upstream.hpp"
#include "usage.hpp"

using cacheline::kSharedStrategies;
using cacheline::PoolConfig;
using cacheline::PoolResource;
using cacheline::Statistics;
using cacheline::Strategy;
using cacheline::support::CountingUpstream;
using cacheline::support::LockCounter;
using cacheline::support::run_together;
using cacheline::support::SingleStep;
using cacheline::support::take_and_free;
using cacheline::support::Tally;
using cacheline::support::Traffic;
using cacheline::support::use;
using cacheline::support::Watchdog;
using namespace std::chrono_literals;

TEST_CASE("no block has two owners at a time", "[threads][asan][tsan]") {
    WHY("a block handed out twice, or written to while it is out, is somebody's lost data");
    for (const Strategy strategy : kSharedStrategies) {
        CAPTURE(strategy);
        SEEDED_RNG(rng);
        CountingUpstream upstream;
        {
            PoolResource resource(with(strategy), &upstream);
            Traffic traffic(resource);
            std::array<Tally, 4> tallies{};
            std::vector<std::function<void()>> threads;
            for (Tally& tally : tallies)
                threads.emplace_back([&, seed = rng()] {
                    traffic.run(seed, cacheline::support::kSanitized ? 15'000 : 100'000, tally);
                });
            run_together(threads);
            traffic.free_rest();
            for (const Tally& tally : tallies)
                CHECK(tally.damaged == 0);
        }
        CHECK(upstream.at_the_end() == CountingUpstream::kFlawless);
    }
}

TEST_CASE("upstream is called by one thread at a time", "[threads][tsan]") {
    WHY("upstream need not be thread-safe: a monotonic_buffer_resource, for one, isn't");
    for (const Strategy strategy : kSharedStrategies) {
        CAPTURE(strategy);
        CountingUpstream upstream;
        upstream.linger(true);
        PoolConfig config = with(strategy);
        config.classes = {{64, 0}, {256, 2}};
        config.max_cached_custom = 1;
        PoolResource resource(config, &upstream);
        const std::function<void()> work = [&] {
            for (int round = 0; round < 100; ++round) {
                take_and_free(resource, 2, 10);         // a class that keeps nothing
                take_and_free(resource, 4, 200);        // above its cap
                take_and_free(resource, 2, 2000);       // a bucket
                take_and_free(resource, 1, 1'000'000);  // straight through
                resource.deallocate(resource.allocate(8, 128), 8, 128);
            }
        };
        run_together({work, work, work});
        CHECK(upstream.overlaps() == 0);
    }
}

TEST_CASE("a hit in the cache of a thread takes no lock", "[threads]") {
    WHY("a lock costs more than the allocation it guards, and it makes threads wait");
    std::vector<std::unique_ptr<PoolResource>> resources;
    for (int i = 0; i < 6; ++i)
        resources.push_back(std::make_unique<PoolResource>(with(Strategy::thread_cached)));
    std::array<void*, 20> blocks{};
    const auto round = [&] {
        for (const std::size_t bytes : {8u, 64u, 100u, 256u, 1000u}) {
            for (const auto& resource : resources) {
                for (void*& block : blocks)
                    block = resource->allocate(bytes);
                for (void* block : blocks)
                    resource->deallocate(block, bytes);
            }
        }
    };
    round();
    const LockCounter locks;
    for (int i = 0; i < 50; ++i)
        round();
    const std::size_t locks_taken = locks.count();
    INFO("the last call counted: " << LockCounter::last());
    CHECK(locks_taken == 0);
}

TEST_CASE("an unsynchronized resource takes no lock at all", "[threads]") {
    WHY("who has one thread does not pay for many");
    PoolResource resource(with(Strategy::unsynchronized));
    take_and_free(resource, 20, 64);
    const LockCounter locks;
    take_and_free(resource, 20, 64);
    take_and_free(resource, 30, 500);
    take_and_free(resource, 30, 5000);
    take_and_free(resource, 1, 500'000);
    const std::size_t locks_taken = locks.count();
    INFO("the last call counted: " << LockCounter::last());
    CHECK(locks_taken == 0);
}

TEST_CASE("an unsynchronized resource does without atomic read-modify-writes", "[threads]") {
    WHY("a locked instruction costs as much as the whole allocation, and buys one thread nothing");
    for (const Statistics statistics : {Statistics::off, Statistics::counts, Statistics::times}) {
        CAPTURE(static_cast<int>(statistics));
        PoolResource resource(with(Strategy::unsynchronized, statistics));
        std::array<void*, 80> blocks{};
        const auto round = [&] {
            for (const std::size_t bytes : {64u, 1024u}) {
                for (void*& block : blocks)
                    block = resource.allocate(bytes);
                for (void* block : blocks)
                    resource.deallocate(block, bytes);
            }
            use(resource, 2, 5000);
        };
        round();
        SingleStep stepper;
        stepper.run(round);
        CHECK(stepper.read_modify_writes() == 0);
    }
}

TEST_CASE("preallocated blocks are there for every thread", "[threads]") {
    WHY("the thread that makes a resource is seldom the one that uses it");
    for (const Strategy strategy : kSharedStrategies) {
        CAPTURE(strategy);
        CountingUpstream upstream;
        PoolConfig config = with(strategy);
        config.classes = {{64, 100, 20}};
        PoolResource resource(config, &upstream);
        CHECK(upstream.allocations() == 20);
        run_together({[&] { take_and_free(resource, 20, 64); }});
        CHECK(upstream.allocations() == 20);
    }
}

namespace {

// An upstream in which a thread can be held.
class GatedUpstream final : public std::pmr::memory_resource {
public:
    std::atomic<bool> shut{false};
    std::atomic<bool> someone_waits{false};

private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        while (shut) {
            someone_waits = true;
            std::this_thread::yield();
        }
        return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    }
    void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
        std::pmr::new_delete_resource()->deallocate(block, bytes, alignment);
    }
    [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }
};

}  // namespace

TEST_CASE("a thread held in upstream stops nobody who has free blocks", "[threads]") {
    WHY("a hit does not wait for a lock that a slower thread holds");
    GatedUpstream upstream;
    PoolResource resource(with(Strategy::thread_cached), &upstream);
    take_and_free(resource, 20, 64);
    upstream.shut = true;
    std::thread held([&] { take_and_free(resource, 1, 1000); });
    {
        const Watchdog watchdog(5s, "a thread with free blocks of its own did not get one");
        while (!upstream.someone_waits)
            std::this_thread::yield();
        for (int i = 0; i < 100; ++i)
            take_and_free(resource, 20, 64);
    }
    upstream.shut = false;
    held.join();
    SUCCEED();
}

TEST_CASE("what one thread frees another takes", "[threads][tsan]") {
    WHY("if freed blocks pile up where nobody takes them, memory grows without end");
    constexpr std::size_t kBlocks = 100;
    constexpr std::size_t kRounds = 100;
    for (const Strategy strategy : kSharedStrategies) {
        CAPTURE(strategy);
        CountingUpstream upstream;
        PoolResource resource(with(strategy), &upstream);
        (void)resource.stats();
        std::array<void*, kBlocks> blocks{};
        std::barrier meet(2);
        run_together({[&] {
                          for (std::size_t round = 0; round < kRounds; ++round) {
                              for (void*& block : blocks)
                                  block = resource.allocate(200);
                              meet.arrive_and_wait();
                              meet.arrive_and_wait();
                          }
                      },
                      [&] {
                          for (std::size_t round = 0; round < kRounds; ++round) {
                              meet.arrive_and_wait();
                              for (void* block : blocks)
                                  resource.deallocate(block, 200);
                              meet.arrive_and_wait();
                          }
                      }});
        CHECK(upstream.allocations() <= 5 * kBlocks);
        CHECK(upstream.outstanding() == upstream.allocations() - upstream.deallocations());
    }
}

TEST_CASE("what threads keep for themselves is bounded", "[threads]") {
    WHY("a bound that each thread stretches as it likes is none");
    struct Case {
        std::size_t max_cached;
        std::size_t thread_cache;
    };
    for (const auto& [max_cached, thread_cache] :
         {Case{100, 16}, {100, 1}, {100, 0}, {5, 128}, {0, 128}, {1, 1}}) {
        CAPTURE(max_cached, thread_cache);
        CountingUpstream upstream;
        {
            PoolConfig config = with(Strategy::thread_cached);
            config.classes = {{64, max_cached}};
            config.thread_cache = thread_cache;
            PoolResource resource(config, &upstream);
            (void)resource.stats();
            std::barrier meet(4);
            std::size_t kept = 0;
            const std::function<void()> work = [&] {
                take_and_free(resource, 500, 64);
                meet.arrive_and_wait();
                meet.arrive_and_wait();
            };
            run_together({work, work, work, [&] {
                              meet.arrive_and_wait();
                              kept = upstream.outstanding();
                              meet.arrive_and_wait();
                          }});
            CHECK(kept <= max_cached + 3 * std::min(thread_cache, max_cached));
            CHECK(kept >= max_cached);
        }
        CHECK(upstream.outstanding() == 0);
    }
}
