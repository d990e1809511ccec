// Step leaks: what is still live and whose it is, scopes, and misuse of deallocate.

#include "support/suite.hpp"

#include <instrumented_allocator.hpp>

#include <functional>
#include <map>
#include <new>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "05-instrumented-allocator/told_stats.hpp"
#include "05-instrumented-allocator/upstreams.hpp"
#include "support/threads.hpp"

using namespace cacheline;
using support::Heap;
using support::kSanitized;
using support::Witness;

namespace {

std::string shown(const std::vector<Leak>& leaks) {
    std::string text;
    for (const Leak& leak : leaks)
        text += (text.empty() ? "" : ", ") + leak.tag + ": " + std::to_string(leak.count) + " x " +
                std::to_string(leak.size);
    return text;
}

std::string shown(const LeakReport& report) {
    return "leaks: " + shown(report.leaks);
}

std::string shown(Misuse::Kind kind) {
    switch (kind) {
        case Misuse::Kind::wrong_size:
            return "wrong_size";
        case Misuse::Kind::wrong_alignment:
            return "wrong_alignment";
        case Misuse::Kind::not_live:
            return "not_live";
    }
    return "none of these";
}

}  // namespace

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

TEST_CASE("tags nest, and the innermost is charged", "[leaks]") {
    WHY("the cost belongs to who asked for it, not to whoever called them");
    Heap heap;
    InstrumentedResource resource(&heap, Mode::checked);
    const auto take = [&](std::size_t size) { static_cast<void>(resource.allocate(size)); };
    CHECK(AllocationTag::current().empty());
    {
        const AllocationTag outer("request");
        take(1);
        {
            const AllocationTag inner("json");
            CHECK(AllocationTag::current() == "json");
            take(2);
            {
                const AllocationTag same("request");
                take(3);
            }
            take(4);
        }
        CHECK(AllocationTag::current() == "request");
        take(5);
        try {
            const AllocationTag inner("sql");
            take(6);
            throw std::runtime_error("on the way out, the tag ends as well");
        } catch (const std::runtime_error&) {
            take(7);
        }
    }
    take(8);
    std::map<std::size_t, std::string> tag_of;
    for (const Leak& leak : resource.leaks().leaks)
        tag_of[leak.size] = leak.tag;
    const std::map<std::size_t, std::string> expected = {
        {1, "request"}, {2, "json"}, {3, "request"}, {4, "json"},
        {5, "request"}, {6, "sql"},  {7, "request"}, {8, ""}};
    CHECK(tag_of == expected);
}

TEST_CASE("a tag keeps its name when the string it came from is gone", "[leaks][asan]") {
    WHY("leaks are reported at the end, when the names that were built on the way are long gone");
    Heap heap;
    InstrumentedResource resource(&heap, Mode::checked);
    std::vector<void*> blocks;
    std::string name;
    for (int i = 0; i < 3; ++i) {
        name = "tenant-" + std::to_string(i);
        const AllocationTag tag(name);
        blocks.push_back(resource.allocate(10 + static_cast<std::size_t>(i)));
    }
    {
        const std::string on_the_heap = "a name that is too long for the string object itself";
        auto temporary = std::make_unique<std::string>(on_the_heap);
        std::optional<AllocationTag> tag(std::in_place, *temporary);
        temporary.reset();
        CHECK(AllocationTag::current() == on_the_heap);
        // Equal names are one tag, whichever string they are written in.
        tag.reset();
        const AllocationTag again("tenant-" + std::string("0"));
        blocks.push_back(resource.allocate(10));
    }
    name = "XXXXXXXX";
    const LeakReport report = resource.leaks();
    INFO(shown(report));
    const std::vector<Leak> expected = {
        {"tenant-0", 10, 2}, {"tenant-2", 12, 1}, {"tenant-1", 11, 1}};
    CHECK(shown(report.leaks) == shown(expected));
    const bool same_leaks = report.leaks == expected;
    CHECK(same_leaks);
    resource.deallocate(blocks[0], 10);
    resource.deallocate(blocks[1], 11);
    resource.deallocate(blocks[2], 12);
    resource.deallocate(blocks[3], 10);
}

TEST_CASE("the tags add up to the whole", "[leaks][asan]") {
    WHY("what no tag accounts for is where the leak will be");
    SEEDED_RNG(rng);
    Heap heap;
    InstrumentedResource resource(&heap, Mode::checked);
    const std::array<std::string, 4> names = {"", "a", "b", "c"};
    std::array<TagStats, 4> expected;
    struct Block {
        void* address;
        std::size_t size;
        std::size_t tag;
    };
    std::vector<Block> live;
    for (int i = 0; i < 5000; ++i) {
        // Given back under any tag: a block stays with the one that it was taken under.
        const std::size_t which = rng() % 4;
        std::optional<AllocationTag> tag;
        if (which != 0) tag.emplace(names[which]);
        if (live.empty() || rng() % 100 < 55) {
            const std::size_t size = rng() % 500;
            live.push_back({resource.allocate(size), size, which});
            ++expected[which].allocations;
            expected[which].bytes_allocated += size;
        } else {
            std::swap(live[rng() % live.size()], live.back());
            const Block block = live.back();
            live.pop_back();
            resource.deallocate(block.address, block.size);
            ++expected[block.tag].deallocations;
            expected[block.tag].bytes_deallocated += block.size;
        }
    }
    for (std::size_t i = 0; i < 4; ++i)
        expected[i].tag = names[i];
    const std::vector<TagStats> tags = resource.tags();  // by name
    REQUIRE(tags.size() == 4);
    AllocationStats total;
    for (std::size_t i = 0; i < 4; ++i) {
        CAPTURE(names[i]);
        CHECK(tags[i].tag == expected[i].tag);
        CHECK(tags[i].allocations == expected[i].allocations);
        CHECK(tags[i].deallocations == expected[i].deallocations);
        CHECK(tags[i].bytes_allocated == expected[i].bytes_allocated);
        CHECK(tags[i].bytes_deallocated == expected[i].bytes_deallocated);
        total.allocations += tags[i].allocations;
        total.live_bytes += tags[i].bytes_allocated - tags[i].bytes_deallocated;
    }
    CHECK(total.allocations == resource.stats().allocations);
    CHECK(total.live_bytes == resource.stats().live_bytes);
    CHECK(resource.leaks().bytes() == resource.stats().live_bytes);
    CHECK(resource.leaks().blocks() == resource.stats().live_blocks);
    for (const Block& block : live)
        resource.deallocate(block.address, block.size);
    CHECK(resource.leaks().empty());
}

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

TEST_CASE("a wrong size is reported and the books go by the true one", "[leaks][asan]") {
    WHY("a resource that trusts the size puts the block on the wrong free list, and the next owner "
        "overruns it");
    Witness upstream;
    InstrumentedResource resource(&upstream, Mode::checked);
    const AllocationTag tag("image");
    void* const a = resource.allocate(96);
    void* const b = resource.allocate(64, 32);
    void* const c = resource.allocate(8);
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

    CHECK(upstream.mismatches() == 0);  // it was told the truth
    CHECK(upstream.live() == 0);
    CHECK(resource.stats().live_bytes == 0);
    CHECK(resource.stats().bytes_deallocated == 96 + 64 + 8);
    CHECK(resource.leaks().empty());
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

TEST_CASE("each thread has tags of its own, and blocks keep theirs across threads",
          "[leaks][tsan]") {
    WHY("a tag that is global charges one thread's memory to another");
    Heap heap;
    InstrumentedResource resource(&heap, Mode::checked);
    constexpr std::size_t kThreads = 6;
    constexpr std::size_t kBlocks = 500;
    std::array<std::vector<void*>, kThreads> blocks;
    std::array<bool, kThreads> began_untagged{};
    CHECK(resource.leaks().empty());
    const AllocationTag mains_own("main");
    std::vector<std::function<void()>> takers;
    for (std::size_t i = 0; i < kThreads; ++i) {
        takers.emplace_back([&, i] {
            began_untagged[i] = AllocationTag::current().empty();
            for (std::size_t k = 0; k < kBlocks; ++k) {
                const AllocationTag tag("thread " + std::to_string(i));
                blocks[i].push_back(resource.allocate(16 + i));
            }
        });
    }
    support::run_together(takers);
    CHECK(AllocationTag::current() == "main");
    CHECK(began_untagged == std::array<bool, kThreads>{true, true, true, true, true, true});
    const LeakReport all = resource.leaks();
    INFO(shown(all));
    CHECK(all.leaks.size() == kThreads);
    CHECK(all.blocks() == kThreads * kBlocks);

    // Each gives back all but one block of its neighbour's, under a tag of its own.
    std::vector<std::function<void()>> givers;
    for (std::size_t i = 0; i < kThreads; ++i) {
        givers.emplace_back([&, of = (i + 1) % kThreads] {
            const AllocationTag tag("cleaner");
            for (std::size_t k = 1; k < kBlocks; ++k)
                resource.deallocate(blocks[of][k], 16 + of);
        });
    }
    support::run_together(givers);
    const LeakReport rest = resource.leaks();
    INFO(shown(rest));
    CHECK(rest.leaks.size() == kThreads);
    for (std::size_t i = 0; i < rest.leaks.size(); ++i) {
        const std::size_t thread = kThreads - 1 - i;  // larger blocks first
        CHECK(rest.leaks[i].tag == "thread " + std::to_string(thread));
        CHECK(rest.leaks[i].size == 16 + thread);
        CHECK(rest.leaks[i].count == 1);
    }
    std::vector<std::string> wrong;
    for (const TagStats& tag : resource.tags())
        if (tag.deallocations != (tag.tag.starts_with("thread") ? kBlocks - 1 : 0))
            wrong.push_back(tag.tag);
    CHECK(wrong == std::vector<std::string>{});
    CHECK(resource.misuses().empty());
    for (std::size_t i = 0; i < kThreads; ++i)
        resource.deallocate(blocks[i][0], 16 + i);
}
