// The audit's script: what a processor and a deque compute from a seed, step by step.
#include <array>
#include <numeric>
#include <parallel_processor.hpp>
#include <string>
#include <vector>
#include <work_stealing_deque.hpp>

#include "support/replay.hpp"

using cacheline::ParallelProcessor;
using cacheline::WorkStealingDeque;
using cacheline::support::Replay;

namespace {

std::vector<std::uint64_t> random_items(Replay& out, std::uint64_t most) {
    std::vector<std::uint64_t> items(out.below(most));
    for (std::uint64_t& item : items)
        item = out.rng()();
    return items;
}

// One number for a list, in which each place counts differently.
template <typename T>
std::uint64_t digest(const std::vector<T>& list) {
    std::uint64_t sum = list.size();
    for (const auto& element : list)
        sum = sum * 6364136223846793005U + static_cast<std::uint64_t>(element);
    return sum;
}

void map(Replay& out) {
    for (int round = 0; round < 30; ++round) {
        ParallelProcessor processor(1 + out.below(4));
        const std::vector<std::uint64_t> items = random_items(out, 3000);
        const std::uint64_t factor = out.rng()();
        const auto f = [factor](std::uint64_t x) { return (x ^ (x >> 29)) * factor; };
        out.print(processor.threads(), digest(processor.process_parallel(items, f)));
        out.print(digest(
            processor.process_parallel(items, [&](std::uint64_t x) { return f(x) % 2 == 0; })));
        std::vector<std::uint64_t> places(items.size());
        processor.process_into(items, std::span(places), f);
        out.print(digest(places));
    }
}

// One function over one range whose items change in between: results that were remembered rather
// than computed are out of date.
void changing_in_place(Replay& out) {
    ParallelProcessor processor(2);
    std::vector<std::uint64_t> items(5000);
    std::vector<std::uint64_t> places(items.size());
    const auto f = [](std::uint64_t x) { return x * x + 1; };
    for (int round = 0; round < 30; ++round) {
        items[out.below(items.size())] = out.rng()();
        out.print(digest(processor.process_parallel(items, f)));
        items[out.below(items.size())] = out.rng()();
        processor.process_into(items, std::span(places), f);
        out.print(digest(places));
    }
}

void chunks(Replay& out) {
    ParallelProcessor processor(3);
    for (int round = 0; round < 40; ++round) {
        const std::vector<std::uint64_t> items = random_items(out, 3000);
        const std::uint64_t divisor = 1 + out.below(4);
        const std::vector<std::uint64_t> results = processor.process_chunked(
            items, 1 + out.below(200), [divisor](std::span<const std::uint64_t> chunk) {
                std::vector<std::uint64_t> kept{chunk.size()};
                for (const std::uint64_t item : chunk)
                    if (item % divisor == 0) kept.push_back(item);
                return kept;
            });
        out.print(results.size(), digest(results));
    }
}

void errors(Replay& out) {
    ParallelProcessor processor(3);
    for (int round = 0; round < 60; ++round) {
        const std::vector<std::uint64_t> items = random_items(out, 1000);
        const std::uint64_t bad = 1 + out.below(400);
        const auto f = [bad](const std::uint64_t& item) {
            if (item % bad == 0) throw item;
            return item;
        };
        try {
            out.print(digest(processor.process_parallel(items, f)));
        } catch (const std::uint64_t item) {
            out.print("thrown", item);
        }
    }
}

void stealing(Replay& out) {
    struct Entry {
        std::uint64_t a, b;
    };
    WorkStealingDeque<Entry, 32> deque;
    std::uint64_t in = 0;
    for (int round = 0; round < 2000; ++round) {
        const std::uint64_t choice = out.below(8);
        if (choice < 4 && in < 32) {  // beyond that a deque may grow or refuse
            const std::uint64_t number = out.rng()();
            in += deque.try_push({number, ~number}) ? 1 : 0;
        } else if (choice >= 4) {
            const auto entry = choice < 6 ? deque.try_pop() : deque.try_steal();
            in -= entry ? 1 : 0;
            if (entry)
                out.print(entry->a, entry->b);
            else
                out.print("nothing");
        }
    }
}

std::uint64_t tree(ParallelProcessor& processor, std::uint64_t seed, int depth) {
    if (depth == 0) return seed * seed;
    std::vector<std::uint64_t> seeds(1 + seed % 7);
    std::iota(seeds.begin(), seeds.end(), seed * 31);
    return digest(processor.process_parallel(
        seeds, [&](std::uint64_t below) { return tree(processor, below, depth - 1); }));
}

void nested(Replay& out) {
    for (const std::size_t threads : {1U, 2U, 5U}) {
        ParallelProcessor processor(threads);
        for (int round = 0; round < 10; ++round)
            out.print(tree(processor, out.below(1'000'000), 3));
    }
}

}  // namespace

int main(int argc, char* argv[]) {
    Replay replay(argc, argv);
    replay.step("map", [](Replay& out) {
        map(out);
        changing_in_place(out);
    });
    replay.step("chunks", chunks);
    replay.step("errors", errors);
    replay.step("stealing", stealing);
    replay.step("nested", nested);
}
