// What the two sides, and a third thread that looks on, see and touch of each other.

#include "support/suite.hpp"

#include <ring_buffer.hpp>

#include <algorithm>
#include <set>

#include "access_trace.hpp"
#include "support/single_step.hpp"
#include "support/watchdog.hpp"

namespace {

using cacheline::RingBuffer;
using cacheline::support::kCanSingleStep;
using cacheline::support::SingleStep;
using cacheline::support::Watchdog;
using cacheline::tests::Traced;
using namespace std::chrono_literals;

// Where in `object` bytes change while `action` runs.
template <typename Object, typename Action>
std::set<std::size_t> bytes_written(const Object& object, Action action) {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(&object);
    const std::vector<unsigned char> before(bytes, bytes + sizeof(Object));
    action();
    std::set<std::size_t> places;
    for (std::size_t i = 0; i < sizeof(Object); ++i)
        if (bytes[i] != before[i]) places.insert(i);
    return places;
}

TEST_CASE("the two sides write to different cache lines of the object", "[progress]") {
    WHY("a line that both write travels between the cores with each operation (false sharing), so "
        "each side stalls the other for nothing");
    const Watchdog watchdog(5s, "a try_push or try_pop did not return");
    using Buffer = RingBuffer<std::uint64_t>;
    const auto buffer = std::make_unique<Buffer>(4);
    std::set<std::size_t> producer;
    std::set<std::size_t> consumer;
    for (int lap = 0; lap < 5; ++lap) {
        // Single steps: bytes that change and change back would go unseen.
        for (int i = 0; i < 5; ++i)
            producer.merge(
                bytes_written(*buffer, [&] { static_cast<void>(buffer->try_push(7u)); }));
        for (int i = 0; i < 5; ++i)
            consumer.merge(bytes_written(*buffer, [&] { static_cast<void>(buffer->try_pop()); }));
    }
    // The object may stand wherever its alignment allows, so its offset in a line is not known.
    constexpr std::size_t kLine = 64;
    std::size_t pairs_on_one_line = 0;  // of bytes, one written by each side
    for (std::size_t offset = 0; offset < kLine; offset += alignof(Buffer))
        for (const std::size_t one : producer)
            for (const std::size_t other : consumer)
                pairs_on_one_line += (offset + one) / kLine == (offset + other) / kLine;
    INFO(
        "counted are pairs of bytes, one that push writes and one that pop writes, that can come "
        "to lie on one cache line");
    CHECK(pairs_on_one_line == 0);
}

TEST_CASE("a call that moves no item writes nothing that the other side reads", "[progress]") {
    WHY("storing an index, even the same one, takes its cache line from the other core: a side "
        "that "
        "polls would slow down the other for nothing");
    const Watchdog watchdog(5s, "a try_push or try_pop did not return");
    Traced<RingBuffer<std::uint64_t>> buffer(4u);
    std::size_t accepted = 0;
    const auto push = [&] {
        const std::uint64_t item = 7;
        accepted += buffer->try_push(item);
        accepted += buffer->try_emplace(item);
        accepted += buffer->try_push(8u);
    };
    std::size_t popped = 0;
    const auto pop = [&] {
        for (int i = 0; i < 3; ++i)
            popped += buffer->try_pop().has_value();
    };
    std::size_t written_by_refused_pushes = 0;
    std::size_t written_by_idle_pops = 0;
    for (int lap = 0; lap < 3; ++lap) {
        const auto pushing = buffer.trace(push);
        static_cast<void>(buffer->try_push(9u));
        const auto refused = buffer.trace(push);
        auto popping = buffer.trace(pop);
        static_cast<void>(buffer->try_pop());
        const auto idle = buffer.trace(pop);
        popping.reads.insert(idle.reads.begin(), idle.reads.end());
        written_by_refused_pushes += in_common(refused, popping);
        written_by_idle_pops += in_common(idle, pushing) + in_common(idle, refused);
    }
    CHECK(accepted == 9);
    CHECK(popped == 9);
    INFO("counted are words of the object");
    CHECK(written_by_refused_pushes == 0);
    CHECK(written_by_idle_pops == 0);
}

// Looks at the size of a buffer that never holds fewer than 5 nor more than 6 items, while between
// any two instructions of the look one item or more goes in and out, as if both sides ran on other
// cores.
struct BusyBuffer {
    RingBuffer<int> buffer{64};
    int moves = 0;       // between two instructions
    int most_stops = 0;  // after so many instructions both sides rest, so that a loop may end
    int stops = 0;
    std::size_t pushed = 0;

    BusyBuffer() {
        for (int i = 0; i < 5; ++i)
            static_cast<void>(buffer.try_push(i));
    }

    template <typename Look>
    auto look(Look look) {
        stops = 0;
        pushed = 0;
        auto result = look(buffer);
        if constexpr (kCanSingleStep) {
            SingleStep stepper;
            stepper.between([](void* self) { static_cast<BusyBuffer*>(self)->move_on(); }, this);
            stepper.run([&] { result = look(buffer); });
        }
        return result;
    }

    void move_on() {
        if (++stops > most_stops) return;
        for (int i = 0; i < moves; ++i) {
            pushed += buffer.try_push(i);
            static_cast<void>(buffer.try_pop());
        }
    }
};

TEST_CASE("a third thread never hears of fewer items than there were", "[progress]") {
    WHY("two counters cannot be read at one moment: with the tail read first, or the difference "
        "unbounded, a busy buffer looks empty, or holds 18 quintillion items");
    const Watchdog watchdog(8s, "size or empty did not return",
                            "they need no more than a look at each index");
    std::size_t least = 64;
    std::size_t most = 0;
    std::size_t too_many = 0;
    std::size_t found_empty = 0;
    for (const int moves : {1, 2, 7, 64, 100}) {
        for (const int most_stops : {10, 20, 40, 80, 160}) {
            BusyBuffer busy;
            busy.moves = moves;
            busy.most_stops = most_stops;
            const std::size_t size = busy.look([](const auto& buffer) { return buffer.size(); });
            least = std::min(least, size);
            most = std::max(most, size);
            too_many += size > 6 + busy.pushed;
            found_empty += busy.look([](const auto& buffer) { return buffer.empty(); });
        }
    }
    INFO("the buffer has room for 64, and holds 5 or 6 items all the time");
    CHECK(least >= 5);
    CHECK(most <= 64);
    CHECK(found_empty == 0);
    INFO("counted are looks that found more than 6 and all that was pushed meanwhile");
    CHECK(too_many == 0);
}

}  // namespace
