// What counting costs: an allocation and a deallocation by operator new and delete, against malloc
// and free with nothing around them, with one thread and with two at once.
//
//   Pair      a thousand blocks are live, of 16 to 1000 bytes, and are replaced in random order
//   Tight     each block goes back before the next comes: all that malloc does is a push and a pop
//   Resource  Pair again, by the resource over malloc; `yours-checked` keeps track of each
//   Traced    Pair again, beside the heap profilers heaptrack and DHAT where they are installed
//
// The other contenders are the plain ways to count.

#include <benchmark/benchmark.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <instrumented_allocator.hpp>
#include <mutex>
#include <random>
#include <replaceable.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/core_distance.hpp"
#include "support/threads.hpp"

namespace {

using cacheline::AllocationStats;
using cacheline::InstrumentedAllocator;
using cacheline::InstrumentedResource;
using cacheline::Mode;

constexpr std::size_t kPairs = 50'000;  // of each thread, for one sample
const int samples = [] {
    const char* const text = std::getenv("CACHELINE_SAMPLES");
    return text == nullptr ? 30 : std::atoi(text);
}();

constexpr std::size_t kLive = 1024;

// What to replace by what, in an order that only this run knows.
struct Step {
    std::uint32_t place;
    std::uint32_t size;
};

const std::vector<Step>& script() {
    static const std::vector<Step> steps = [] {
        const char* const seed = std::getenv("CACHELINE_SEED");
        std::mt19937_64 rng(seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10));
        std::vector<Step> result(kPairs);
        for (Step& step : result)
            step = {static_cast<std::uint32_t>(rng() % kLive),
                    static_cast<std::uint32_t>(16 + rng() % 985)};
        return result;
    }();
    return steps;
}

std::uint64_t bytes_of_one_thread() {
    std::uint64_t sum = 0;
    for (const Step& step : script())
        sum += step.size;
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

// kPairs pairs, with as many blocks live meanwhile as `live` has places.
class Work {
public:
    explicit Work(std::size_t live) : live_(live) {}

    template <typename Heap>
    void pairs(Heap heap) {
        const std::size_t mask = live_.size() - 1;
        for (const Step& step : script()) {
            Block& block = live_[step.place & mask];
            if (block.address != nullptr) heap.give(block.address, block.size);
            block = {heap.take(step.size), step.size};
            *static_cast<volatile char*>(block.address) = 1;
        }
        benchmark::DoNotOptimize(live_.data());
    }

    template <typename Heap>
    void release(Heap heap) {
        for (Block& block : live_)
            if (block.address != nullptr) heap.give(block.address, block.size);
    }

private:
    struct Block {
        void* address = nullptr;
        std::size_t size = 0;
    };
    std::vector<Block> live_;
};

// A sample is the time in which each of one or two threads does kPairs pairs. The second lives
// through all samples, so that starting it costs nothing in any.
template <typename Heap>
void run(benchmark::State& state, std::size_t threads, std::size_t live, Heap heap) {
    Work mine(live);
    mine.pairs(heap);
    if (threads == 1) {
        for (auto sample : state)
            mine.pairs(heap);
    } else {
        state.counters["round_trip_ns"] = cacheline::support::core_round_trip_ns();
        cpu_set_t before;
        pthread_getaffinity_np(pthread_self(), sizeof before, &before);
        cacheline::support::pin_to_core(0);
        std::atomic<int> started{0};
        std::atomic<int> finished{0};
        std::thread other([&] {
            cacheline::support::pin_to_core(1);
            Work its(live);
            for (int round = 0; round <= samples; ++round) {
                while (started.load(std::memory_order_acquire) < round)
                    std::this_thread::yield();
                its.pairs(heap);
                finished.store(round, std::memory_order_release);
            }
            its.release(heap);
        });
        int round = 0;
        for (auto sample : state) {
            started.store(++round, std::memory_order_release);
            mine.pairs(heap);
            while (finished.load(std::memory_order_acquire) < round)
                std::this_thread::yield();
        }
        other.join();
        pthread_setaffinity_np(pthread_self(), sizeof before, &before);
    }
    mine.release(heap);
    state.SetItemsProcessed(static_cast<std::int64_t>(kPairs * threads) * samples);
    state.counters["ns_per_pair"] =
        benchmark::Counter(static_cast<double>(kPairs) * samples * 1e-9,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// The counts must be those of the run; the bench itself may allocate a little beside.
void verify(benchmark::State& state, std::size_t threads, const AllocationStats& before,
            const AllocationStats& after) {
    constexpr std::uint64_t kBeside = 1000;
    constexpr std::uint64_t kBesideBytes = 1 << 20;
    const std::uint64_t count = threads * kPairs * (samples + 1);
    const std::uint64_t bytes = threads * bytes_of_one_thread() * (samples + 1);
    const auto between = [](std::uint64_t value, std::uint64_t least, std::uint64_t slack) {
        return value >= least && value - least <= slack;
    };
    if (!between(after.allocations - before.allocations, count, kBeside) ||
        !between(after.deallocations - before.deallocations, count, kBeside) ||
        !between(after.bytes_allocated - before.bytes_allocated, bytes,
                 kBesideBytes + 32 * count))  // what the allocator adds may be counted
        state.SkipWithError("the counts are wrong");
}

#if defined(CACHELINE_PEERS)

// A heap profiler watches a process from its start, so `Pair/baseline` is run under it, in a
// process of its own, with fewer samples: each takes a hundred times as long.
constexpr int kTraced = 3;

void run_under(benchmark::State& state, const std::string& profiler, std::size_t threads) {
    const std::string command =
        "scratch=$(mktemp -d) && CACHELINE_SAMPLES=" + std::to_string(kTraced) + " timeout 60 " +
        profiler + " '" + std::filesystem::read_symlink("/proc/self/exe").string() +
        "' --benchmark_format=json '--benchmark_filter=^Pair/baseline/" + std::to_string(threads) +
        "/' 2>/dev/null; status=$?; rm -r \"$scratch\"; exit $status";
    for (auto sample : state) {
        std::string report;
        FILE* const output = popen(command.c_str(), "r");
        std::array<char, 4096> part{};
        while (output != nullptr && fgets(part.data(), part.size(), output) != nullptr)
            report += part.data();
        const std::string mark = "\"ns_per_pair\": ";
        const std::size_t at = report.find(mark);
        if (output == nullptr || pclose(output) != 0 || at == std::string::npos)
            return state.SkipWithError(("it does not run under " + profiler).c_str());
        state.SetIterationTime(std::strtod(report.c_str() + at + mark.size(), nullptr) * 1e-9 *
                               kPairs);
    }
    state.counters["ns_per_pair"] = benchmark::Counter(
        static_cast<double>(kPairs) * 1e-9,
        benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

bool installed(const std::string& program) {
    return std::system(("command -v " + program + " >/dev/null").c_str()) == 0;
}

#endif

template <typename Function>
void add(const char* name, const char* contender, Function function) {
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}}) {
        const std::string full =
            std::string(name) + "/" + contender + "/" + std::to_string(threads);
        benchmark::RegisterBenchmark(full.c_str(),
                                     [=](benchmark::State& state) { function(state, threads); })
            ->UseRealTime()
            ->Iterations(samples);
    }
}

#if defined(CACHELINE_PEERS)
void add_traced(const char* contender, const std::string& profiler, std::size_t threads) {
    benchmark::RegisterBenchmark(
        (std::string("Traced/") + contender + "/" + std::to_string(threads)).c_str(),
        [=](benchmark::State& state) { run_under(state, profiler, threads); })
        ->UseManualTime()
        ->Iterations(1);
}
#endif

template <typename Heap>
void add_heap(const char* contender, Heap heap) {
    add("Pair", contender, [=](auto& state, auto n) { run(state, n, kLive, heap); });
    add("Tight", contender, [=](auto& state, auto n) { run(state, n, 1, heap); });
}

const bool registered = [] {
    add_heap("baseline", Malloc{});
    for (const auto& [name, live] :
         {std::pair("Pair", kLive), std::pair("Tight", std::size_t{1})}) {
        add(name, "yours", [live = live](auto& state, auto n) {
            const AllocationStats before = cacheline::global_stats();
            run(state, n, live, OperatorNew{});
            verify(state, n, before, cacheline::global_stats());
        });
    }
    add_heap("shared_atomics", SharedAtomics{});
    add_heap("locked", Locked{});
    add("Resource", "baseline", [](auto& state, auto n) { run(state, n, kLive, PlainResource{}); });
    for (const auto& [name, mode] :
         {std::pair("yours", Mode::counting), std::pair("yours-checked", Mode::checked)}) {
        add("Resource", name, [mode = mode](auto& state, auto n) {
            InstrumentedResource resource(&malloc_resource, mode);
            run(state, n, kLive, Instrumented{&resource});
            verify(state, n, {}, resource.stats());
        });
    }
#if defined(CACHELINE_PEERS)
    add("Traced", "baseline", [](auto& state, auto n) { run(state, n, kLive, Malloc{}); });
    add("Traced", "yours", [](auto& state, auto n) { run(state, n, kLive, OperatorNew{}); });
    for (const std::size_t threads : {std::size_t{1}, std::size_t{2}})
        if (installed("heaptrack"))
            add_traced("heaptrack", "heaptrack -o \"$scratch/blocks\"", threads);
    // Valgrind runs one thread at a time, so two that hand a cache line to and fro get nowhere.
    if (installed("valgrind"))
        add_traced("dhat", "valgrind --tool=dhat --dhat-out-file=\"$scratch/blocks\"", 1);
#endif
    return true;
}();

}  // namespace
