#include "support/suite.hpp"

// The student's header.
#include <records.hpp>

#include <array>
#include <cstring>

#include "support/allocation_counter.hpp"
#include "support/guard_page.hpp"

using cacheline::RecordError;
using cacheline::records;
using cacheline::support::AllocationCounter;
using Catch::Matchers::ContainsSubstring;

namespace {

struct Tick {
    std::uint32_t id;
    float price;
    std::uint64_t time;

    bool operator==(const Tick&) const = default;
};

struct alignas(32) Wide {
    std::uint8_t bytes[32];
};

Tick tick(std::size_t i) {
    return {static_cast<std::uint32_t>(i), static_cast<float>(i) / 4, std::uint64_t{1} << (i % 64)};
}

// `count` ticks, `shift` bytes behind a place that is aligned for anything. It ends at the page.
class TickBytes {
public:
    TickBytes(std::size_t count, std::size_t shift, std::size_t cut = 0)
        : memory_(shift + count * sizeof(Tick) + pad(shift)),
          shift_(shift),
          size_(count * sizeof(Tick) - cut) {
        for (std::size_t i = 0; i < count; ++i) {
            const Tick value = tick(i);
            std::memcpy(memory_.data() + shift + i * sizeof(Tick), &value, sizeof value);
        }
    }

    std::span<const std::byte> bytes() { return {memory_.data() + shift_, size_}; }

private:
    // The array ends at a page, so a size that is a multiple of 16 starts aligned.
    static std::size_t pad(std::size_t shift) { return (16 - shift % 16) % 16; }

    cacheline::support::GuardedArray<std::byte> memory_;
    std::size_t shift_;
    std::size_t size_;
};

}  // namespace

TEST_CASE("aligned records are a span of what lies there", "[parse][asan]") {
    WHY("where the bytes are good as they are, a view of them is all that is needed");
    TickBytes source(100, 0);
    const AllocationCounter counter;
    const auto ticks = records<Tick>(source.bytes());
    const auto span = ticks.as_span();
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 0);
    CHECK(ticks.size() == 100);
    REQUIRE(span.has_value());
    CHECK(static_cast<const void*>(span->data()) == source.bytes().data());
    REQUIRE(span->size() == 100);
    const bool last_is_right = span->back() == tick(99);
    CHECK(last_is_right);
}

TEST_CASE("records at any address are read one by one", "[parse][asan]") {
    WHY("a pointer that is not aligned for its type is undefined, whatever the processor says");
    for (std::size_t shift = 0; shift < 16; ++shift) {
        TickBytes source(10, shift);
        const auto ticks = records<Tick>(source.bytes());
        INFO("shifted by " << shift);
        CHECK(ticks.as_span().has_value() == (shift % alignof(Tick) == 0));
        REQUIRE(ticks.size() == 10);
        std::size_t wrong_records = 0;
        for (std::size_t i = 0; i < 10; ++i)
            wrong_records += ticks[i] != tick(i) || ticks.at(i) != tick(i);
        CHECK(wrong_records == 0);
    }
    alignas(64) std::array<std::byte, 128> memory{};
    memory[40] = std::byte{9};
    const std::span<const std::byte> bytes(memory);
    CHECK(records<Wide>(bytes.subspan(64)).as_span().has_value());
    CHECK_FALSE(records<Wide>(bytes.subspan(8, 64)).as_span().has_value());
    CHECK(records<Wide>(bytes.subspan(8, 64))[1].bytes[0] == 9);
    CHECK(records<std::byte>(bytes.subspan(1)).as_span().has_value());
}

TEST_CASE("a record that is cut short is an error with its offset", "[parse][asan]") {
    WHY("a file that was cut off must not be read as if it were whole, or past its end");
    for (const std::size_t cut : {1U, 8U, 15U}) {
        TickBytes source(4, 0, cut);
        std::size_t offset = 0;
        try {
            (void)records<Tick>(source.bytes());
        } catch (const RecordError& error) {
            offset = error.offset();
        }
        CHECK(offset == 3 * sizeof(Tick));
    }
    const std::array<std::byte, 3> few{};
    CHECK_THROWS_AS(records<Tick>(few), RecordError);
    CHECK_THROWS_WITH(records<std::uint16_t>(few), ContainsSubstring("byte 2"));
}

TEST_CASE("there are no records in no bytes", "[parse][asan]") {
    WHY("an empty file has an end, and it is at byte 0");
    const auto none = records<Tick>({});
    CHECK(none.size() == 0);
    const auto span = none.as_span();
    REQUIRE(span.has_value());
    CHECK(span->empty());
    CHECK_THROWS_AS(none.at(0), RecordError);
    TickBytes source(2, 4);
    const auto two = records<Tick>(source.bytes());
    CHECK_THROWS_AS(two.at(2), RecordError);
    CHECK_THROWS_AS(two.at(static_cast<std::size_t>(-1)), RecordError);
}
