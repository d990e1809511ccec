// The step "threads": threads and resources that come and go.

#include "support/suite.hpp"

#include <array>
#include <latch>
#include <optional>
#include <pool_resource.hpp>
#include <thread>

#include "pool_configs.hpp"
#include "support/threads.hpp"
#include "told_strategy.hpp"
#include "traffic.hpp"
#include "upstream.hpp"
#include "usage.hpp"

using cacheline::kSharedStrategies;
using cacheline::PoolResource;
using cacheline::Strategy;
using cacheline::support::CountingUpstream;
using cacheline::support::run_together;
using cacheline::support::take_and_free;
using cacheline::support::Tally;
using cacheline::support::Traffic;

TEST_CASE("a thread that ends gives its free blocks to the others", "[threads][asan][tsan]") {
    WHY("threads come and go; what dies with them is lost to the rest");
    CountingUpstream upstream;
    {
        PoolResource resource(with(Strategy::thread_cached), &upstream);
        (void)resource.stats();
        for (int i = 0; i < 30; ++i)
            run_together({[&] {
                take_and_free(resource, 100, 64);
                take_and_free(resource, 50, 1000);
            }});
        CHECK(upstream.allocations() == 150);
        CHECK(resource.stats().hits == 29 * 150);
        take_and_free(resource, 100, 64);
        CHECK(upstream.allocations() == 150);
    }
    CHECK(upstream.at_the_end() == CountingUpstream::kFlawless);
}

TEST_CASE("threads that come and go together", "[threads][tsan]") {
    WHY("what ended threads have counted is not forgotten");
    SEEDED_RNG(rng);
    CountingUpstream upstream;
    {
        PoolResource resource(with(Strategy::thread_cached), &upstream);
        Traffic traffic(resource);
        std::array<Tally, 20> tallies{};
        const std::uint64_t seed = rng();
        const auto generation = [&](std::size_t lane) {
            // Each lane starts its next thread while the other lane's is still at work.
            for (std::size_t i = lane; i < tallies.size(); i += 2)
                run_together({[&, i] { traffic.run(seed + i, 2000, tallies[i]); }});
        };
        run_together({[&] { generation(0); }, [&] { generation(1); }});
        traffic.free_rest();
        Tally sum;
        for (const Tally& tally : tallies)
            sum += tally;
        const cacheline::PoolStats stats = resource.stats();
        CHECK(stats.allocations == sum.allocations);
        CHECK(stats.deallocations == sum.allocations);
        CHECK(stats.bytes_in_use == 0);
        CHECK(sum.damaged == 0);
    }
    CHECK(upstream.at_the_end() == CountingUpstream::kFlawless);
}

TEST_CASE("a resource may end before a thread that used it", "[threads][asan][tsan]") {
    WHY("its end collects the free blocks of every thread, the living ones' too");
    std::array<CountingUpstream, 2> upstreams;
    std::optional<PoolResource> resource(std::in_place, with(Strategy::thread_cached),
                                         &upstreams[0]);
    std::latch used(1);
    std::latch replaced(1);
    std::thread thread([&] {
        take_and_free(*resource, 50, 64);
        used.count_down();
        replaced.wait();
        take_and_free(*resource, 50, 64);
    });
    used.wait();
    resource.reset();
    const std::size_t left = upstreams[0].outstanding();
    // The new one stands at the old one's address.
    resource.emplace(with(Strategy::thread_cached), &upstreams[1]);
    replaced.count_down();
    thread.join();
    take_and_free(*resource, 50, 64);
    CHECK(left == 0);
    CHECK(upstreams[0].faults() == 0);
    WHY("a thread must not take a new resource for the old one that stood at its address");
    CHECK(upstreams[1].allocations() == 50);
    resource.reset();
    CHECK(upstreams[1].outstanding() == 0);
    CHECK(upstreams[1].faults() == 0);
}

namespace {

// Frees a block, and takes and frees more, when its thread is nearly over.
struct LateUser {
    PoolResource* resource = nullptr;
    void* block = nullptr;
    ~LateUser() {
        if (resource == nullptr) return;
        resource->deallocate(block, 64);
        take_and_free(*resource, 10, 64);
    }
};

// In a function, so that it is made at the first call, and no sooner or later because of what else
// the file holds.
LateUser& late_user() {
    thread_local LateUser user;
    return user;
}

}  // namespace

TEST_CASE("destructors of thread_local objects may use the resource", "[threads][asan][tsan]") {
    WHY("the order in which a thread's objects die is not the resource's to choose");
    for (const Strategy strategy : kSharedStrategies) {
        CAPTURE(strategy);
        CountingUpstream upstream;
        {
            PoolResource resource(with(strategy), &upstream);
            (void)resource.stats();
            for (int i = 0; i < 5; ++i) {
                std::thread([&] {
                    LateUser& late = late_user();  // exists before the thread's cache, dies after
                    late.resource = &resource;
                    late.block = resource.allocate(64);
                    take_and_free(resource, 20, 64);
                }).join();
            }
            const cacheline::PoolStats stats = resource.stats();
            CHECK(stats.allocations == 5 * 31);
            CHECK(stats.deallocations == 5 * 31);
            CHECK(stats.bytes_in_use == 0);
        }
        CHECK(upstream.at_the_end() == CountingUpstream::kFlawless);
    }
}
