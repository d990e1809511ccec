#include "support/suite.hpp"

#include <ring_buffer.hpp>

#include <algorithm>
#include <deque>
#include <numeric>

#include "access_trace.hpp"
#include "bulk.hpp"
#include "peers.hpp"
#include "support/allocation_counter.hpp"
#include "support/lock_counter.hpp"
#include "support/threads.hpp"

namespace {

using cacheline::RingBuffer;
using cacheline::support::AllocationCounter;
using cacheline::support::LockCounter;
using cacheline::support::run_together;
using cacheline::tests::Patience;
using cacheline::tests::Traced;
using cacheline::tests::watch_bulk;

std::vector<int> numbers(int first, std::size_t count) {
    std::vector<int> result(count);
    std::iota(result.begin(), result.end(), first);
    return result;
}

TEST_CASE("push_n takes as many as fit and pop_n as many as there are", "[bulk][asan]") {
    WHY("the result is how the caller knows where to go on");
    const auto watchdog = watch_bulk();
    RingBuffer<int> buffer(8);
    CHECK(buffer.push_n(numbers(1, 5)) == 5);
    CHECK(buffer.push_n(numbers(6, 5)) == 3);
    CHECK(buffer.push_n(numbers(9, 5)) == 0);
    CHECK(buffer.push_n({}) == 0);
    CHECK(buffer.size() == 8);
    std::vector<int> out(6, -1);
    CHECK(buffer.pop_n(out) == 6);
    CHECK(out == numbers(1, 6));
    out.assign(6, -1);
    CHECK(buffer.pop_n(out) == 2);
    CHECK(out == std::vector{7, 8, -1, -1, -1, -1});
    CHECK(buffer.pop_n(out) == 0);
    CHECK(buffer.pop_n({}) == 0);
    CHECK(buffer.empty());
}

TEST_CASE("blocks and single items mix in any order", "[bulk][asan]") {
    WHY("a block that wraps around the end of the ring is two runs of slots");
    const auto watchdog = watch_bulk();
    SEEDED_RNG(rng);
    RingBuffer<std::string> buffer(16);
    std::deque<std::string> model;
    std::vector<std::string> expected;
    std::vector<std::string> got;
    for (int step = 0; step < 4000; ++step) {
        const std::size_t count = rng() % 20;
        switch (rng() % 4) {
            case 0: {
                std::vector<std::string> block;
                for (std::size_t i = 0; i < count; ++i)
                    block.push_back("item " + std::to_string(step) + '.' + std::to_string(i));
                const std::size_t pushed = buffer.push_n(block);
                const std::size_t fits = std::min(count, 16 - model.size());
                if (pushed != fits) REQUIRE(pushed == fits);
                model.insert(model.end(), block.begin(),
                             block.begin() + static_cast<std::ptrdiff_t>(fits));
                break;
            }
            case 1: {
                std::vector<std::string> block(count);
                const std::size_t popped = buffer.pop_n(block);
                const std::size_t there = std::min(count, model.size());
                if (popped != there) REQUIRE(popped == there);
                for (std::size_t i = 0; i < there; ++i) {
                    expected.push_back(model.front());
                    got.push_back(block[i]);
                    model.pop_front();
                }
                break;
            }
            case 2:
                if (buffer.try_push("single " + std::to_string(step)))
                    model.push_back("single " + std::to_string(step));
                break;
            default:
                if (const auto item = buffer.try_pop()) {
                    got.push_back(*item);
                    if (model.empty()) FAIL("try_pop gave an item that was never pushed");
                    expected.push_back(model.front());
                    model.pop_front();
                }
        }
        if (buffer.size() != model.size()) REQUIRE(buffer.size() == model.size());
    }
    const auto wrong = std::ranges::mismatch(got, expected);
    const auto told = [](auto item, auto end) {
        return item == end ? std::string("nothing") : *item;
    };
    const std::string popped = told(wrong.in1, got.end());
    const std::string due = told(wrong.in2, expected.end());
    INFO("the first that differs is item " << wrong.in1 - got.begin() + 1 << " of "
                                           << expected.size());
    CHECK(popped == due);
}

// An item that looks at its buffer's size whenever it is copied or assigned.
struct Witness {
    static inline const RingBuffer<Witness>* buffer = nullptr;
    static inline std::vector<std::size_t> sizes;

    static void look() {
        if (buffer != nullptr) sizes.push_back(buffer->size());
    }

    Witness() = default;
    Witness(const Witness&) { look(); }
    Witness& operator=(const Witness&) {
        look();
        return *this;
    }
    ~Witness() = default;
};

TEST_CASE("a block is published at once", "[bulk]") {
    WHY("each publication sends a cache line to the other core; one for a block instead of one for "
        "each item is the point of blocks");
    const auto watchdog = watch_bulk();
    RingBuffer<Witness> buffer(8);
    std::vector<Witness> items(5);
    for (int lap = 0; lap < 3; ++lap) {  // the second and third wrap around
        INFO("lap " << lap + 1 << ", a block of 5: the buffer's size as each item sees it");
        Witness::sizes.clear();
        Witness::buffer = &buffer;
        const std::size_t pushed = buffer.push_n(items);
        Witness::buffer = nullptr;
        CHECK(pushed == 5);
        const auto& sizes_while_pushed = Witness::sizes;
        CHECK(sizes_while_pushed == std::vector<std::size_t>(5, 0));
        CHECK(buffer.size() == 5);

        Witness::sizes.clear();
        Witness::buffer = &buffer;
        const std::size_t popped = buffer.pop_n(items);
        Witness::buffer = nullptr;
        CHECK(popped == 5);
        const auto& sizes_while_popped = Witness::sizes;
        CHECK(sizes_while_popped == std::vector<std::size_t>(5, 5));
        CHECK(buffer.size() == 0);
    }
}

TEST_CASE("a block of nothing writes nothing that the other side reads", "[bulk]") {
    WHY("storing an index, even the same one, takes its cache line from the other core: a side "
        "that "
        "polls with blocks would slow down the other for nothing");
    const auto watchdog = watch_bulk();
    Traced<RingBuffer<int>> buffer(8u);
    const std::vector<int> five = numbers(0, 5);
    std::vector<int> out(5);
    std::size_t pushed = 0;
    std::size_t popped = 0;
    const auto push = [&] { pushed += buffer->push_n(five); };
    const auto pop = [&] { popped += buffer->pop_n(out); };
    std::size_t written_for_nothing = 0;
    for (int lap = 0; lap < 3; ++lap) {
        const auto pushing = buffer.trace(push);
        const auto empty_block = buffer.trace([&] { pushed += buffer->push_n({}); });
        const auto empty_out = buffer.trace([&] { popped += buffer->pop_n({}); });
        static_cast<void>(buffer->push_n(five));
        const auto full = buffer.trace(push);
        const auto popping = buffer.trace(pop);
        static_cast<void>(buffer->pop_n(out));
        const auto empty = buffer.trace(pop);
        written_for_nothing += in_common(empty_block, popping) + in_common(full, popping) +
                               in_common(empty_out, pushing) + in_common(empty, pushing);
    }
    CHECK(pushed == 15);
    CHECK(popped == 15);
    INFO("counted are words of the object");
    CHECK(written_for_nothing == 0);
}

TEST_CASE("blocks take no lock and no memory", "[bulk]") {
    WHY("a block is wait-free as a single item is; what it needs is there since the construction");
    const auto watchdog = watch_bulk();
    RingBuffer<int> buffer(16);
    const std::vector<int> items = numbers(0, 10);
    std::vector<int> out(7);
    const LockCounter lock_counter;
    const AllocationCounter allocation_counter;
    std::size_t pushed = 0;
    std::size_t popped = 0;
    for (int i = 0; i < 20; ++i) {
        pushed += buffer.push_n(items);
        popped += buffer.pop_n(out);
    }
    const std::size_t locks = lock_counter.count();
    const std::size_t allocations = allocation_counter.allocations();
    CHECK(locks == 0);
    CHECK(allocations == 0);
    CHECK(popped == 140);
    CHECK(pushed == popped + buffer.size());
}

TEST_CASE("blocks between two threads keep the order", "[bulk][tsan]") {
    WHY("one release store publishes all items before it, and one acquire load receives them");
    const auto watchdog = watch_bulk();
    RingBuffer<std::uint64_t> buffer(256);
    constexpr std::uint64_t kItems = 20'000;
    std::uint64_t items_out_of_order = 0;
    run_together(
        {[&] {
             std::uint64_t block[50];
             for (std::uint64_t sent = 0; sent < kItems;) {
                 const std::size_t size = std::min<std::uint64_t>(1 + sent % 50, kItems - sent);
                 std::iota(block, block + size, sent);
                 Patience patience;
                 for (std::size_t done = 0; done < size;) {
                     const std::size_t count =
                         buffer.push_n(std::span<const std::uint64_t>(block + done, size - done));
                     if (count == 0) patience();
                     done += count;
                 }
                 sent += size;
             }
         },
         [&] {
             std::uint64_t block[64];
             Patience patience;
             for (std::uint64_t received = 0; received < kItems;) {
                 const std::size_t count = buffer.pop_n(std::span(block, 1 + received % 64));
                 if (count == 0)
                     patience();
                 else
                     patience = Patience();
                 for (std::size_t i = 0; i < count; ++i)
                     items_out_of_order += block[i] != received++;
             }
         }});
    CHECK(items_out_of_order == 0);
    CHECK(buffer.empty());
}

}  // namespace
