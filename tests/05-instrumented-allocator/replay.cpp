// The audit: what an instrumented allocator counts over a secret script.

#include "support/replay.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <instrumented_allocator.hpp>
#include <new>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "05-instrumented-allocator/upstreams.hpp"
#include "support/threads.hpp"

using namespace cacheline;
using support::Heap;
using support::Replay;
using support::Witness;

namespace {

struct Block {
    void* address;
    std::size_t size;
};

std::size_t some_size(Replay& out) {
    return out.below(std::uint64_t{1} << (1 + out.below(15)));
}

// What is in which class, only the first step asks: a mistake there is not to cost the others.
void print_totals(Replay& out, const AllocationStats& stats) {
    out.print("totals", stats.allocations, stats.deallocations, stats.failed, stats.bytes_allocated,
              stats.bytes_deallocated, stats.live_blocks, stats.live_bytes,
              std::accumulate(stats.histogram.begin(), stats.histogram.end(), std::uint64_t{0}));
}

void print_histogram(Replay& out, const AllocationStats& stats) {
    for (std::size_t i = 0; i < kSizeClasses; ++i)
        if (stats.histogram[i] != 0) out.print("class", i, stats.histogram[i]);
}

// One random allocation, failure or deallocation.
void step(Replay& out, InstrumentedResource& resource, Witness& upstream,
          std::vector<Block>& live) {
    const std::uint64_t dice = out.below(100);
    if (dice < 4) {
        upstream.fail_next([] { throw std::bad_alloc(); });
        try {
            static_cast<void>(resource.allocate(some_size(out)));
        } catch (const std::bad_alloc&) {
        }
    } else if (live.empty() || dice < 55) {
        const std::size_t size = some_size(out);
        live.push_back({resource.allocate(size), size});
    } else {
        std::swap(live[out.below(live.size())], live.back());
        resource.deallocate(live.back().address, live.back().size);
        live.pop_back();
    }
}

void release(InstrumentedResource& resource, std::vector<Block>& live) {
    for (const Block& block : live)
        resource.deallocate(block.address, block.size);
    live.clear();
}

void count(Replay& out) {
    Witness upstream;
    InstrumentedResource resource(&upstream);
    std::vector<Block> live;
    for (int i = 0; i < 3000; ++i) {
        step(out, resource, upstream, live);
        if (i % 100 == 0) {
            const AllocationStats stats = resource.stats();
            out.print(i, stats.allocations, stats.live_bytes, stats.peak_bytes, stats.failed);
        }
    }
    print_totals(out, resource.stats());
    print_histogram(out, resource.stats());
    release(resource, live);
    print_totals(out, resource.stats());
    out.print("peak", resource.stats().peak_bytes, "mismatches", upstream.mismatches());
    for (int i = 0; i < 20; ++i) {
        const std::uint64_t bits = out.rng()();
        const std::size_t size = bits >> out.below(64);
        out.print("size_class", size, size_class(size));
    }
}

void observe(Replay& out) {
    Witness upstream;
    InstrumentedResource resource(&upstream);
    std::vector<Block> live;
    std::uint64_t number = 0;
    resource.set_observer([&](const AllocationEvent& event) {
        out.print(number, static_cast<int>(event.kind), event.size, event.alignment,
                  event.address == nullptr, resource.stats().live_bytes, upstream.deallocations());
        const std::pmr::string text(100 + number, 'x', &resource);
        if (++number % 7 == 0) throw std::runtime_error("an observer's own trouble");
    });
    for (int i = 0; i < 200; ++i)
        step(out, resource, upstream, live);
    release(resource, live);
    print_totals(out, resource.stats());
}

void threads(Replay& out) {
    Heap heap;
    InstrumentedResource resource(&heap);
    std::array<std::vector<Block>, 4> left;
    for (int round = 0; round < 6; ++round) {
        std::vector<std::function<void()>> work;
        for (std::size_t i = 0; i < left.size(); ++i) {
            // Each gives back what its neighbour left the round before.
            work.emplace_back([&resource, seed = out.rng()(), given = std::move(left[i])] {
                std::mt19937_64 rng(seed);
                for (const Block& block : given)
                    resource.deallocate(block.address, block.size);
                for (int k = 0; k < 2000; ++k) {
                    const std::size_t size = rng() % 5000;
                    resource.deallocate(resource.allocate(size), size);
                }
            });
            left[i].clear();
        }
        support::run_together(work);
        for (std::vector<Block>& blocks : left) {
            for (std::size_t k = out.below(50); k > 0; --k) {
                const std::size_t size = some_size(out);
                blocks.push_back({resource.allocate(size), size});
            }
        }
        print_totals(out, resource.stats());
    }
    for (std::vector<Block>& blocks : left)
        release(resource, blocks);
    print_totals(out, resource.stats());
}

void leaks(Replay& out) {
    Witness upstream;
    InstrumentedResource resource(&upstream, Mode::checked);
    std::vector<Block> live;
    const AllocationScope whole(resource);
    for (int round = 0; round < 40; ++round) {
        const AllocationScope scope(resource);
        std::optional<AllocationTag> outer;
        std::optional<AllocationTag> inner;
        if (out.below(3) != 0) outer.emplace("tag " + std::to_string(out.below(5)));
        if (out.below(2) != 0) inner.emplace(std::string(out.below(40), 't'));
        for (std::uint64_t i = out.below(60); i > 0; --i)
            step(out, resource, upstream, live);
        if (!live.empty() && out.below(2) != 0) {
            // A wrong size, then the same block once more.
            const Block block = live.back();
            live.pop_back();
            resource.deallocate(block.address, block.size + 1 + out.below(9));
            resource.deallocate(block.address, block.size);
        }
        const AllocationDelta delta = scope.so_far();
        out.print("scope", AllocationTag::current(), delta.allocations, delta.deallocations,
                  delta.failed, delta.live_blocks, delta.live_bytes);
    }
    const AllocationDelta delta = whole.so_far();
    out.print("whole", delta.allocations, delta.bytes_allocated, delta.live_bytes);
    for (const Leak& leak : resource.leaks().leaks)
        out.print("leak", leak.tag, leak.size, leak.count);
    // Whether a tag is listed under which every attempt failed is left open.
    for (const TagStats& tag : resource.tags())
        if (tag.allocations != 0)
            out.print("tag", tag.tag, tag.allocations, tag.deallocations, tag.bytes_allocated,
                      tag.bytes_deallocated);
    for (const Misuse& misuse : resource.misuses())
        out.print("misuse", static_cast<int>(misuse.kind), misuse.given, misuse.recorded,
                  misuse.tag);
    release(resource, live);
    out.print(resource.leaks().empty(), upstream.mismatches());
}

void global(Replay& out) {
    for (int round = 0; round < 20; ++round) {
        const std::size_t blocks = out.below(300);
        const std::size_t arrays = out.below(300);
        volatile std::size_t huge = ~std::size_t{0} - out.below(64);
        std::vector<void*> taken(std::max(blocks, arrays));
        std::vector<void*> aligned(taken.size());
        const AllocationStats before = global_stats();
        for (std::size_t i = 0; i < blocks; ++i)
            taken[i] = ::operator new(i);
        for (std::size_t i = 0; i < arrays; ++i)
            aligned[i] = ::operator new[](i, std::align_val_t{64});
        const AllocationStats between = global_stats();
        for (void* const block : taken)
            ::operator delete(block);
        for (void* const block : aligned)
            ::operator delete[](block, std::align_val_t{64});
        const bool refused = ::operator new(huge, std::nothrow) == nullptr;
        const AllocationStats after = global_stats();
        out.print(between.allocations - before.allocations,
                  between.live_blocks - before.live_blocks,
                  after.deallocations - before.deallocations, after.failed - before.failed,
                  after.live_bytes - before.live_bytes, refused);
    }
}

}  // namespace

int main(int argc, char* argv[]) {
    Replay replay(argc, argv);
    replay.step("count", count);
    replay.step("observe", observe);
    replay.step("threads", threads);
    replay.step("leaks", leaks);
    replay.step("global", global);
}
