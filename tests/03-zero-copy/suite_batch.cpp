#include "support/suite.hpp"

// The student's header.
#include <batch.hpp>

#include <stdexcept>
#include <utility>

#include "numbers.hpp"
#include "support/allocation_counter.hpp"
#include "support/lifetime.hpp"

using cacheline::AccessOrder;
using cacheline::support::AllocationCounter;
using cacheline::support::Lifetime;
using cacheline::support::numbers;
using Tracked = cacheline::support::Tracked<>;

TEST_CASE("transform_in_place changes items where they are", "[batch][asan]") {
    WHY("results that fit the input's memory need no memory of their own");
    for (const AccessOrder order :
         {AccessOrder::sequential(), AccessOrder::strided(7), AccessOrder::random(1)}) {
        std::vector<int> items = numbers(1000);
        const AllocationCounter counter;
        cacheline::transform_in_place(
            std::span(items), [](int x) { return 3 * x; }, order);
        const std::size_t allocations = counter.allocations();
        CHECK(allocations == 0);
        std::size_t wrong_items = 0;
        for (std::size_t i = 0; i < items.size(); ++i)
            wrong_items += items[i] != static_cast<int>(3 * i);
        CHECK(wrong_items == 0);
    }
    std::vector<int> items = numbers(4);
    CHECK_THROWS_AS(cacheline::transform_in_place(std::span(items),
                                                  [](int x) {
                                                      if (x == 2) throw std::runtime_error("two");
                                                      return x + 10;
                                                  }),
                    std::runtime_error);
    CHECK(items == std::vector<int>{10, 11, 2, 3});

    Lifetime::reset();
    std::vector<Tracked> tracked;
    for (std::uint64_t i = 0; i < 8; ++i)
        tracked.emplace_back(i);
    Lifetime::copied = 0;
    cacheline::transform_in_place(std::span(tracked),
                                  [](const Tracked& t) { return Tracked(t.value() + 1); });
    CHECK(Lifetime::copied == 0);
    CHECK(tracked[7].value() == 8);
    CHECK(Lifetime::misused == 0);
}

TEST_CASE("process_batch allocates its output once", "[batch][asan]") {
    WHY("an output that grows moves its elements again and again, for no reason: the size is "
        "known");
    const std::vector<int> input = numbers(1000);
    for (const AccessOrder order :
         {AccessOrder::sequential(), AccessOrder::strided(64), AccessOrder::random(3)}) {
        const AllocationCounter counter;
        const std::vector<double> output = cacheline::process_batch(
            input, [](int x) { return x / 2.0; }, order);
        const std::size_t allocations = counter.allocations();
        CHECK(allocations == 1);
        REQUIRE(output.size() == 1000);
        std::size_t wrong_results = 0;
        for (std::size_t i = 0; i < 1000; ++i)
            wrong_results += output[i] != static_cast<double>(i) / 2;
        CHECK(wrong_results == 0);
    }
    const auto odd = [](int x) { return x % 2 != 0; };
    CHECK(cacheline::process_batch(std::vector<int>{1, 2, 3}, odd) ==
          std::vector<bool>{true, false, true});
    CHECK(cacheline::process_batch(std::span<const int>(), odd).empty());
}

TEST_CASE("process_batch copies neither input nor results", "[batch][asan]") {
    WHY("a value passed where a reference would do is a copy of every element");
    Lifetime::reset();
    {
        std::vector<Tracked> input;
        input.reserve(20);
        for (std::uint64_t i = 0; i < 20; ++i)
            input.emplace_back(i);
        const auto twice = [](const Tracked& t) { return Tracked(2 * t.value()); };
        const auto output = cacheline::process_batch(input, twice);
        REQUIRE(output.size() == 20);
        CHECK(output[19].value() == 38);
        const auto given = cacheline::process_batch(std::move(input), twice);
        REQUIRE(given.size() == 20);
        CHECK(given[19].value() == 38);
        CHECK(Lifetime::copied == 0);
        // Neither does an order ask for a default constructor.
        CHECK(cacheline::process_batch(output, twice, AccessOrder::random(1))[19].value() == 76);
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("a stride of 0 is refused, whatever the results are", "[batch][asan]") {
    WHY("an order that is ignored for some result types hides a mistake until the type changes");
    std::vector<Tracked> tracked;
    tracked.emplace_back(1);
    std::vector<int> none;
    const AccessOrder never = AccessOrder::strided(0);
    const auto twice = [](const Tracked& t) { return Tracked(2 * t.value()); };
    const auto same = [](int x) { return x; };
    CHECK_THROWS_AS(cacheline::process_batch(tracked, twice, never), std::invalid_argument);
    CHECK_THROWS_AS(cacheline::process_batch(std::move(tracked), twice, never),
                    std::invalid_argument);
    CHECK_THROWS_AS(cacheline::process_batch(none, same, never), std::invalid_argument);
    CHECK_THROWS_AS(cacheline::transform_in_place(std::span(none), same, never),
                    std::invalid_argument);
}

TEST_CASE("a batch that is given away is changed in its own memory", "[batch][asan]") {
    WHY("the caller has no more use for the input, so its memory can hold the output");
    for (const AccessOrder order :
         {AccessOrder::sequential(), AccessOrder::strided(3), AccessOrder::random(9)}) {
        std::vector<int> input = numbers(100);
        const int* const before = input.data();
        const AllocationCounter counter;
        const std::vector<int> output = cacheline::process_batch(
            std::move(input), [](int x) { return x + 1; }, order);
        const std::size_t allocations = counter.allocations();
        CHECK(allocations == 0);
        CHECK(output.data() == before);
        CHECK(output.size() == 100);
        CHECK(output[0] == 1);
        CHECK(output[99] == 100);
    }
    std::vector<int> input = numbers(100);
    const AllocationCounter counter;
    const std::vector<long> other =
        cacheline::process_batch(std::move(input), [](int x) { return x + 1L; });
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 1);
    CHECK(other[99] == 100);
}
