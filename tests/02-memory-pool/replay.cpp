// The audit of the memory pool: what it hands out, what it asks of upstream and what it books.
// Addresses differ from run to run, so a block is named by the order in which it was first seen.

#include "support/replay.hpp"

#include <array>
#include <cstring>
#include <map>
#include <memory_pool.hpp>
#include <memory_resource>
#include <thread>
#include <utility>
#include <vector>

namespace cacheline {
namespace {

using support::Replay;

// Sums up the requests in their order.
class Recorder final : public std::pmr::memory_resource {
public:
    std::uint64_t calls = 0;
    std::uint64_t digest = 0;
    std::size_t outstanding = 0;

private:
    void note(std::uint64_t kind, std::size_t bytes, std::size_t alignment) {
        ++calls;
        digest = (digest ^ (bytes * 64 + alignment * 2 + kind)) * 0x9e3779b97f4a7c15U;
    }
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        note(0, bytes, alignment > kMaxPooledAlignment ? alignment : 0);
        ++outstanding;
        return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    }
    void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
        note(1, bytes, alignment > kMaxPooledAlignment ? alignment : 0);
        --outstanding;
        std::pmr::new_delete_resource()->deallocate(block, bytes, alignment);
    }
    [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }
};

// The order of fresh blocks is the pool's own affair; which of the freed ones comes next is not.
void blocks(Replay& out) {
    for (int trial = 0; trial < 20; ++trial) {
        const std::size_t size = 1 + out.below(300);
        BlockPool pool(size, std::size_t{1} << out.below(8));
        std::map<void*, std::size_t> names;
        std::vector<void*> held;
        std::uint64_t digest = 0;
        for (int step = 0; step < 500; ++step) {
            if (held.empty() || out.below(100) < 55) {
                held.push_back(pool.allocate());
                std::memset(held.back(), 0xee, size);
                digest = digest * 31 + names.try_emplace(held.back(), names.size()).first->second;
            } else {
                std::swap(held[out.below(held.size())], held.back());
                pool.deallocate(held.back());
                held.pop_back();
            }
        }
        out.print(pool.block_size(), names.size(), digest);
    }
}

PoolConfig random_config(Replay& out) {
    PoolConfig config;
    config.classes.clear();
    std::size_t size = 0;
    for (std::uint64_t n = 1 + out.below(6); n != 0; --n) {
        size += 16 * (1 + out.below(30));
        const std::size_t cap = out.below(40);
        config.classes.push_back({size, cap, out.below(cap + 1)});
    }
    config.max_cached_custom = out.below(5);
    config.max_custom_sizes = 100;  // which bucket gives way is not fixed
    config.largest_custom = 4000;
    return config;
}

struct Held {
    void* block;
    std::size_t bytes;
    std::size_t alignment;
};

// Random requests, aligned to less than 2^alignments; `visit` is called now and then.
template <typename Visit>
void work(Replay& out, PoolResource& resource, int steps, std::uint64_t alignments, Visit visit) {
    std::vector<Held> held;
    std::array<std::size_t, 90> sizes{};
    for (std::size_t& size : sizes)
        size = out.below(out.below(10) == 0 ? 6000 : 1200);
    for (int step = 0; step < steps; ++step) {
        if (held.empty() || out.below(100) < 52) {
            const std::size_t bytes = sizes[out.below(sizes.size())];
            const std::size_t alignment = std::size_t{1} << out.below(alignments);
            held.push_back({resource.allocate(bytes, alignment), bytes, alignment});
        } else {
            std::swap(held[out.below(held.size())], held.back());
            resource.deallocate(held.back().block, held.back().bytes, held.back().alignment);
            held.pop_back();
        }
        if (step % 100 == 99) visit();
    }
    for (const Held& h : held)
        resource.deallocate(h.block, h.bytes, h.alignment);
}

void classes(Replay& out) {
    for (int trial = 0; trial < 20; ++trial) {
        Recorder upstream;
        {
            PoolResource resource(random_config(out), &upstream);
            out.print(upstream.calls);
            work(out, resource, 1000, 8,
                 [&] { out.print(upstream.calls, upstream.digest, upstream.outstanding); });
        }
        out.print(upstream.outstanding);
    }
}

void print(Replay& out, const PoolStats& s) {
    out.print(s.allocations, s.deallocations, s.hits, s.misses, s.bytes_in_use, s.peak_bytes);
    for (const CachedBlocks& c : s.classes)
        out.print("class", c.block_size, c.blocks);
    for (const CachedBlocks& c : s.custom)
        out.print("custom", c.block_size, c.blocks);
}

// Caps and strict alignments are the affair of the classes: a mistake there is not to cost these
// points as well.
void stats(Replay& out) {
    for (int trial = 0; trial < 20; ++trial) {
        PoolConfig config = random_config(out);
        for (SizeClass& each : config.classes)
            each.max_cached = 10'000;
        config.max_cached_custom = 10'000;
        config.statistics = out.below(5) == 0 ? Statistics::off : Statistics::counts;
        PoolResource resource(config);
        work(out, resource, 500, 5, [&] {
            print(out, resource.stats());
            if (out.below(4) == 0) resource.reset_stats();
        });
        print(out, resource.stats());
    }
}

// Threads one after the other: what they leave behind is fixed.
void threads(Replay& out) {
    for (const Strategy strategy : {Strategy::locked, Strategy::thread_cached}) {
        Recorder upstream;
        PoolConfig config;
        config.strategy = strategy;
        {
            PoolResource resource(config, &upstream);
            static_cast<void>(resource.stats());
            for (int n = 0; n < 10; ++n) {
                const std::size_t count = 1 + out.below(90);
                const std::size_t bytes = 1 + out.below(1500);
                std::thread([&] {
                    std::vector<void*> mine(count);
                    for (void*& block : mine)
                        block = resource.allocate(bytes);
                    for (void* block : mine)
                        resource.deallocate(block, bytes);
                }).join();
                const PoolStats s = resource.stats();
                out.print(count, bytes, s.allocations, s.deallocations, s.hits, s.misses,
                          upstream.outstanding);
            }
        }
        out.print(upstream.outstanding);
    }
}

void vectors(Replay& out) {
    const std::size_t bound = out.below(6);
    VectorPool<std::uint64_t> pool(out.below(50), bound);
    std::vector<PooledVector<std::uint64_t>> held;
    for (int step = 0; step < 300; ++step) {
        if (held.empty() || out.below(2) == 0) {
            held.push_back(pool.acquire());
            out.print("acquired", held.back()->size());
            const std::uint64_t factor = out.below(1000);
            held.back().fill(out.below(200), [=](std::size_t i) { return i * factor; });
        } else {
            std::uint64_t sum = 0;
            for (const std::uint64_t value : *held.back())
                sum += value;
            out.print(held.back()->size(), sum);
            held.pop_back();
            out.print("pooled", pool.pooled());
        }
    }
}

}  // namespace
}  // namespace cacheline

int main(int argc, char* argv[]) {
    cacheline::support::Replay replay(argc, argv);
    replay.step("blocks", cacheline::blocks);
    replay.step("classes", cacheline::classes);
    replay.step("stats", cacheline::stats);
    replay.step("threads", cacheline::threads);
    replay.step("vectors", cacheline::vectors);
}
