// Step leaks: what happened between two points.

#include "support/suite.hpp"

#include <instrumented_allocator.hpp>

#include <new>

#include "05-instrumented-allocator/told_stats.hpp"
#include "05-instrumented-allocator/upstreams.hpp"

using namespace cacheline;
using support::Witness;

TEST_CASE("nested scopes add up", "[leaks]") {
    WHY("a phase's cost is the sum of its parts', or one of them is wrong");
    Witness upstream;
    InstrumentedResource resource(&upstream);  // scopes need no checked mode
    void* const before = resource.allocate(500);
    const AllocationScope outer(resource);
    CHECK(outer.so_far() == AllocationDelta{});
    void* const a = resource.allocate(100);
    AllocationDelta first;
    {
        const AllocationScope inner(resource);
        resource.deallocate(resource.allocate(30), 30);
        static_cast<void>(resource.allocate(40));
        first = inner.so_far();
    }
    CHECK(first == AllocationDelta{.allocations = 2,
                                   .deallocations = 1,
                                   .failed = 0,
                                   .bytes_allocated = 70,
                                   .bytes_deallocated = 30,
                                   .live_blocks = 1,
                                   .live_bytes = 40});
    AllocationDelta second;
    {
        const AllocationScope inner(resource);
        resource.deallocate(a, 100);
        resource.deallocate(before, 500);
        upstream.fail_next([] { throw std::bad_alloc(); });
        CHECK_THROWS_AS(resource.allocate(1), std::bad_alloc);
        second = inner.so_far();
    }
    // More went than came.
    CHECK(second == AllocationDelta{.allocations = 0,
                                    .deallocations = 2,
                                    .failed = 1,
                                    .bytes_allocated = 0,
                                    .bytes_deallocated = 600,
                                    .live_blocks = -2,
                                    .live_bytes = -600});
    const AllocationDelta whole = outer.so_far();
    CHECK(whole.allocations == 1 + first.allocations + second.allocations);
    CHECK(whole.deallocations == first.deallocations + second.deallocations);
    CHECK(whole.failed == first.failed + second.failed);
    CHECK(whole.bytes_allocated == 100 + first.bytes_allocated + second.bytes_allocated);
    CHECK(whole.bytes_deallocated == first.bytes_deallocated + second.bytes_deallocated);
    CHECK(whole.live_blocks == 1 + first.live_blocks + second.live_blocks);
    CHECK(whole.live_bytes == 100 + first.live_bytes + second.live_bytes);
}
