#include "support/suite.hpp"

// The student's header.
#include <batch.hpp>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "support/allocation_counter.hpp"

using cacheline::AccessOrder;
using cacheline::support::AllocationCounter;

namespace {

constexpr std::size_t kHuge = static_cast<std::size_t>(-1);

std::vector<std::size_t> order_of(std::size_t count, AccessOrder order) {
    std::vector<std::size_t> visited;
    cacheline::visit_indices(count, order, [&](std::size_t i) {
        if (visited.size() > count) throw std::logic_error("more visits than elements");
        visited.push_back(i);
    });
    return visited;
}

bool each_once(std::vector<std::size_t> visited, std::size_t count) {
    std::ranges::sort(visited);
    std::vector<std::size_t> all(count);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return visited == all;
}

}  // namespace

TEST_CASE("sequential and strided orders are what they say", "[batch]") {
    WHY("the order is what the caller measures; and a stride may be larger than the batch");
    using List = std::vector<std::size_t>;
    CHECK(order_of(5, AccessOrder::sequential()) == List{0, 1, 2, 3, 4});
    CHECK(order_of(7, AccessOrder::strided(3)) == List{0, 3, 6, 1, 4, 2, 5});
    CHECK(order_of(6, AccessOrder::strided(3)) == List{0, 3, 1, 4, 2, 5});
    CHECK(order_of(3, AccessOrder::strided(1)) == List{0, 1, 2});
    CHECK(order_of(3, AccessOrder::strided(3)) == List{0, 1, 2});
    CHECK(order_of(3, AccessOrder::strided(100)) == List{0, 1, 2});
    CHECK(order_of(3, AccessOrder::strided(kHuge)) == List{0, 1, 2});
    CHECK(order_of(3, AccessOrder::strided(kHuge - 1)) == List{0, 1, 2});
    CHECK(order_of(0, AccessOrder::strided(2)).empty());
    CHECK_THROWS_AS(order_of(3, AccessOrder::strided(0)), std::invalid_argument);
    CHECK_THROWS_AS(order_of(0, AccessOrder::strided(0)), std::invalid_argument);
}

TEST_CASE("a random order visits each element once", "[batch]") {
    WHY("a random index for each visit misses a third of the elements and repeats others");
    for (const std::size_t count : {0U, 1U, 2U, 3U, 64U, 100U, 1000U, 1025U}) {
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            INFO(count << " elements, seed " << seed);
            const auto order = order_of(count, AccessOrder::random(seed));
            CHECK(each_once(order, count));
            CHECK(order == order_of(count, AccessOrder::random(seed)));
            std::size_t neighbours = 0;
            for (std::size_t i = 1; i < order.size(); ++i)
                neighbours += order[i] - order[i - 1] + 1 <= 2;
            if (count >= 64) CHECK(neighbours * 10 < count);
        }
    }
    std::vector<std::vector<std::size_t>> orders;
    for (const std::uint64_t seed : {0ULL, 1ULL, 2ULL, 3ULL, 1ULL << 40, 1ULL << 63})
        orders.push_back(order_of(1000, AccessOrder::random(seed)));
    std::ranges::sort(orders);
    CHECK(std::ranges::adjacent_find(orders) == orders.end());
}

TEST_CASE("no order allocates", "[batch]") {
    WHY("a list of indices costs more memory than a batch of small elements");
    for (const AccessOrder order :
         {AccessOrder::sequential(), AccessOrder::strided(100), AccessOrder::random(7)}) {
        std::size_t sum = 0;
        const AllocationCounter counter;
        cacheline::visit_indices(100000, order, [&](std::size_t i) { sum += i; });
        const std::size_t allocations = counter.allocations();
        CHECK(allocations == 0);
        CHECK(sum == 4999950000);
    }
}
