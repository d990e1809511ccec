#include "support/suite.hpp"

// The student's header.
#include <shared_bytes.hpp>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <utility>

#include "announcing.hpp"
#include "support/allocation_counter.hpp"
#include "support/threads.hpp"

using cacheline::SharedBytes;
using cacheline::support::AllocationCounter;
using cacheline::support::Announcing;
using cacheline::support::kAlphabet;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("copy_of makes a buffer of its own with one allocation", "[slices][asan]") {
    WHY("bytes and reference count fit in one block; two blocks cost twice, and a cache miss more");
    std::string source = kAlphabet;
    const AllocationCounter counter;
    const SharedBytes bytes = SharedBytes::copy_of(source);
    const std::size_t allocations = counter.allocations();
    source.assign("overwritten, and longer than it was");
    CHECK(allocations == 1);
    CHECK(bytes.text() == kAlphabet);
    CHECK(bytes.size() == 26);
    CHECK(SharedBytes::copy_of("").empty());
    CHECK(SharedBytes().text() == "");
}

TEST_CASE("copies and slices allocate nothing and share the bytes", "[slices]") {
    WHY("a slice is a pair of numbers and a share in the owner: the bytes stay where they are");
    const SharedBytes bytes = SharedBytes::copy_of(kAlphabet);
    const AllocationCounter counter;
    const SharedBytes copy = bytes;
    const SharedBytes middle = bytes.slice(3, 4);
    const SharedBytes rest = middle.slice(1);
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 0);
    CHECK(copy.text().data() == bytes.text().data());
    CHECK(middle.text() == "defg");
    CHECK(middle.text().data() == bytes.text().data() + 3);
    CHECK(rest.text() == "efg");
    CHECK(rest.text().data() == bytes.text().data() + 4);
}

TEST_CASE("a slice keeps its buffer alive", "[slices][asan]") {
    WHY("a view of a vector that can go away dangles: a slice must own its bytes too");
    SharedBytes slice;
    {
        SharedBytes bytes = SharedBytes::copy_of(kAlphabet);
        slice = bytes.slice(20).slice(1, 3);
        bytes = SharedBytes::copy_of("others");
    }
    CHECK(slice.text() == "vwx");
    auto source = std::make_unique<SharedBytes>(SharedBytes::copy_of(kAlphabet));
    const SharedBytes moved = std::move(*source);
    source.reset();
    CHECK(moved.text() == kAlphabet);
}

TEST_CASE("bytes that were moved from are none", "[slices][asan]") {
    WHY("a size that stays behind without its bytes is an invitation to read them");
    SharedBytes source = SharedBytes::copy_of("abc");
    SharedBytes moved = std::move(source);
    CHECK(source.size() == 0);
    CHECK(source.bytes().empty());
    CHECK(source.text() == "");
    CHECK_THROWS_AS(source.slice(1), std::out_of_range);
    SharedBytes target = SharedBytes::copy_of("target");
    target = std::move(moved);
    CHECK(moved.empty());
    CHECK(target.text() == "abc");
    CHECK(target.owners() == 1);
    moved = target;
    CHECK(moved.text() == "abc");
}

TEST_CASE("a slice that leaves the buffer is refused", "[slices][asan]") {
    WHY("offset plus count can wrap around zero: a check of the sum lets the worst slices pass");
    constexpr std::size_t kHuge = static_cast<std::size_t>(-1);
    const SharedBytes bytes = SharedBytes::copy_of("0123456789");
    CHECK_THROWS_AS(bytes.slice(11), std::out_of_range);
    CHECK_THROWS_AS(bytes.slice(0, 11), std::out_of_range);
    CHECK_THROWS_AS(bytes.slice(10, 1), std::out_of_range);
    CHECK_THROWS_AS(bytes.slice(6, 5), std::out_of_range);
    CHECK_THROWS_AS(bytes.slice(kHuge), std::out_of_range);
    CHECK_THROWS_AS(bytes.slice(kHuge, 1), std::out_of_range);
    CHECK_THROWS_AS(bytes.slice(5, kHuge - 4), std::out_of_range);
    CHECK_THROWS_AS(bytes.slice(1, kHuge - 1), std::out_of_range);
    CHECK_THROWS_AS(SharedBytes().slice(1), std::out_of_range);
    CHECK_THROWS_WITH(bytes.slice(7, 33),
                      ContainsSubstring("7") && ContainsSubstring("33") && ContainsSubstring("10"));
    CHECK(bytes.slice(10).text() == "");
    CHECK(bytes.slice(10, 0).text() == "");
    CHECK(bytes.slice(0, 10).text() == "0123456789");
    CHECK(bytes.slice(9, 1).text() == "9");
}

TEST_CASE("a slice of a slice is measured from the slice", "[slices][asan]") {
    WHY("a slice is all that its receiver may see: not the buffer behind it");
    const SharedBytes bytes = SharedBytes::copy_of("0123456789");
    const SharedBytes slice = bytes.slice(2, 5);
    CHECK(slice.slice(1, 3).text() == "345");
    CHECK(slice.slice(5).text() == "");
    CHECK_THROWS_AS(slice.slice(6), std::out_of_range);
    CHECK_THROWS_AS(slice.slice(0, 6), std::out_of_range);
    CHECK_THROWS_AS(slice.slice(4, 2), std::out_of_range);
}

TEST_CASE("adopt takes a container over without copying its bytes", "[slices][asan]") {
    WHY("the bytes are on the heap already: only who owns them has to change");
    std::vector<std::byte> numbers(1000, std::byte{7});
    const std::byte* const before = numbers.data();
    const AllocationCounter counter;
    const SharedBytes bytes = SharedBytes::adopt(std::move(numbers));
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 1);
    CHECK(bytes.bytes().data() == before);
    CHECK(bytes.size() == 1000);

    const SharedBytes large = SharedBytes::adopt(std::string(500, 'x'));
    CHECK(large.text() == std::string(500, 'x'));
    CHECK(SharedBytes::adopt(std::vector<unsigned char>{65, 66}).text() == "AB");
    CHECK(SharedBytes::adopt(std::string()).empty());
}

TEST_CASE("a short string can be adopted", "[slices][asan]") {
    WHY("its bytes lie in the string object, so they move when it does: take the address "
        "afterwards");
    SharedBytes slice;
    {
        std::string text = "short";
        const SharedBytes bytes = SharedBytes::adopt(std::move(text));
        text = "other";
        CHECK(bytes.text() == "short");
        slice = bytes.slice(1, 3);
    }
    CHECK(slice.text() == "hor");
}

TEST_CASE("owners are counted, and the last one ends the buffer", "[slices][asan]") {
    WHY("too few and a slice dangles; too many and the buffer is never returned");
    int ends = 0;
    {
        SharedBytes first = SharedBytes::adopt(Announcing(kAlphabet, [&ends] { ++ends; }));
        CHECK(first.owners() == 1);
        SharedBytes copy = first;
        SharedBytes slice = first.slice(1, 2);
        CHECK(slice.owners() == 3);
        const SharedBytes moved = std::move(copy);
        CHECK(moved.owners() == 3);
        copy = SharedBytes();
        first = SharedBytes();
        CHECK(moved.owners() == 2);
        CHECK(ends == 0);
        slice = slice.slice(0, 1);
        CHECK(slice.text() == "b");
        CHECK(ends == 0);
    }
    CHECK(ends == 1);
}

TEST_CASE("generate lets the caller write the bytes, with one allocation", "[slices][asan]") {
    WHY("bytes that are about to be written need no copy from elsewhere");
    const AllocationCounter counter;
    const SharedBytes bytes = SharedBytes::generate(1000, [](std::span<std::byte> out) {
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = static_cast<std::byte>(i);
    });
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 1);
    CHECK(bytes.size() == 1000);
    CHECK(bytes.bytes()[999] == std::byte{999 % 256});

    int calls = 0;
    CHECK(SharedBytes::generate(0, [&](std::span<std::byte>) { ++calls; }).empty());
    CHECK(calls == 0);
    CHECK_THROWS_AS(SharedBytes::generate(
                        10, [](std::span<std::byte>) { throw std::runtime_error("no data"); }),
                    std::runtime_error);
}

TEST_CASE("more bytes than there can be are no memory", "[slices][asan]") {
    WHY("a count beside the bytes makes the sum wrap around: a small block is taken, and a large "
        "one written");
    int calls = 0;
    const auto fill = [&](std::span<std::byte>) { ++calls; };
    for (const std::size_t too_few : {0u, 1u, 7u, 15u, 16u, 24u, 63u, 64u}) {
        CAPTURE(too_few);
        CHECK_THROWS_AS(SharedBytes::generate(SIZE_MAX - too_few, fill), std::bad_alloc);
    }
    CHECK(calls == 0);
}

TEST_CASE("threads share a buffer", "[slices][asan][tsan]") {
    WHY("a reference count that is not atomic loses a share, and then the buffer");
    constexpr int kRounds = cacheline::support::kSanitized ? 2000 : 20000;
    std::atomic<int> ends{0};
    std::atomic<int> wrong_bytes{0};
    {
        const SharedBytes bytes = SharedBytes::adopt(Announcing(kAlphabet, [&ends] { ++ends; }));
        const auto work = [&wrong_bytes, bytes] {
            for (int i = 0; i < kRounds; ++i) {
                const SharedBytes copy = bytes;
                const SharedBytes slice = copy.slice(static_cast<std::size_t>(i % 26), 1);
                if (slice.text()[0] != 'a' + i % 26) ++wrong_bytes;
            }
        };
        cacheline::support::run_together({work, work, work, work});
        CHECK(ends == 0);
        CHECK(bytes.owners() >= 1);
    }
    CHECK(wrong_bytes == 0);
    CHECK(ends == 1);
}
