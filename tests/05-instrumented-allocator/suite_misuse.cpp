// Step leaks: calls of deallocate that do not fit.

#include "support/suite.hpp"

#include <instrumented_allocator.hpp>

#include "05-instrumented-allocator/told_leaks.hpp"
#include "05-instrumented-allocator/told_stats.hpp"
#include "05-instrumented-allocator/upstreams.hpp"

using namespace cacheline;
using support::Witness;
using told::shown;

TEST_CASE("a wrong size is reported and the books go by the true one", "[leaks][asan]") {
    WHY("a resource that trusts the size puts the block on the wrong free list, and the next owner "
        "overruns it");
    Witness upstream;
    InstrumentedResource resource(&upstream, Mode::checked);
    const AllocationTag tag("image");
    void* const a = resource.allocate(96);
    void* const b = resource.allocate(64, 32);
    void* const c = resource.allocate(8);
    std::vector<AllocationEvent> events;
    resource.set_observer([&](const AllocationEvent& event) { events.push_back(event); });
    CHECK_NOTHROW(resource.deallocate(a, 69));      // digits swapped
    CHECK_NOTHROW(resource.deallocate(b, 64, 16));  // another alignment
    resource.deallocate(c, 8);

    const std::vector<Misuse> misuses = resource.misuses();
    REQUIRE(misuses.size() == 2);
    CHECK(shown(misuses[0].kind) == "wrong_size");
    CHECK(misuses[0].address == a);
    CHECK(misuses[0].given == 69);
    CHECK(misuses[0].recorded == 96);
    CHECK(misuses[0].tag == "image");
    CHECK(shown(misuses[1].kind) == "wrong_alignment");
    CHECK(misuses[1].address == b);
    CHECK(misuses[1].given == 16);
    CHECK(misuses[1].recorded == 32);

    // The observer and the upstream are told the truth.
    using Kind = AllocationEvent::Kind;
    REQUIRE(events.size() == 3);
    const bool true_size =
        events[0] == AllocationEvent{Kind::deallocated, a, 96, alignof(std::max_align_t)};
    CHECK(true_size);
    const bool true_alignment = events[1] == AllocationEvent{Kind::deallocated, b, 64, 32};
    CHECK(true_alignment);
    CHECK(upstream.mismatches() == 0);
    CHECK(upstream.live() == 0);
    CHECK(resource.stats().live_bytes == 0);
    CHECK(resource.stats().bytes_deallocated == 96 + 64 + 8);
    CHECK(resource.leaks().empty());
}

TEST_CASE("a wrong size and a wrong alignment at once are two misuses", "[leaks]") {
    WHY("whoever mends the one that was told finds out about the other a day later");
    Witness upstream;
    InstrumentedResource resource(&upstream, Mode::checked);
    void* const block = resource.allocate(64, 32);
    resource.deallocate(block, 60, 16);

    const std::vector<Misuse> misuses = resource.misuses();
    REQUIRE(misuses.size() == 2);
    CHECK(shown(misuses[0].kind) == "wrong_size");
    CHECK(misuses[0].given == 60);
    CHECK(misuses[0].recorded == 64);
    CHECK(shown(misuses[1].kind) == "wrong_alignment");
    CHECK(misuses[1].given == 16);
    CHECK(misuses[1].recorded == 32);
    CHECK(upstream.mismatches() == 0);
    CHECK(resource.stats().deallocations == 1);
    CHECK(resource.stats().live_bytes == 0);
}

TEST_CASE("a block that is not live is reported and goes no further", "[leaks][asan]") {
    WHY("what is given back twice belongs to two owners the next time");
    Witness upstream;
    InstrumentedResource resource(&upstream, Mode::checked);
    int events = 0;
    void* const block = resource.allocate(48);
    resource.deallocate(block, 48);
    const AllocationStats before = resource.stats();
    resource.set_observer([&](const AllocationEvent&) { ++events; });
    int never_allocated = 0;
    CHECK_NOTHROW(resource.deallocate(block, 48));
    CHECK_NOTHROW(resource.deallocate(&never_allocated, sizeof(int)));

    const std::vector<Misuse> misuses = resource.misuses();
    REQUIRE(misuses.size() == 2);
    CHECK(shown(misuses[0].kind) == "not_live");
    CHECK(misuses[0].address == block);
    CHECK(misuses[0].given == 48);
    CHECK(misuses[0].recorded == 0);
    CHECK(misuses[1].address == &never_allocated);
    CHECK(upstream.deallocations() == 1);
    CHECK(resource.stats() == before);
    CHECK(events == 0);
}
