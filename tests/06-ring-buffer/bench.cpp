// How fast items pass between two threads, each pinned to a core of its own.
//
//   Transfer/<who>/<capacity>     push and pop, which wait            (decides the step `speed`)
//   TryTransfer/<who>/<capacity>  try_push and try_pop in plain loops
//   Blocks/<who>/<capacity>       blocks of 512
//   RoundTrip/<who>               one item there, one back, through two buffers

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <optional>
#include <ring_buffer.hpp>
#include <span>
#include <string>
#include <thread>

#include "support/core_distance.hpp"
#include "support/threads.hpp"

#if defined(CACHELINE_PEERS) && __has_include(<boost/lockfree/spsc_queue.hpp>)
#    include <boost/lockfree/spsc_queue.hpp>
#    define CACHELINE_HAS_BOOST 1
#endif

namespace {

using cacheline::support::core_round_trip_ns;
using cacheline::support::pin_to_core;

using Item = std::uint64_t;
constexpr std::size_t kItems = 500'000;
constexpr std::size_t kTrips = 5'000;
constexpr std::size_t kBlock = 512;
constexpr std::size_t kSamples = 7;

std::uint64_t seed() {
    static const std::uint64_t value = [] {
        const char* const text = std::getenv("CACHELINE_SEED");
        return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
    }();
    return value;
}

// Cheap enough to leave the queue the larger part of the time, different for each place and seed.
Item item(std::size_t place) {
    return (place + seed()) * 0x9E3779B97F4A7C15u;
}

std::uint64_t add(std::uint64_t checksum, Item value) {
    return checksum * 3 + value;
}

std::uint64_t expected_checksum(std::size_t count) {
    std::uint64_t checksum = 0;
    for (std::size_t i = 0; i < count; ++i)
        checksum = add(checksum, item(i));
    return checksum;
}

// ---- The contenders, each with the five functions that the loops below call ---------------------

struct Yours : cacheline::RingBuffer<Item> {
    static constexpr const char* kName = "yours";
    using RingBuffer::RingBuffer;
};

// What one writes without thinking about it.
class Baseline {
public:
    static constexpr const char* kName = "baseline";
    explicit Baseline(std::size_t capacity) : capacity_(capacity) {}

    bool try_push(Item value) {
        const std::lock_guard lock(mutex_);
        if (items_.size() == capacity_) return false;
        items_.push_back(value);
        return true;
    }
    std::optional<Item> try_pop() {
        const std::lock_guard lock(mutex_);
        if (items_.empty()) return std::nullopt;
        const Item value = items_.front();
        items_.pop_front();
        return value;
    }
    void push(Item value) {
        while (!try_push(value))
            std::this_thread::yield();
    }
    Item pop() {
        for (;;) {
            if (const auto value = try_pop()) return *value;
            std::this_thread::yield();
        }
    }
    std::size_t push_n(std::span<const Item> values) {
        const std::lock_guard lock(mutex_);
        const std::size_t count = std::min(values.size(), capacity_ - items_.size());
        items_.insert(items_.end(), values.begin(),
                      values.begin() + static_cast<std::ptrdiff_t>(count));
        return count;
    }
    std::size_t pop_n(std::span<Item> out) {
        const std::lock_guard lock(mutex_);
        const std::size_t count = std::min(out.size(), items_.size());
        const auto end = items_.begin() + static_cast<std::ptrdiff_t>(count);
        std::copy(items_.begin(), end, out.begin());
        items_.erase(items_.begin(), end);
        return count;
    }

private:
    std::size_t capacity_;
    std::mutex mutex_;
    std::deque<Item> items_;
};

#if defined(CACHELINE_HAS_BOOST)
class Boost {
public:
    static constexpr const char* kName = "boost_spsc_queue";
    explicit Boost(std::size_t capacity) : queue_(capacity) {}

    bool try_push(Item value) { return queue_.push(value); }
    std::optional<Item> try_pop() {
        Item value;
        if (queue_.pop(value)) return value;
        return std::nullopt;
    }
    // It has no waiting forms; this is how its users write them.
    void push(Item value) {
        while (!queue_.push(value)) {
        }
    }
    Item pop() {
        Item value;
        while (!queue_.pop(value)) {
        }
        return value;
    }
    std::size_t push_n(std::span<const Item> values) {
        return queue_.push(values.data(), values.size());
    }
    std::size_t pop_n(std::span<Item> out) { return queue_.pop(out.data(), out.size()); }

private:
    boost::lockfree::spsc_queue<Item> queue_;
};
#endif

// ---- The loops ----------------------------------------------------------------------------------

struct Waiting {
    template <typename Queue>
    static void send(Queue& queue) {
        for (std::size_t i = 0; i < kItems; ++i)
            queue.push(item(i));
    }
    template <typename Queue>
    static std::uint64_t receive(Queue& queue) {
        std::uint64_t checksum = 0;
        for (std::size_t i = 0; i < kItems; ++i)
            checksum = add(checksum, queue.pop());
        return checksum;
    }
};

struct Trying {
    template <typename Queue>
    static void send(Queue& queue) {
        for (std::size_t i = 0; i < kItems; ++i) {
            while (!queue.try_push(item(i))) {
            }
        }
    }
    template <typename Queue>
    static std::uint64_t receive(Queue& queue) {
        std::uint64_t checksum = 0;
        for (std::size_t i = 0; i < kItems;) {
            if (const auto value = queue.try_pop()) {
                checksum = add(checksum, *value);
                ++i;
            }
        }
        return checksum;
    }
};

// The checksum of a block is that of its ends, so that the copying is what counts.
struct InBlocks {
    static constexpr std::size_t kTotal = kItems / kBlock * kBlock * 4;

    template <typename Queue>
    static void send(Queue& queue) {
        std::array<Item, kBlock> block;
        for (std::size_t i = 0; i < kBlock; ++i)
            block[i] = item(i);
        for (std::size_t sent = 0; sent < kTotal;) {
            const std::size_t from = sent % kBlock;
            sent += queue.push_n(std::span<const Item>(block).subspan(from));
        }
    }
    template <typename Queue>
    static std::uint64_t receive(Queue& queue) {
        std::array<Item, kBlock> block;
        std::uint64_t wrong = 0;
        for (std::size_t received = 0; received < kTotal;) {
            const std::size_t count = queue.pop_n(block);
            if (count == 0) continue;
            wrong += block[0] != item(received % kBlock);
            received += count;
            wrong += block[count - 1] != item((received - 1) % kBlock);
        }
        return wrong == 0 ? expected_checksum(kItems) : 0;
    }
};

// The median of the samples is what counts: a thread that loses its processor spoils one of them.
template <typename Sample>
void measure(benchmark::State& state, std::size_t items, Sample sample) {
    for ([[maybe_unused]] auto _ : state) {
        std::array<double, kSamples> seconds{};
        for (double& time : seconds) {
            time = sample();
            if (time < 0) {
                state.SkipWithError("what came out is not what went in");
                return;
            }
        }
        std::ranges::nth_element(seconds, seconds.begin() + kSamples / 2);
        state.SetIterationTime(seconds[kSamples / 2]);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
    state.counters["round_trip_ns"] = core_round_trip_ns();
}

// Runs `near` here and `far` on the other core; the seconds until both are done.
template <typename Near, typename Far>
double on_two_cores(Near near, Far far) {
    std::atomic<bool> ready{false};
    std::atomic<bool> start{false};
    std::thread other([&] {
        pin_to_core(1);
        ready = true;
        while (!start) {
        }
        far();
    });
    pin_to_core(0);
    while (!ready) {
    }
    const auto begin = std::chrono::steady_clock::now();
    start = true;
    near();
    other.join();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

template <typename Queue, typename Loop>
void transfer(benchmark::State& state, std::size_t capacity, std::size_t items) {
    const std::uint64_t expected = expected_checksum(kItems);
    measure(state, items, [&] {
        Queue queue(capacity);
        std::uint64_t checksum = 0;
        const double time =
            on_two_cores([&] { Loop::send(queue); }, [&] { checksum = Loop::receive(queue); });
        return checksum == expected ? time : -1;
    });
}

template <typename Queue>
void round_trip(benchmark::State& state) {
    measure(state, kTrips, [&] {
        Queue there(64);
        Queue back(64);
        std::uint64_t wrong = 0;
        const double time = on_two_cores(
            [&] {
                for (std::size_t i = 0; i < kTrips; ++i) {
                    there.push(item(i));
                    wrong += back.pop() != item(i) + 1;
                }
            },
            [&] {
                for (std::size_t i = 0; i < kTrips; ++i)
                    back.push(there.pop() + 1);
            });
        return wrong == 0 ? time : -1;
    });
}

template <typename Queue>
void add_contender() {
    const std::string who = Queue::kName;
    for (const std::size_t capacity : {1024u, 65536u}) {
        const std::string tail = "/" + who + "/" + std::to_string(capacity);
        const auto add_loop = [&](const char* name, auto function) {
            benchmark::RegisterBenchmark((name + tail).c_str(), function)
                ->UseManualTime()
                ->Iterations(1)
                ->Unit(benchmark::kMicrosecond);
        };
        add_loop("Transfer", [capacity](benchmark::State& state) {
            transfer<Queue, Waiting>(state, capacity, kItems);
        });
        add_loop("TryTransfer", [capacity](benchmark::State& state) {
            transfer<Queue, Trying>(state, capacity, kItems);
        });
        add_loop("Blocks", [capacity](benchmark::State& state) {
            transfer<Queue, InBlocks>(state, capacity, InBlocks::kTotal);
        });
    }
    benchmark::RegisterBenchmark(("RoundTrip/" + who).c_str(), round_trip<Queue>)
        ->UseManualTime()
        ->Iterations(1)
        ->Unit(benchmark::kMicrosecond);
}

const bool registered = [] {
    add_contender<Yours>();
    add_contender<Baseline>();
#if defined(CACHELINE_HAS_BOOST)
    add_contender<Boost>();
#endif
    return true;
}();

}  // namespace
