// What counting costs: an allocation and its deallocation, by operator new and delete (Pair) and by
// the resource (Resource), against malloc and free with nothing around them, with one thread and
// with two at once. The other contenders are the plain ways to count.

#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <instrumented_allocator.hpp>
#include <iostream>
#include <mutex>
#include <random>
#include <replaceable.hpp>
#include <string>
#include <thread>
#include <vector>

#include "support/core_distance.hpp"
#include "support/threads.hpp"

namespace {

using cacheline::AllocationStats;
using cacheline::InstrumentedAllocator;
using cacheline::InstrumentedResource;
using cacheline::Mode;

constexpr std::size_t kPairs = 50'000;  // of each thread, for one sample
constexpr int kSamples = 20;

// Sizes from 1 to 1024 bytes in an order that only this run knows.
const std::vector<std::size_t>& sizes() {
    static const std::vector<std::size_t> table = [] {
        const char* const seed = std::getenv("CACHELINE_SEED");
        std::mt19937_64 rng(seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10));
        std::vector<std::size_t> result(kPairs);
        for (std::size_t& size : result)
            size = 1 + rng() % 1024;
        return result;
    }();
    return table;
}

std::size_t bytes_of_one_thread() {
    std::size_t sum = 0;
    for (const std::size_t size : sizes())
        sum += size;
    return sum;
}

struct Malloc {
    void* take(std::size_t size) { return std::malloc(size); }
    void give(void* block, std::size_t) { std::free(block); }
};

struct OperatorNew {
    void* take(std::size_t size) { return ::operator new(size); }
    void give(void* block, std::size_t size) { ::operator delete(block, size); }
};

// malloc and free as a resource: what the instrumented one is measured on.
class MallocResource final : public std::pmr::memory_resource {
    void* do_allocate(std::size_t size, std::size_t) override { return std::malloc(size); }
    void do_deallocate(void* block, std::size_t, std::size_t) override { std::free(block); }
    bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }
};
MallocResource malloc_resource;

struct PlainResource {
    std::pmr::memory_resource* resource = &malloc_resource;
    void* take(std::size_t size) { return resource->allocate(size); }
    void give(void* block, std::size_t size) { resource->deallocate(block, size); }
};

struct Instrumented {
    InstrumentedResource* resource;
    void* take(std::size_t size) { return resource->allocate(size); }
    void give(void* block, std::size_t size) { resource->deallocate(block, size); }
};

// Counts behind one lock.
struct Locked {
    static inline std::mutex mutex;
    static inline std::size_t allocations, deallocations, live, peak;
    void* take(std::size_t size) {
        const std::lock_guard lock(mutex);
        ++allocations;
        live += size;
        if (live > peak) peak = live;
        return std::malloc(size);
    }
    void give(void* block, std::size_t size) {
        const std::lock_guard lock(mutex);
        ++deallocations;
        live -= size;
        std::free(block);
    }
};

// Counts in atomics that all threads share.
struct SharedAtomics {
    static inline std::atomic<std::size_t> allocations, deallocations, live, peak;
    void* take(std::size_t size) {
        allocations.fetch_add(1, std::memory_order_relaxed);
        const std::size_t now = live.fetch_add(size, std::memory_order_relaxed) + size;
        std::size_t old = peak.load(std::memory_order_relaxed);
        while (now > old && !peak.compare_exchange_weak(old, now, std::memory_order_relaxed)) {
        }
        return std::malloc(size);
    }
    void give(void* block, std::size_t size) {
        deallocations.fetch_add(1, std::memory_order_relaxed);
        live.fetch_sub(size, std::memory_order_relaxed);
        std::free(block);
    }
};

template <typename Heap>
void pairs(Heap heap) {
    for (const std::size_t size : sizes()) {
        void* const block = heap.take(size);
        *static_cast<volatile char*>(block) = 1;
        benchmark::DoNotOptimize(block);
        heap.give(block, size);
    }
}

// One sample is the time in which `threads` threads do kPairs pairs each. They live through all
// samples, so that starting them costs nothing in any.
template <typename Heap>
void run(benchmark::State& state, std::size_t threads, Heap heap) {
    if (threads == 1) {
        for (auto sample : state)
            pairs(heap);
    } else {
        state.counters["round_trip_ns"] = cacheline::support::core_round_trip_ns();
        std::atomic<int> started{0};
        std::atomic<std::size_t> finished{0};
        std::vector<std::thread> workers;
        for (std::size_t i = 0; i < threads; ++i) {
            workers.emplace_back([&, i] {
                cacheline::support::pin_to_core(i);
                for (int round = 1; round <= kSamples; ++round) {
                    while (started.load(std::memory_order_acquire) < round)
                        std::this_thread::yield();
                    pairs(heap);
                    finished.fetch_add(1, std::memory_order_release);
                }
            });
        }
        int round = 0;
        for (auto sample : state) {
            started.store(++round, std::memory_order_release);
            while (finished.load(std::memory_order_acquire) <
                   threads * static_cast<std::size_t>(round))
                std::this_thread::sleep_for(std::chrono::microseconds(20));
        }
        for (std::thread& worker : workers)
            worker.join();
    }
    const auto count = static_cast<std::int64_t>(kPairs * threads);
    state.SetItemsProcessed(count * kSamples);
    state.counters["ns_per_pair"] =
        benchmark::Counter(static_cast<double>(kPairs) * kSamples * 1e-9,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// The counts must be those of the run; the bench itself may allocate a little beside.
void verify(benchmark::State& state, std::size_t threads, const AllocationStats& before,
            const AllocationStats& after) {
    constexpr std::uint64_t kBeside = 1000;
    constexpr std::uint64_t kBesideBytes = 1 << 20;
    const std::uint64_t count = threads * kPairs * kSamples;
    const std::uint64_t bytes = threads * bytes_of_one_thread() * kSamples;
    const auto between = [](std::uint64_t value, std::uint64_t least, std::uint64_t slack) {
        return value >= least && value - least <= slack;
    };
    if (!between(after.allocations - before.allocations, count, kBeside) ||
        !between(after.deallocations - before.deallocations, count, kBeside) ||
        !between(after.bytes_allocated - before.bytes_allocated, bytes,
                 kBesideBytes + 32 * count))  // what the allocator adds may be counted
        state.SkipWithError("the counts are wrong");
}

template <typename Function>
void add(const char* name, const char* contender, Function function) {
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
        const std::string full =
            std::string(name) + "/" + contender + "/" + std::to_string(threads);
        benchmark::RegisterBenchmark(full.c_str(),
                                     [=](benchmark::State& state) { function(state, threads); })
            ->UseRealTime()
            ->Iterations(kSamples);
    }
}

const bool registered = [] {
    add("Pair", "baseline", [](auto& state, auto n) { run(state, n, Malloc{}); });
    add("Pair", "yours", [](auto& state, auto n) {
        const AllocationStats before = cacheline::global_stats();
        run(state, n, OperatorNew{});
        verify(state, n, before, cacheline::global_stats());
    });
    add("Pair", "shared_atomics", [](auto& state, auto n) { run(state, n, SharedAtomics{}); });
    add("Pair", "locked", [](auto& state, auto n) { run(state, n, Locked{}); });
    add("Resource", "baseline", [](auto& state, auto n) { run(state, n, PlainResource{}); });
    add("Resource", "yours", [](auto& state, auto n) {
        InstrumentedResource resource(&malloc_resource);
        run(state, n, Instrumented{&resource});
        verify(state, n, {}, resource.stats());
    });
    add("Resource", "checked", [](auto& state, auto n) {
        InstrumentedResource resource(&malloc_resource, Mode::checked);
        run(state, n, Instrumented{&resource});
    });
    return true;
}();

}  // namespace
