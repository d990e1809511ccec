// Step leaks: what is still live.

#include "support/suite.hpp"

#include <instrumented_allocator.hpp>

#include <map>
#include <utility>

#include "05-instrumented-allocator/told_leaks.hpp"
#include "05-instrumented-allocator/told_stats.hpp"
#include "05-instrumented-allocator/upstreams.hpp"

using namespace cacheline;
using support::Heap;
using support::Witness;
using told::shown;

TEST_CASE("a leak report names tag, size and count, most bytes first", "[leaks][asan]") {
    WHY("a report that one has to search is not read");
    Heap heap;
    InstrumentedResource resource(&heap, Mode::checked);
    std::vector<std::pair<void*, std::size_t>> blocks;
    const auto take = [&](std::size_t size, int count) {
        for (int i = 0; i < count; ++i)
            blocks.emplace_back(resource.allocate(size), size);
    };
    {
        const AllocationTag tag("parser");
        take(64, 3);
        take(1000, 1);
    }
    {
        const AllocationTag tag("cache");
        take(64, 3);
        take(32, 6);  // as many bytes as the line before
    }
    take(100, 2);
    void* const returned = resource.allocate(5000);
    resource.deallocate(returned, 5000);

    const LeakReport report = resource.leaks();
    INFO(shown(report));
    const std::vector<Leak> expected = {
        {"parser", 1000, 1}, {"", 100, 2}, {"cache", 32, 6}, {"cache", 64, 3}, {"parser", 64, 3}};
    CHECK(shown(report.leaks) == shown(expected));
    const bool same_leaks = report.leaks == expected;
    CHECK(same_leaks);
    CHECK_FALSE(report.empty());
    CHECK(report.blocks() == 15);
    CHECK(report.bytes() == 1000 + 200 + 3 * 192);
    CHECK(report.text() ==
          "parser: 1 x 1000 bytes\n(no tag): 2 x 100 bytes\ncache: 6 x 32 bytes\n"
          "cache: 3 x 64 bytes\nparser: 3 x 64 bytes\n");
    for (const auto& [address, size] : blocks)
        resource.deallocate(address, size);
}

TEST_CASE("the report is empty when nothing leaked", "[leaks][asan]") {
    WHY("a report that cries wolf is switched off");
    Heap heap;
    InstrumentedResource resource(&heap, Mode::checked);
    CHECK(resource.leaks().empty());
    {
        const AllocationTag tag("index");
        std::pmr::map<int, std::pmr::string> words(&resource);
        for (int i = 0; i < 100; ++i)
            words.emplace(i, std::string(50, 'w'));
        CHECK(resource.leaks().blocks() == 200);
        words.erase(words.begin(), words.find(50));
        CHECK(resource.leaks().blocks() == 100);
    }
    const LeakReport report = resource.leaks();
    INFO(shown(report));
    CHECK(report.empty());
    CHECK(report.text().empty());
    CHECK(report.blocks() == 0);
    CHECK(report.bytes() == 0);
    CHECK(resource.misuses().empty());
}

TEST_CASE("a failed allocation leaves no record", "[leaks]") {
    WHY("a leak of memory that never was is one that nobody will ever find");
    Witness upstream;
    InstrumentedResource resource(&upstream, Mode::checked);
    const AllocationTag tag("upload");
    upstream.fail_next([] { throw std::bad_alloc(); });
    CHECK_THROWS_AS(resource.allocate(1 << 20), std::bad_alloc);
    CHECK(resource.leaks().empty());
    bool booked = false;
    for (const TagStats& stats : resource.tags())
        booked = booked || stats != TagStats{.tag = "upload"};
    CHECK_FALSE(booked);
    CHECK(resource.stats().failed == 1);
}

TEST_CASE("without the checked mode leaks, tags and misuses are refused", "[leaks]") {
    WHY("an empty report must mean that nothing leaked, not that nobody looked");
    Heap heap;
    InstrumentedResource resource(&heap);
    CHECK_THROWS_AS(resource.leaks(), std::logic_error);
    CHECK_THROWS_AS(resource.tags(), std::logic_error);
    CHECK_THROWS_AS(resource.misuses(), std::logic_error);
    CHECK(resource.stats() == AllocationStats{});
}
