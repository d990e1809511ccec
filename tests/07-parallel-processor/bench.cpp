// Speed of ParallelProcessor beside a plain loop and, where they are installed, OpenMP, oneTBB and
// std::execution::par. CACHELINE_THREADS sets the number of threads of all of them.
//
//   Map/…/even|triangle|power|clustered   items of very different cost; decides the speed step
//   Tiny/…        10 million items of about a nanosecond, into memory that is there already
//   Chunks/…      the even work in chunks of 64
//   Overlap/…     two items that wait for each other, call after call: what a hand-over costs
//   Empty/…       one item: what a call costs that needs nobody

#include <benchmark/benchmark.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <parallel_processor.hpp>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "support/core_distance.hpp"

#if defined(CACHELINE_PEERS) && defined(_OPENMP)
#    include <omp.h>
#    define CACHELINE_OPENMP 1
#endif
#if defined(CACHELINE_PEERS) && __has_include(<tbb/parallel_for.h>)
#    include <tbb/global_control.h>
#    include <tbb/parallel_for.h>
#    define CACHELINE_TBB 1
#    if __has_include(<execution>)
#        include <algorithm>
#        include <execution>
#    endif
#endif

namespace {

std::size_t threads() {
    const char* text = std::getenv("CACHELINE_THREADS");
    if (text != nullptr) return static_cast<std::size_t>(std::atoi(text));
    return std::max(1U, std::thread::hardware_concurrency());
}

std::mt19937_64 seeded() {
    const char* text = std::getenv("CACHELINE_SEED");
    return std::mt19937_64(text == nullptr ? 1 : std::strtoull(text, nullptr, 10));
}

// ---- work ----

struct Item {
    std::uint64_t value;
    std::uint32_t rounds;  // of about a nanosecond
};

// A chain of dependent multiplications: no memory, no vectorization.
std::uint64_t compute(const Item& item) noexcept {
    std::uint64_t x = item.value;
    for (std::uint32_t i = 0; i < item.rounds; ++i)
        x = x * 6364136223846793005U + 1442695040888963407U;
    return x;
}

constexpr std::size_t kItems = 20'000;
constexpr double kMeanRounds = 700;  // about 20 ms for all

// `shape` gives an item's cost up to a factor, from its place in [0, 1).
template <typename Shape>
std::vector<Item> items_of(Shape shape) {
    std::mt19937_64 rng = seeded();
    std::vector<double> costs;
    double sum = 0;
    for (std::size_t i = 0; i < kItems; ++i) {
        costs.push_back(shape(static_cast<double>(i) / kItems, rng));
        sum += costs.back();
    }
    std::vector<Item> items;
    for (const double cost : costs)
        items.push_back({rng(), static_cast<std::uint32_t>(kMeanRounds * kItems * cost / sum)});
    return items;
}

std::vector<Item> even() {
    return items_of([](double, auto&) { return 1.0; });
}
std::vector<Item> triangle() {
    return items_of([](double place, auto&) { return place; });
}
// Pareto with exponent 1.5, cut off where one item would be 2% of the whole.
std::vector<Item> power_law() {
    return items_of([](double, auto& rng) {
        const double u = std::uniform_real_distribution<>(0, 1)(rng);
        return std::min(std::pow(1 - u, -1 / 1.5), kItems / 150.0);
    });
}
// 90% of the work in the last 1% of the items.
std::vector<Item> clustered() {
    return items_of([](double place, auto&) { return place < 0.99 ? 0.1 / 0.99 : 0.9 / 0.01; });
}

// ---- contenders: each calls f(i) for i in [0, n) or maps items into results ----

struct Baseline {
    template <typename T, typename R, typename F>
    void map(const std::vector<T>& items, std::vector<R>& results, F f) {
        for (std::size_t i = 0; i < items.size(); ++i)
            results[i] = f(items[i]);
    }
};

struct Yours {
    cacheline::ParallelProcessor pool{threads()};

    template <typename T, typename R, typename F>
    void map(const std::vector<T>& items, std::vector<R>& results, F f) {
        pool.process_into(items, std::span<R>(results), f);
    }
};

#if defined(CACHELINE_OPENMP)
struct OpenMpDynamic {
    template <typename T, typename R, typename F>
    void map(const std::vector<T>& items, std::vector<R>& results, F f) {
#    pragma omp parallel for schedule(dynamic) num_threads(static_cast <int>(threads()))
        for (std::size_t i = 0; i < items.size(); ++i)
            results[i] = f(items[i]);
    }
};
struct OpenMpGuided {
    template <typename T, typename R, typename F>
    void map(const std::vector<T>& items, std::vector<R>& results, F f) {
#    pragma omp parallel for schedule(guided) num_threads(static_cast <int>(threads()))
        for (std::size_t i = 0; i < items.size(); ++i)
            results[i] = f(items[i]);
    }
};
struct OpenMpStatic {
    template <typename T, typename R, typename F>
    void map(const std::vector<T>& items, std::vector<R>& results, F f) {
#    pragma omp parallel for schedule(static) num_threads(static_cast <int>(threads()))
        for (std::size_t i = 0; i < items.size(); ++i)
            results[i] = f(items[i]);
    }
};
#endif
#if defined(CACHELINE_TBB)
struct Tbb {
    tbb::global_control limit{tbb::global_control::max_allowed_parallelism, threads()};

    template <typename T, typename R, typename F>
    void map(const std::vector<T>& items, std::vector<R>& results, F f) {
        tbb::parallel_for(tbb::blocked_range<std::size_t>(0, items.size()),
                          [&](const tbb::blocked_range<std::size_t>& range) {
                              for (std::size_t i = range.begin(); i < range.end(); ++i)
                                  results[i] = f(items[i]);
                          });
    }
};
#    if defined(__cpp_lib_parallel_algorithm)
struct StdPar {
    tbb::global_control limit{tbb::global_control::max_allowed_parallelism, threads()};

    template <typename T, typename R, typename F>
    void map(const std::vector<T>& items, std::vector<R>& results, F f) {
        std::transform(std::execution::par, items.begin(), items.end(), results.begin(), f);
    }
};
#        define CACHELINE_STDPAR 1
#    endif
#endif

// ---- benchmarks ----

// Runs `work` once an iteration on the clock of the wall, and says how far apart the cores are.
template <typename Work>
void measure(benchmark::State& state, Work work) {
    work();  // threads started, pages there, caches warm
    for (auto _ : state)
        work();
    state.counters["round_trip_ns"] = cacheline::support::core_round_trip_ns();
}

// So that two results that change places change the sum.
std::uint64_t weight(std::size_t i) {
    return 2 * i + 1;
}

std::uint64_t checksum(std::span<const std::uint64_t> results) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < results.size(); ++i)
        sum += weight(i) * results[i];
    return sum;
}

template <typename Contender, std::vector<Item> (*Make)()>
void run_map(benchmark::State& state) {
    std::vector<Item> items = Make();
    std::vector<std::uint64_t> results(items.size());
    Baseline().map(items, results, compute);
    std::uint64_t expected = checksum(results);
    std::mt19937_64 random(std::random_device{}());
    bool right = true;
    Contender contender;
    measure(state, [&] {
        // Another item each time, and none can foresee which: results that were remembered are
        // wrong. Against the work of an iteration all this is nothing.
        const std::size_t i = random() % items.size();
        expected -= weight(i) * compute(items[i]);
        items[i].value = random();
        expected += weight(i) * compute(items[i]);
        contender.map(items, results, compute);
        right = right && checksum(results) == expected;
    });
    if (!right) state.SkipWithError("wrong results");
}

template <typename Contender>
void run_tiny(benchmark::State& state) {
    std::vector<double> items(10'000'000);
    for (std::size_t i = 0; i < items.size(); ++i)
        items[i] = static_cast<double>(i);
    std::vector<double> results(items.size());
    Contender contender;
    measure(state, [&] { contender.map(items, results, [](double x) { return 2 * x + 1; }); });
    for (std::size_t i = 0; i < items.size(); ++i)
        if (results[i] != 2 * items[i] + 1) return state.SkipWithError("wrong results");
}

// Results in a new vector: pages the kernel has to clear, so less is gained.
void run_parallel(benchmark::State& state) {
    const std::vector<Item> items = even();
    Yours contender;
    measure(state,
            [&] { benchmark::DoNotOptimize(contender.pool.process_parallel(items, compute)); });
}

void run_chunks(benchmark::State& state) {
    const std::vector<Item> items = even();
    Yours contender;
    const auto chunk = [](std::span<const Item> part) {
        std::vector<std::uint64_t> results(part.size());
        for (std::size_t i = 0; i < part.size(); ++i)
            results[i] = compute(part[i]);
        return results;
    };
    measure(state, [&] {
        benchmark::DoNotOptimize(
            contender.pool.process_chunked(items, static_cast<std::size_t>(state.range(0)), chunk));
    });
}

void run_tiny_parallel(benchmark::State& state) {
    const std::vector<double> items(10'000'000, 1.0);
    Yours contender;
    measure(state, [&] {
        benchmark::DoNotOptimize(
            contender.pool.process_parallel(items, [](double x) { return 2 * x + 1; }));
    });
}

void run_tiny_chunks(benchmark::State& state) {
    const std::vector<double> items(10'000'000, 1.0);
    Yours contender;
    const auto chunk = [](std::span<const double> part) {
        std::vector<double> results(part.size());
        for (std::size_t i = 0; i < part.size(); ++i)
            results[i] = 2 * part[i] + 1;
        return results;
    };
    measure(state, [&] {
        benchmark::DoNotOptimize(
            contender.pool.process_chunked(items, static_cast<std::size_t>(state.range(0)), chunk));
    });
}

template <typename Contender>
void run_overlap(benchmark::State& state) {
    const std::vector<int> items{0, 1};
    std::vector<int> results(2);
    Contender contender;
    std::atomic<std::uint64_t> arrived{0};
    measure(state, [&] {
        const std::uint64_t both = arrived.load() + 2;
        contender.map(items, results, [&](int item) {
            arrived.fetch_add(1);
            while (arrived.load() < both) {
            }
            return item;
        });
    });
}

template <typename Contender>
void run_empty(benchmark::State& state) {
    const std::vector<int> items{0};
    std::vector<int> results(1);
    Contender contender;
    measure(state, [&] {
        contender.map(items, results, [](int item) { return item; });
        benchmark::DoNotOptimize(results.data());
    });
}

template <typename Contender>
void add(const std::string& name) {
    const auto map = [&](const char* shape, auto* run) {
        benchmark::RegisterBenchmark(("Map/" + name + "/" + shape).c_str(), run)
            ->Unit(benchmark::kMillisecond)
            ->UseRealTime()
            ->Iterations(3);
    };
    map("even", run_map<Contender, even>);
    map("triangle", run_map<Contender, triangle>);
    map("power", run_map<Contender, power_law>);
    map("clustered", run_map<Contender, clustered>);
    benchmark::RegisterBenchmark(("Tiny/" + name).c_str(), run_tiny<Contender>)
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime()
        ->Iterations(5);
    benchmark::RegisterBenchmark(("Empty/" + name).c_str(), run_empty<Contender>)
        ->UseRealTime()
        ->Iterations(10'000);
    // OpenMP's guided and static schedules and a plain loop have no second thread to wait for, or
    // differ from the dynamic one in nothing here.
    if constexpr (!std::is_same_v<Contender, Baseline>)
        benchmark::RegisterBenchmark(("Overlap/" + name).c_str(), run_overlap<Contender>)
            ->UseRealTime()
            ->Iterations(2'000);
}

const bool registered = [] {
    add<Baseline>("baseline");
    add<Yours>("yours");
#if defined(CACHELINE_OPENMP)
    add<OpenMpDynamic>("openmp_dynamic");
    add<OpenMpGuided>("openmp_guided");
    add<OpenMpStatic>("openmp_static");
#endif
#if defined(CACHELINE_TBB)
    add<Tbb>("tbb");
#endif
#if defined(CACHELINE_STDPAR)
    add<StdPar>("std_par");
#endif
    const auto more = [](const char* name, void (*run)(benchmark::State&)) {
        return benchmark::RegisterBenchmark(name, run)
            ->Unit(benchmark::kMillisecond)
            ->UseRealTime()
            ->Iterations(3);
    };
    more("Chunks/yours-process_parallel", run_parallel);
    more("Chunks/yours", run_chunks)->Arg(64);
    more("TinyChunks/yours-process_parallel", run_tiny_parallel);
    more("TinyChunks/yours", run_tiny_chunks)->Arg(64)->Arg(4096);
    return true;
}();

}  // namespace
