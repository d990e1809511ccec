// Names: what is measured / who / how.
//
//   Pair      one thread, the work that the speed step is graded by: fixed blocks, mixed sizes
//   Block     BlockPool beside boost::pool: depth 1, last in first out, first in first out, random
//   Mixed     one thread, sizes 16 to 1024 at random, freed at random
//   Threads   the same on two threads at once
//   Handover  taken by one thread, freed by another
//             (these three with the books shut, as the peers keep none, and "yours-counting")
//   Vector    a vector is taken, filled with 100 ints and given back

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <memory_pool.hpp>
#include <memory_resource>
#include <new>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "peers.hpp"
#include "support/core_distance.hpp"
#include "support/threads.hpp"

#if defined(CACHELINE_PEERS) && __has_include(<boost/pool/pool.hpp>)
#    include <boost/pool/pool.hpp>
#    define CACHELINE_BOOST 1
#endif

namespace cacheline::bench {
namespace {

std::uint64_t seed() {
    const char* const text = std::getenv("CACHELINE_SEED");
    return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

// ---- who -------------------------------------------------------------------------------------

PoolConfig fine_classes(Strategy strategy, Statistics statistics) {
    PoolConfig config;
    config.classes.clear();
    for (std::size_t size = 64; size <= 1024; size += 64)
        config.classes.push_back({size, 4096});
    config.strategy = strategy;
    config.statistics = statistics;
    return config;
}

class Yours {
public:
    explicit Yours(Strategy strategy, Statistics statistics = Statistics::off)
        : resource_(fine_classes(strategy, statistics)) {}
    void* allocate(std::size_t bytes) { return resource_.allocate(bytes); }
    void deallocate(void* block, std::size_t bytes) { resource_.deallocate(block, bytes); }

private:
    PoolResource resource_;
};

class General {
public:
    explicit General(Malloc functions) : malloc_(functions) {}
    void* allocate(std::size_t bytes) { return malloc_.allocate(bytes); }
    void deallocate(void* block, std::size_t) { malloc_.release(block); }

private:
    Malloc malloc_;
};

template <typename Resource>
class Pmr {
public:
    void* allocate(std::size_t bytes) { return resource_.allocate(bytes); }
    void deallocate(void* block, std::size_t bytes) { resource_.deallocate(block, bytes); }

private:
    Resource resource_;
};

#if defined(CACHELINE_BOOST)
class Boost {
public:
    explicit Boost(std::size_t block_size) : pool_(block_size) {}
    void* allocate() { return pool_.malloc(); }
    void deallocate(void* block) { pool_.free(block); }

private:
    boost::pool<> pool_;
};
#endif

class SystemBlocks {
public:
    explicit SystemBlocks(std::size_t block_size) : size_(block_size) {}
    void* allocate() const { return std::malloc(size_); }
    void deallocate(void* block) const { std::free(block); }

private:
    std::size_t size_;
};

// ---- blocks ----------------------------------------------------------------------------------

constexpr std::size_t kBlocks = 1000;

enum class Order { kDepth1, kLifo, kFifo, kRandom };

std::vector<std::uint32_t> order_of_release(Order order) {
    std::vector<std::uint32_t> indices(kBlocks);
    std::iota(indices.begin(), indices.end(), 0U);
    if (order == Order::kLifo) std::ranges::reverse(indices);
    std::mt19937_64 rng(seed());
    if (order == Order::kRandom) std::ranges::shuffle(indices, rng);
    return indices;
}

// The pool lives on the heap, as a member of something would: processors know a shortcut for
// variables on the stack.
template <typename Pool>
void block(benchmark::State& state, Order order, std::size_t block_size) {
    const auto pool = std::make_unique<Pool>(block_size);
    const std::vector<std::uint32_t> indices = order_of_release(order);
    std::vector<void*> blocks(kBlocks);
    for ([[maybe_unused]] auto _ : state) {
        if (order == Order::kDepth1) {
            for (std::size_t i = 0; i < kBlocks; ++i) {
                void* one = pool->allocate();
                benchmark::DoNotOptimize(one);
                pool->deallocate(one);
            }
        } else {
            for (void*& one : blocks)
                one = pool->allocate();
            benchmark::ClobberMemory();
            for (const std::uint32_t i : indices)
                pool->deallocate(blocks[i]);
            benchmark::ClobberMemory();
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBlocks));
}

// ---- mixed sizes -----------------------------------------------------------------------------

/// Takes 1000 blocks of random sizes, writes to each, and frees them in random order; and so on
/// with other sizes, so that no branch predictor learns them by heart.
class Mix {
public:
    explicit Mix(std::uint64_t salt) {
        std::mt19937_64 rng(seed() + salt);
        for (auto& size : sizes_)
            size = static_cast<std::uint16_t>(16 + rng() % 1009);
        for (auto& order : orders_) {
            std::iota(order.begin(), order.end(), std::uint16_t{0});
            std::ranges::shuffle(order, rng);
        }
    }

    /// False if a block did not hold what was written.
    template <typename Allocator>
    bool run(Allocator& allocator) {
        std::uint64_t wrong = 0;
        const std::uint16_t* sizes = sizes_.data();
        for (const auto& order : orders_) {
            for (std::size_t i = 0; i < kBlocks; ++i) {
                blocks_[i] = static_cast<std::uint64_t*>(allocator.allocate(sizes[i]));
                *blocks_[i] = i;
            }
            for (const std::uint16_t i : order) {
                wrong += *blocks_[i] ^ i;
                allocator.deallocate(blocks_[i], sizes[i]);
            }
            sizes += kBlocks;
        }
        return wrong == 0;
    }

    static constexpr std::size_t kRounds = 16;
    static constexpr std::size_t kSteps = kRounds * kBlocks;

private:
    std::array<std::uint16_t, kSteps> sizes_{};
    std::array<std::array<std::uint16_t, kBlocks>, kRounds> orders_{};
    std::array<std::uint64_t*, kBlocks> blocks_{};
};

template <typename Allocator>
void mixed(benchmark::State& state, Allocator& allocator) {
    const auto mix = std::make_unique<Mix>(0);
    bool right = mix->run(allocator);
    for ([[maybe_unused]] auto _ : state)
        right &= mix->run(allocator);
    if (!right) state.SkipWithError("a block did not keep what was written into it");
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(Mix::kSteps));
}

// ---- two threads -----------------------------------------------------------------------------

/// Times `mine` on this thread, pinned to core 0, while `theirs` runs on core 1, a round each
/// iteration; `theirs` is called with the number of the round.
template <typename Mine, typename Theirs>
void with_partner(benchmark::State& state, Mine mine, Theirs theirs) {
    state.counters["round_trip_ns"] = support::core_round_trip_ns();
    cpu_set_t before;
    pthread_getaffinity_np(pthread_self(), sizeof before, &before);
    support::pin_to_core(0);
    std::atomic<std::int64_t> asked{0};
    std::atomic<std::int64_t> done{0};
    std::thread partner([&] {
        support::pin_to_core(1);
        for (std::int64_t round = 1;; ++round) {
            while (asked.load(std::memory_order_acquire) < round) {
                if (asked.load(std::memory_order_relaxed) < 0) return;
            }
            theirs();
            done.store(round, std::memory_order_release);
        }
    });
    std::int64_t round = 0;
    for ([[maybe_unused]] auto _ : state) {
        asked.store(++round, std::memory_order_release);
        mine();
        while (done.load(std::memory_order_acquire) < round) {
        }
    }
    asked.store(-1);
    partner.join();
    pthread_setaffinity_np(pthread_self(), sizeof before, &before);
}

template <typename Allocator>
void threads(benchmark::State& state, Allocator& allocator) {
    std::array<std::unique_ptr<Mix>, 2> mixes{std::make_unique<Mix>(0), std::make_unique<Mix>(1)};
    std::array<bool, 2> right{true, true};
    with_partner(
        state, [&] { right[0] &= mixes[0]->run(allocator); },
        [&] { right[1] &= mixes[1]->run(allocator); });
    for ([[maybe_unused]] const auto& mix : mixes)
        if (!right[0] || !right[1])
            state.SkipWithError("a block did not keep what was written into it");
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(Mix::kSteps));
}

constexpr std::size_t kHandedOver = 16384;
constexpr std::size_t kRing = 1024;

// One thread takes blocks and puts them into a ring of slots, the other takes them out and frees
// them. The slots go over eight at a time, a cache line, so that the ring costs little itself.
template <typename Allocator>
void handover(benchmark::State& state, Allocator& allocator, std::size_t bytes) {
    constexpr std::size_t kBatch = 8;
    struct Ring {
        alignas(128) std::array<std::uint64_t*, kRing> slots{};
        alignas(128) std::atomic<std::size_t> head{0};
        alignas(128) std::atomic<std::size_t> tail{0};
    };
    const auto ring = std::make_unique<Ring>();
    std::uint64_t sum = 0;
    with_partner(
        state,
        [&] {
            std::size_t tail = ring->tail.load(std::memory_order_relaxed);
            for (std::size_t i = 0; i < kHandedOver; i += kBatch) {
                while (tail - ring->head.load(std::memory_order_acquire) == kRing) {
                }
                for (std::size_t k = 0; k < kBatch; ++k) {
                    auto* const block = static_cast<std::uint64_t*>(allocator.allocate(bytes));
                    *block = i + k;
                    ring->slots[(tail + k) % kRing] = block;
                }
                tail += kBatch;
                ring->tail.store(tail, std::memory_order_release);
            }
        },
        [&] {
            std::size_t head = ring->head.load(std::memory_order_relaxed);
            for (std::size_t i = 0; i < kHandedOver; i += kBatch) {
                while (ring->tail.load(std::memory_order_acquire) == head) {
                }
                for (std::size_t k = 0; k < kBatch; ++k) {
                    std::uint64_t* const block = ring->slots[(head + k) % kRing];
                    sum += *block;
                    allocator.deallocate(block, bytes);
                }
                head += kBatch;
                ring->head.store(head, std::memory_order_release);
            }
        });
    const auto rounds = static_cast<std::uint64_t>(state.iterations());
    if (sum != rounds * (kHandedOver * (kHandedOver - 1) / 2))
        state.SkipWithError("the blocks that arrived do not hold what was written into them");
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kHandedOver));
}

// ---- vectors ---------------------------------------------------------------------------------

constexpr std::size_t kInts = 100;

void vector_new(benchmark::State& state) {
    for ([[maybe_unused]] auto _ : state) {
        std::vector<int> vector;
        vector.reserve(kInts);
        for (std::size_t i = 0; i < kInts; ++i)
            vector.push_back(static_cast<int>(i));
        benchmark::DoNotOptimize(vector.data());
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations());
}

void vector_pooled(benchmark::State& state) {
    VectorPool<int> pool(kInts);
    for ([[maybe_unused]] auto _ : state) {
        PooledVector<int> vector = pool.acquire();
        vector.fill(kInts, [](std::size_t i) { return static_cast<int>(i); });
        benchmark::DoNotOptimize(vector->data());
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations());
}

// ---- what the speed step is graded by --------------------------------------------------------

// All in one figure: blocks at random, mixed sizes, and a vector. Short, since it runs many times.
void pair(benchmark::State& state) {
    BlockPool blocks(64);
    Yours resource(Strategy::unsynchronized, Statistics::counts);
    VectorPool<int> vectors(kInts);
    const auto mix = std::make_unique<Mix>(0);
    const std::vector<std::uint32_t> indices = order_of_release(Order::kRandom);
    std::vector<void*> held(kBlocks);
    bool right = mix->run(resource);
    for ([[maybe_unused]] auto _ : state) {
        for (int round = 0; round < 8; ++round) {
            for (void*& one : held)
                one = blocks.allocate();
            benchmark::ClobberMemory();
            for (const std::uint32_t i : indices)
                blocks.deallocate(held[i]);
        }
        right &= mix->run(resource);
        for (int round = 0; round < 500; ++round) {
            PooledVector<int> vector = vectors.acquire();
            vector.fill(kInts, [round](std::size_t i) { return static_cast<int>(i) + round; });
            right &= (*vector)[kInts - 1] == static_cast<int>(kInts) - 1 + round;
        }
    }
    if (!right) state.SkipWithError("memory did not keep what was written into it");
    state.SetItemsProcessed(state.iterations());
}

// ---- the list --------------------------------------------------------------------------------

template <typename Pool>
void add_blocks(const std::string& who) {
    for (const auto& [name, order] : {std::pair{"depth1", Order::kDepth1},
                                      {"lifo", Order::kLifo},
                                      {"fifo", Order::kFifo},
                                      {"random", Order::kRandom}})
        benchmark::RegisterBenchmark(("Block/" + who + "/" + name).c_str(),
                                     [o = order](auto& state) { block<Pool>(state, o, 64); });
    benchmark::RegisterBenchmark(("Block/" + who + "/random-1024").c_str(),
                                 [](auto& state) { block<Pool>(state, Order::kRandom, 1024); });
}

// Two-thread runs are timed by the clock on the wall.
template <typename Make>
void add_shared(const std::string& who, Make make) {
    benchmark::RegisterBenchmark(("Threads/" + who + "/2").c_str(), [make](
                                                                        benchmark::State& state) {
        auto allocator = make();
        threads(state, *allocator);
    })->UseRealTime();
    benchmark::RegisterBenchmark(("Handover/" + who + "/64").c_str(), [make](
                                                                          benchmark::State& state) {
        auto allocator = make();
        handover(state, *allocator, 64);
    })->UseRealTime();
}

template <typename Make>
void add_mixed(const std::string& who, Make make) {
    benchmark::RegisterBenchmark(("Mixed/" + who + "/16-1024").c_str(),
                                 [make](benchmark::State& state) {
                                     auto allocator = make();
                                     mixed(state, *allocator);
                                 });
}

void add_general(const std::string& who, Malloc functions) {
    if (functions.allocate == nullptr || functions.release == nullptr) return;
    const auto make = [functions] { return std::make_unique<General>(functions); };
    add_mixed(who, make);
    add_shared(who, make);
}

const bool registered = [] {
    benchmark::RegisterBenchmark("Pair/yours/all", pair)->MinTime(0.1);

    add_blocks<SystemBlocks>("baseline");
    add_blocks<BlockPool>("yours");
    add_general("baseline", system_malloc());
    add_mixed("yours", [] { return std::make_unique<Yours>(Strategy::unsynchronized); });
    add_mixed("yours-counting",
              [] { return std::make_unique<Yours>(Strategy::unsynchronized, Statistics::counts); });
    add_shared("yours", [] { return std::make_unique<Yours>(Strategy::thread_cached); });
    add_shared("yours-counting",
               [] { return std::make_unique<Yours>(Strategy::thread_cached, Statistics::counts); });
    add_shared("yours-locked", [] { return std::make_unique<Yours>(Strategy::locked); });
    benchmark::RegisterBenchmark("Vector/baseline/100", vector_new);
    benchmark::RegisterBenchmark("Vector/yours/100", vector_pooled);
#if defined(CACHELINE_BOOST)
    add_blocks<Boost>("boost-pool");
#endif
#if defined(CACHELINE_PEERS)
    add_general("jemalloc", jemalloc());
    add_general("tcmalloc", tcmalloc());
    add_general("mimalloc", mimalloc());
    add_mixed("std-pmr",
              [] { return std::make_unique<Pmr<std::pmr::unsynchronized_pool_resource>>(); });
    add_shared("std-pmr",
               [] { return std::make_unique<Pmr<std::pmr::synchronized_pool_resource>>(); });
#endif
    return true;
}();

}  // namespace
}  // namespace cacheline::bench
