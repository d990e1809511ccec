// What a layout costs. The records are bytes laid out as place() says, at the offsets that it
// gives: `baseline` in the order declared, `yours` as reorder() or separate() would have it.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <layout_optimizer.hpp>
#include <memory>
#include <random>
#include <thread>

#include "support/core_distance.hpp"
#include "support/threads.hpp"

using namespace cacheline;

namespace {

std::uint64_t seed() {
    const char* const text = std::getenv("CACHELINE_SEED");
    return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

struct Free {
    void operator()(std::byte* bytes) const { std::free(bytes); }
};
using Bytes = std::unique_ptr<std::byte, Free>;

Bytes on_pages(std::size_t size) {
    constexpr std::size_t kPage = 4096;
    return Bytes(
        static_cast<std::byte*>(std::aligned_alloc(kPage, (size + kPage - 1) / kPage * kPage)));
}

std::size_t offset_of(const Layout& layout, std::string_view name) {
    return std::ranges::find(layout.fields, name, &FieldLayout::name)->offset;
}

// A position in an order book as one might write it down: 48 bytes, of which 30 are used.
const Record& position() {
    static const Record record{"Position",
                               {Field{"open", Scalar::kBool}, Field{"price", Scalar::kDouble},
                                Field{"side", Scalar::kChar}, Field{"id", Scalar::kInt64},
                                Field{"venue", Scalar::kInt16}, Field{"lots", Scalar::kInt32},
                                Field{"flags", Scalar::kUint16}, Field{"margin", Scalar::kFloat}}};
    return record;
}

void scan(benchmark::State& state, const Record& record) {
    const Layout layout = place(record, host_target());
    const auto count = static_cast<std::size_t>(state.range(0));
    const std::size_t stride = layout.size;
    const std::size_t price = offset_of(layout, "price");
    const std::size_t lots = offset_of(layout, "lots");
    const Bytes records = on_pages(count * stride);
    std::mt19937_64 rng(seed());
    std::int64_t expected = 0;
    std::memset(records.get(), 0, count * stride);
    for (std::size_t i = 0; i < count; ++i) {
        const double a_price = static_cast<double>(rng() % 1000);
        const auto some_lots = static_cast<std::int32_t>(rng() % 10);
        std::memcpy(records.get() + i * stride + price, &a_price, sizeof a_price);
        std::memcpy(records.get() + i * stride + lots, &some_lots, sizeof some_lots);
        expected += static_cast<std::int64_t>(a_price) * some_lots;
    }
    for (auto _ : state) {
        std::int64_t total = 0;
        const std::byte* at = records.get();
        for (std::size_t i = 0; i < count; ++i, at += stride) {
            double a_price = 0;
            std::int32_t some_lots = 0;
            std::memcpy(&a_price, at + price, sizeof a_price);
            std::memcpy(&some_lots, at + lots, sizeof some_lots);
            total += static_cast<std::int64_t>(a_price) * some_lots;
        }
        benchmark::DoNotOptimize(total);
        if (total != expected) {
            state.SkipWithError("the scan found a wrong total");
            break;
        }
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
    state.counters["record_bytes"] = static_cast<double>(stride);
}

void scan_declared(benchmark::State& state) {
    scan(state, position());
}
void scan_reordered(benchmark::State& state) {
    scan(state, reorder(position(), host_target()));
}

// Two threads that count, each in a field of its own, with the atomic increment that counters have
// which others read.
void write_together(benchmark::State& state, bool apart) {
    Record record{"Counters",
                  {Field{"sent", Scalar::kUint64, 1, Access{true, 0}},
                   Field{"received", Scalar::kUint64, 1, Access{true, 1}}}};
    if (apart) record = separate(record, host_target());
    const Layout layout = place(record, host_target());
    const Bytes bytes = on_pages(layout.size);
    const auto count = static_cast<std::uint64_t>(state.range(0));
    const auto field = [&](std::string_view name) -> std::uint64_t& {
        return *new (bytes.get() + offset_of(layout, name)) std::uint64_t(0);
    };
    std::uint64_t& sent = field("sent");
    std::uint64_t& received = field("received");
    const auto work = [count](std::uint64_t& counter, std::size_t core) {
        return [&counter, count, core] {
            support::pin_to_core(core);
            std::atomic_ref<std::uint64_t> value(counter);
            for (std::uint64_t i = 0; i < count; ++i)
                value.fetch_add(1, std::memory_order_relaxed);
        };
    };
    std::uint64_t expected = 0;
    for (auto _ : state) {
        support::run_together({work(sent, 0), work(received, 1)});
        expected += count;
        if (sent != expected || received != expected) {
            state.SkipWithError("a count was lost");
            break;
        }
    }
    state.SetItemsProcessed(2 * state.iterations() * state.range(0));
    state.counters["record_bytes"] = static_cast<double>(layout.size);
    state.counters["round_trip_ns"] = support::core_round_trip_ns();
}

void write_declared(benchmark::State& state) {
    write_together(state, false);
}
void write_separated(benchmark::State& state) {
    write_together(state, true);
}

// The search itself: fields with alignas, so that no sort settles it.
void search(benchmark::State& state) {
    std::mt19937_64 rng(seed());
    Record record{"R", {}};
    for (std::int64_t i = 0; i < state.range(0); ++i) {
        Field field{'f' + std::to_string(i), Scalar::kUint8, 1 + rng() % 24};
        field.access.writer = static_cast<int>(rng() % 4) - 1;
        field.min_align = std::uint64_t{1} << rng() % 6;
        record.fields.push_back(field);
    }
    for (auto _ : state)
        benchmark::DoNotOptimize(separate(record, host_target()));
}

BENCHMARK(scan_declared)->Name("Scan/baseline")->Arg(10'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(scan_reordered)->Name("Scan/yours")->Arg(10'000'000)->Unit(benchmark::kMillisecond);
BENCHMARK(write_declared)
    ->Name("Writers/baseline")
    ->Arg(2'000'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(write_separated)
    ->Name("Writers/yours")
    ->Arg(2'000'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(search)->Name("Search/yours")->Arg(4)->Arg(8)->Arg(12)->Unit(benchmark::kMicrosecond);

}  // namespace
