// Step leaks: whose an allocation is.

#include "support/suite.hpp"

#include <instrumented_allocator.hpp>

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "05-instrumented-allocator/told_leaks.hpp"
#include "05-instrumented-allocator/told_stats.hpp"
#include "05-instrumented-allocator/upstreams.hpp"
#include "support/threads.hpp"

using namespace cacheline;
using support::Heap;
using told::shown;

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
