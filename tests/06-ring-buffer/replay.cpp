// The audit: each step's script prints what the contract fixes, nothing that depends on timing.
// Only the first asks for capacities that have to be rounded up: who forgets it loses that step
// alone.

#include "support/replay.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <ring_buffer.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using cacheline::RingBuffer;
using cacheline::support::Replay;

void fifo(Replay& out) {
    for (int round = 0; round < 20; ++round) {
        RingBuffer<std::uint64_t> buffer(1 + out.below(200));
        out.print("capacity", buffer.capacity());
        const std::uint64_t bias = 30 + out.below(40);
        for (int step = 0; step < 200; ++step) {
            if (out.below(100) < bias) {
                const std::uint64_t item = out.rng()();
                const bool accepted = buffer.try_push(item);
                out.print("push", item, accepted, buffer.size());
            } else if (const auto item = buffer.try_pop()) {
                out.print("pop", *item, buffer.size());
            } else {
                out.print("empty", buffer.empty());
            }
        }
    }
}

std::size_t some_capacity(Replay& out, std::size_t limit) {
    return std::bit_floor(1 + out.below(limit));
}

// Counts itself, and throws when its number says so.
class Counted {
public:
    Counted(std::uint64_t number, bool throws) : number_(number) {
        if (throws) throw std::runtime_error("thrown by the script");
        ++live;
    }
    Counted(Counted&& other) noexcept : number_(std::exchange(other.number_, 0)) { ++live; }
    Counted& operator=(Counted&&) = delete;
    ~Counted() { --live; }
    [[nodiscard]] std::uint64_t number() const { return number_; }

    static inline int live = 0;

private:
    std::uint64_t number_;
};

void lifetime(Replay& out) {
    for (int round = 0; round < 20; ++round) {
        {
            RingBuffer<Counted> buffer(some_capacity(out, 16));
            for (int step = 0; step < 100; ++step) {
                if (out.below(2) == 0) {
                    const std::uint64_t number = out.rng()();
                    const bool throws = out.below(4) == 0 && buffer.size() < buffer.capacity();
                    try {
                        out.print("emplace", number, buffer.try_emplace(number, throws));
                    } catch (const std::runtime_error&) {
                        out.print("threw");
                    }
                } else if (const auto item = buffer.try_pop()) {
                    out.print("pop", item->number());
                }
                out.print("live", Counted::live, buffer.size());
            }
        }
        out.print("after", Counted::live);
    }
}

// Two threads; only the sums over all items are the same each time.
void ordering(Replay& out) {
    for (const std::size_t capacity : {16u, 256u}) {
        RingBuffer<std::string> buffer(capacity);
        std::vector<std::string> items;
        for (int i = 0; i < 3000; ++i)
            items.push_back(std::to_string(out.rng()()));
        std::uint64_t hash = 0;
        std::thread consumer([&] {
            for (std::size_t i = 0; i < items.size(); ++i)
                for (const char letter : buffer.pop())
                    hash = hash * 131 + static_cast<unsigned char>(letter);
        });
        for (const std::string& item : items)
            buffer.push(item);
        consumer.join();
        out.print("received", hash, buffer.size());
    }
}

// A refusal or nothing is what the two sides get at the ends, at once.
void progress(Replay& out) {
    RingBuffer<std::unique_ptr<std::uint64_t>> buffer(some_capacity(out, 64));
    for (int lap = 0; lap < 20; ++lap) {
        std::size_t accepted = 0;
        auto item = std::make_unique<std::uint64_t>(out.rng()());
        while (buffer.try_push(std::move(item))) {
            ++accepted;
            item = std::make_unique<std::uint64_t>(out.rng()());
        }
        out.print("full after", accepted, *item);
        const std::size_t some = 1 + out.below(buffer.capacity() + 4);
        for (std::size_t i = 0; i < some; ++i) {
            const auto got = buffer.try_pop();
            out.print("got", got ? **got : 0);
        }
    }
}

void bulk(Replay& out) {
    RingBuffer<std::uint64_t> buffer(some_capacity(out, 128));
    for (int step = 0; step < 500; ++step) {
        std::vector<std::uint64_t> block(out.below(60));
        if (out.below(2) == 0) {
            for (std::uint64_t& value : block)
                value = out.rng()();
            const std::size_t count = buffer.push_n(block);
            out.print("push_n", block.size(), count, buffer.size());
        } else {
            const std::size_t count = buffer.pop_n(block);
            out.print("pop_n", block.size(), count, buffer.size());
            for (std::size_t i = 0; i < count; ++i)
                out.print(block[i]);
        }
    }
}

}  // namespace

int main(int argc, char* argv[]) {
    Replay replay(argc, argv);
    replay.step("fifo", fifo);
    replay.step("lifetime", lifetime);
    replay.step("ordering", ordering);
    replay.step("progress", progress);
    replay.step("bulk", bulk);
}
