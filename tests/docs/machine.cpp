// What the machine page shows: how long a load takes from each level of memory, what it costs when
// two cores write one line, how many additions a core has under way. `./workbook bench --record`
// runs it.
//
// Names are Chase/load/<bytes>: what is measured, who, the argument.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <numeric>
#include <random>
#include <thread>
#include <vector>

#include "support/core_distance.hpp"
#include "support/threads.hpp"

namespace {

constexpr std::size_t kLine = 64;

// A chain of pointers through all lines of some memory in random order: no load can start before
// the one before has ended, and no prefetcher can guess the next.
struct alignas(kLine) Link {
    Link* next;
};

void chase(benchmark::State& state) {
    std::vector<Link> links(static_cast<std::size_t>(state.range(0)) / sizeof(Link));
    std::vector<std::size_t> order(links.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::mt19937_64 rng(1);
    std::ranges::shuffle(order, rng);
    for (std::size_t i = 0; i < order.size(); ++i)
        links[order[i]].next = &links[order[(i + 1) % order.size()]];
    constexpr int kSteps = 1 << 14;
    const Link* at = links.data();
    for (auto _ : state) {
        for (int i = 0; i < kSteps; ++i)
            at = at->next;
        benchmark::DoNotOptimize(at);
    }
    state.SetItemsProcessed(state.iterations() * kSteps);
}
BENCHMARK(chase)->Name("Chase/load")->RangeMultiplier(2)->Range(8 << 10, 256 << 20)->MinTime(0.02);

// The same lines, one after the other: the prefetchers know what comes.
void walk(benchmark::State& state) {
    std::vector<Link> links(static_cast<std::size_t>(state.range(0)) / sizeof(Link));
    for (std::size_t i = 0; i < links.size(); ++i)
        links[i].next = &links[(i + 1) % links.size()];
    constexpr int kSteps = 1 << 14;
    const Link* at = links.data();
    for (auto _ : state) {
        for (int i = 0; i < kSteps; ++i)
            at = at->next;
        benchmark::DoNotOptimize(at);
    }
    state.SetItemsProcessed(state.iterations() * kSteps);
}
BENCHMARK(walk)
    ->Name("Chase/in_order")
    ->RangeMultiplier(2)
    ->Range(8 << 10, 256 << 20)
    ->MinTime(0.02);

// Two threads, each with a counter of its own, some bytes apart; and one thread alone.
void count(benchmark::State& state, bool alone) {
    constexpr std::uint64_t kCount = 200'000;
    const auto apart = static_cast<std::size_t>(state.range(0));
    struct alignas(256) Bytes {
        std::byte bytes[512];
    };
    const auto memory = std::make_unique<Bytes>();
    auto& first = *new (memory->bytes) std::uint64_t(0);
    auto& second = *new (memory->bytes + apart) std::uint64_t(0);
    const auto work = [](std::uint64_t& counter, std::size_t core) {
        return [&counter, core] {
            cacheline::support::pin_to_core(core);
            std::atomic_ref<std::uint64_t> value(counter);
            for (std::uint64_t i = 0; i < kCount; ++i)
                value.fetch_add(1, std::memory_order_relaxed);
        };
    };
    for (auto _ : state) {
        if (alone)
            cacheline::support::run_together({work(first, 0)});
        else
            cacheline::support::run_together({work(first, 0), work(second, 1)});
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kCount));
    state.counters["round_trip_ns"] = cacheline::support::core_round_trip_ns();
}
BENCHMARK_CAPTURE(count, alone, true)
    ->Name("Counters/alone")
    ->Arg(8)
    ->UseRealTime()
    ->Iterations(20);
BENCHMARK_CAPTURE(count, two, false)
    ->Name("Counters/two")
    ->Arg(8)
    ->Arg(32)
    ->Arg(64)
    ->Arg(128)
    ->UseRealTime()
    ->Iterations(20);

// Sums of 16 KiB of floats with 1 to 16 running totals, each a float or a vector of eight.
using Eight = float __attribute__((vector_size(32)));

template <typename Value, std::size_t kTotals>
void add(benchmark::State& state) {
    constexpr std::size_t kValues = (16 << 10) / sizeof(Value);
    static const auto values = [] {
        auto filled = std::make_unique<std::array<Value, kValues>>();
        for (Value& value : *filled)
            value = Value{} + 1.0f;
        return filled;
    }();
    const Value* const data = values->data();
    for (auto _ : state) {
        std::array<Value, kTotals> totals{};
        for (std::size_t i = 0; i < kValues; i += kTotals) {
#pragma GCC unroll 16
            for (std::size_t k = 0; k < kTotals; ++k)
                totals[k] += data[i + k];
        }
        for (Value& total : totals)
            benchmark::DoNotOptimize(total);
    }
    state.SetBytesProcessed(state.iterations() * (16 << 10));
}

template <typename Value>
void register_adds(const char* who) {
    const auto one = [&](std::size_t totals, auto* function) {
        benchmark::RegisterBenchmark(
            ("Totals/" + std::string(who) + '/' + std::to_string(totals)).c_str(), function)
            ->MinTime(0.02);
    };
    one(1, add<Value, 1>);
    one(2, add<Value, 2>);
    one(4, add<Value, 4>);
    one(8, add<Value, 8>);
    one(16, add<Value, 16>);
}

const bool kRegistered = [] {
    register_adds<float>("floats");
    register_adds<Eight>("vectors");
    return true;
}();

}  // namespace
