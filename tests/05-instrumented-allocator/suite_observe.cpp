// Step observe: the callback, and that nothing it does can do harm.

#include "support/suite.hpp"

#include <instrumented_allocator.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <semaphore>
#include <stdexcept>

#include "05-instrumented-allocator/told_stats.hpp"
#include "05-instrumented-allocator/upstreams.hpp"
#include "support/threads.hpp"
#include "support/watchdog.hpp"

using namespace cacheline;
using support::Heap;
using support::Watchdog;
using support::Witness;
using Kind = AllocationEvent::Kind;
using namespace std::chrono_literals;

namespace {

const char* name(Kind kind) {
    return kind == Kind::allocated     ? "allocated"
           : kind == Kind::deallocated ? "deallocated"
                                       : "failed";
}

}  // namespace

TEST_CASE("each event tells its kind, size, alignment and address", "[observe][asan]") {
    WHY("an observer can only work with what it is told");
    Heap heap;
    InstrumentedResource resource(&heap);
    std::vector<AllocationEvent> events;
    resource.set_observer([&](const AllocationEvent& event) { events.push_back(event); });
    void* const small = resource.allocate(24, 8);
    void* const large = resource.allocate(5000, 256);
    resource.deallocate(small, 24, 8);
    InstrumentedAllocator<int>(&resource).deallocate(nullptr, 1);  // nothing happens: no event
    resource.deallocate(large, 5000, 256);

    const std::vector<AllocationEvent> expected = {{Kind::allocated, small, 24, 8},
                                                   {Kind::allocated, large, 5000, 256},
                                                   {Kind::deallocated, small, 24, 8},
                                                   {Kind::deallocated, large, 5000, 256}};
    REQUIRE(events.size() == expected.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        CAPTURE(i, name(events[i].kind));
        CHECK(events[i].kind == expected[i].kind);
        CHECK(events[i].address == expected[i].address);
        CHECK(events[i].size == expected[i].size);
        CHECK(events[i].alignment == expected[i].alignment);
    }

    resource.set_observer({});
    resource.deallocate(resource.allocate(1), 1);
    CHECK(events.size() == 4);
    CHECK(resource.stats().allocations == 3);
}

TEST_CASE("a failed allocation is announced too", "[observe]") {
    WHY("the request that memory ran out on is the one that everybody wants to see");
    Witness upstream;
    InstrumentedResource resource(&upstream);
    std::vector<AllocationEvent> events;
    resource.set_observer([&](const AllocationEvent& event) { events.push_back(event); });
    upstream.fail_next([] { throw std::bad_alloc(); });
    CHECK_THROWS_AS(resource.allocate(4096, 64), std::bad_alloc);
    REQUIRE(events.size() == 1);
    CHECK(events[0] == AllocationEvent{Kind::failed, nullptr, 4096, 64});
}

TEST_CASE("an observer may allocate from what it observes", "[observe][asan]") {
    WHY("a line of a log is an allocation; its event would be the next line, and so on without "
        "end");
    for (const Mode mode : {Mode::counting, Mode::checked}) {
        Heap heap;
        InstrumentedResource resource(&heap, mode);
        int depth = 0;
        int deepest = 0;
        int calls = 0;
        resource.set_observer([&](const AllocationEvent&) {
            ++calls;
            deepest = std::max(deepest, ++depth);
            if (depth < 5) {  // so that a recursion is seen rather than died of
                std::pmr::string line(&resource);
                line.assign(200, 'x');
            }
            --depth;
        });
        const Watchdog watchdog(
            5s, "allocate did not return from an observer that allocates",
            "a lock that is held while the observer runs is waited for forever");
        resource.deallocate(resource.allocate(64), 64);
        CHECK(deepest == 1);
        CHECK(calls == 2);
        // Not announced, but counted: the books show what the observer itself costs.
        CHECK(resource.stats().allocations == 3);
        CHECK(resource.stats().deallocations == 3);
        CHECK(resource.stats().live_bytes == 0);
    }
}

TEST_CASE("the observer of one resource does not silence another", "[observe][asan]") {
    WHY("who watches the cache wants to see what it takes, also when a log line takes it");
    Heap heap;
    InstrumentedResource one(&heap);
    InstrumentedResource other(&heap);
    int depth = 0;
    int deepest = 0;
    std::vector<std::string> told;
    const auto observe = [&](InstrumentedResource& observed, InstrumentedResource& used,
                             const char* whose) {
        observed.set_observer([&, whose](const AllocationEvent& event) {
            told.push_back(whose + (": " + std::string(name(event.kind))));
            deepest = std::max(deepest, ++depth);
            if (depth < 5) used.deallocate(used.allocate(32), 32);  // or the recursion has no end
            --depth;
        });
    };
    // Each uses the other, so that their events could go round in circles.
    observe(one, other, "one");
    observe(other, one, "other");
    const Watchdog watchdog(5s, "allocate did not return when two observers used each other",
                            "no lock may be held while an observer runs");
    void* const block = one.allocate(64);
    CHECK(told ==
          std::vector<std::string>{"one: allocated", "other: allocated", "other: deallocated"});
    CHECK(deepest == 2);
    // What the other's observer took from the first is in its books.
    CHECK(one.stats().allocations == 3);
    CHECK(other.stats().allocations == 1);
    told.clear();
    one.deallocate(block, 64);
    CHECK(told ==
          std::vector<std::string>{"one: deallocated", "other: allocated", "other: deallocated"});
    CHECK(one.stats().live_blocks == 0);
    CHECK(other.stats().live_blocks == 0);
}

TEST_CASE("an observer may log to a file", "[observe]") {
    WHY("streams allocate buffers, strings and locales where one least expects it");
    Heap heap;
    InstrumentedResource resource(&heap);
    char path[] = "/tmp/cacheline-observer-XXXXXX";
    const int file = mkstemp(path);
    REQUIRE(file >= 0);
    {
        std::ofstream log(path);
        resource.set_observer([&](const AllocationEvent& event) {
            std::pmr::string line(name(event.kind), &resource);
            line +=
                " " + std::to_string(event.size) + " bytes at an address that is of no interest\n";
            log << line << std::flush;
        });
        const std::pmr::vector<int> numbers(1000, 7, &resource);
        CHECK(numbers[999] == 7);
    }
    resource.set_observer({});
    std::ifstream log(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(log, line);)
        lines.push_back(line.substr(0, line.find(" at")));
    std::remove(path);
    CHECK(lines == std::vector<std::string>{"allocated 4000 bytes", "deallocated 4000 bytes"});
    CHECK(resource.stats().live_bytes == 0);
}

TEST_CASE("what an observer throws harms nobody", "[observe][asan]") {
    WHY("the caller asked for memory and would leak what it was never given; a destructor that "
        "frees would end the program");
    Witness upstream;
    InstrumentedResource resource(&upstream);
    int calls = 0;
    resource.set_observer([&](const AllocationEvent&) {
        ++calls;
        if (calls % 2 == 0) throw std::runtime_error("no space left for the log");
        throw 42;
    });
    void* block = nullptr;
    CHECK_NOTHROW(block = resource.allocate(64));
    REQUIRE(block != nullptr);
    CHECK_NOTHROW(resource.deallocate(block, 64));
    CHECK(upstream.deallocations() == 1);
    // The caller sees why its allocation failed, not why the observer did.
    upstream.fail_next([] { throw std::bad_alloc(); });
    CHECK_THROWS_AS(resource.allocate(64), std::bad_alloc);
    // One that threw is called again.
    CHECK(calls == 3);
    CHECK(resource.stats().allocations == 1);
    CHECK(resource.stats().deallocations == 1);
    CHECK(resource.stats().failed == 1);
}

TEST_CASE("a deallocation is announced before the block is gone", "[observe]") {
    WHY("once it is back, another thread may be given the same address, and be announced first");
    Witness upstream;
    InstrumentedResource resource(&upstream);
    std::size_t given_back_by_then = 99;
    std::size_t live_by_then = 99;
    char first_byte = 0;
    resource.set_observer([&](const AllocationEvent& event) {
        live_by_then = resource.stats().live_blocks;  // the event is in the books already
        if (event.kind != Kind::deallocated) return;
        given_back_by_then = upstream.deallocations();
        first_byte = *static_cast<char*>(event.address);
    });
    void* const block = resource.allocate(64);
    CHECK(live_by_then == 1);
    *static_cast<char*>(block) = 'a';
    resource.deallocate(block, 64);
    CHECK(live_by_then == 0);
    CHECK(given_back_by_then == 0);
    CHECK(first_byte == 'a');
    CHECK(upstream.deallocations() == 1);
}

TEST_CASE("while one thread observes, the events of others are announced", "[observe][tsan]") {
    WHY("a guard against recursion that is everybody's loses events, and a lock makes all threads "
        "wait for the slowest log");
    Heap heap;
    InstrumentedResource resource(&heap);
    CHECK(resource.stats().allocations == 0);
    const Watchdog watchdog(5s, "two observers on two threads did not run at the same time",
                            "no lock may be held while the observer runs");
    std::binary_semaphore first_inside{0};
    std::binary_semaphore second_seen{0};
    std::atomic<int> announced{0};
    void* first = nullptr;
    void* second = nullptr;
    resource.set_observer([&](const AllocationEvent& event) {
        ++announced;
        if (event.size == 1) {
            first_inside.release();
            second_seen.acquire();
        } else {
            second_seen.release();
        }
    });
    support::run_together({
        [&] { first = resource.allocate(1); },
        [&] {
            first_inside.acquire();
            second = resource.allocate(2);
        },
    });
    CHECK(announced == 2);
    CHECK(resource.stats().allocations == 2);
    resource.set_observer({});
    resource.deallocate(first, 1);
    resource.deallocate(second, 2);
}
