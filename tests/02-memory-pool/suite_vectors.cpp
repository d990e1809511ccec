// The step "vectors": VectorPool and PooledVector.

#include "support/suite.hpp"

#include <limits>
#include <new>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <vector_pool.hpp>

#include "support/allocation_counter.hpp"
#include "support/lifetime.hpp"
#include "support/threads.hpp"
#include "told_strategy.hpp"

using cacheline::PooledVector;
using cacheline::Strategy;
using cacheline::VectorPool;
using cacheline::support::AllocationCounter;
using cacheline::support::Lifetime;
using cacheline::support::MoveOnly;
using cacheline::support::Tracked;

TEST_CASE("a vector that comes back is handed out empty and keeps its capacity",
          "[vectors][asan]") {
    WHY("the capacity is what pooling a vector saves; old elements are none of the next one's");
    VectorPool<int> pool(100);
    CHECK(pool.pooled() == 0);
    std::size_t grown = 0;
    {
        PooledVector<int> vector = pool.acquire();
        CHECK(vector->empty());
        CHECK(vector->capacity() >= 100);
        for (int i = 0; i < 5000; ++i)
            vector->push_back(i);
        grown = vector->capacity();
    }
    CHECK(pool.pooled() == 1);
    const PooledVector<int> again = pool.acquire();
    CHECK(again->empty());
    CHECK((*again).capacity() == grown);
    CHECK(pool.pooled() == 0);
}

TEST_CASE("a used pool hands out and fills vectors without an allocation", "[vectors]") {
    WHY("a pool reuses memory rather than ask for it");
    VectorPool<int> pool(100);
    {
        [[maybe_unused]] const PooledVector<int> a = pool.acquire();
        [[maybe_unused]] const PooledVector<int> b = pool.acquire();
    }
    const AllocationCounter heap;
    long sum = 0;
    for (int round = 0; round < 100; ++round) {
        PooledVector<int> a = pool.acquire();
        PooledVector<int> b = pool.acquire();
        a.fill(100, [round](std::size_t i) { return static_cast<int>(i) + round; });
        b->push_back(round);
        sum += a->back() + b->back();
    }
    const std::size_t allocations = heap.allocations();
    CHECK(allocations == 0);
    CHECK(sum == 99 * 100 + 2 * 4950);
}

TEST_CASE("a pool keeps as many vectors as it was told to", "[vectors][asan]") {
    WHY("a bound that is asked for must hold, and the pool must use it to the full");
    for (const std::size_t bound : {0u, 1u, 3u, 25u}) {
        CAPTURE(bound);
        VectorPool<int> pool(10, bound);
        {
            std::vector<PooledVector<int>> out;
            for (int i = 0; i < 40; ++i) {
                out.push_back(pool.acquire());
                out.back()->assign(10, i);
            }
        }
        CHECK(pool.pooled() == bound);
    }
    VectorPool<int> by_default(10);
    {
        std::vector<PooledVector<int>> out;
        for (int i = 0; i < 40; ++i)
            out.push_back(by_default.acquire());
    }
    CHECK(by_default.pooled() == 10);
}

TEST_CASE("a guard moves and does not copy", "[vectors][asan]") {
    WHY("the vector goes along with the guard, and goes back once");
    STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<PooledVector<int>>);
    STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<PooledVector<int>>);
    STATIC_REQUIRE(std::is_nothrow_move_constructible_v<PooledVector<int>>);
    STATIC_REQUIRE(std::is_nothrow_move_assignable_v<PooledVector<int>>);
    VectorPool<int> pool(8);
    {
        PooledVector<int> a = pool.acquire();
        a->assign(3, 7);
        PooledVector<int> b = std::move(a);
        CHECK(*b == std::vector<int>{7, 7, 7});
        CHECK(a->empty());
        a->push_back(1);  // a vector of its own
        PooledVector<int> c = pool.acquire();
        c->push_back(9);
        c = std::move(b);
        CHECK(*c == std::vector<int>{7, 7, 7});
        CHECK(pool.pooled() == 1);
        PooledVector<int>& same = c;
        c = std::move(same);
        CHECK(*c == std::vector<int>{7, 7, 7});
        CHECK(pool.pooled() == 1);
    }
    CHECK(pool.pooled() == 2);
}

TEST_CASE("a guard may outlive its pool", "[vectors][asan]") {
    WHY("nothing ties the life of a guard to that of its pool");
    for (const Strategy strategy : {Strategy::unsynchronized, Strategy::locked}) {
        CAPTURE(strategy);
        std::optional<VectorPool<std::string>> pool(std::in_place, 4, 10, strategy);
        PooledVector<std::string> a = pool->acquire();
        PooledVector<std::string> b = pool->acquire();
        { [[maybe_unused]] const PooledVector<std::string> waiting = pool->acquire(); }
        a->emplace_back("a string too long for the small string optimisation");
        pool.reset();
        CHECK(a->size() == 1);
        a.fill(20, [](std::size_t i) { return std::to_string(i); });
        PooledVector<std::string> moved = std::move(a);
        CHECK(moved->back() == "19");
        b = std::move(moved);
        CHECK(b->size() == 20);
    }
}

TEST_CASE("fill replaces the contents by what the function gives", "[vectors][asan]") {
    WHY("count elements, whatever was there before and whatever fits; each asked for once");
    VectorPool<std::string> pool(4);
    PooledVector<std::string> vector = pool.acquire();
    for (const std::size_t count : {3u, 0u, 1u, 100u, 50u}) {
        CAPTURE(count);
        std::vector<std::size_t> asked;
        vector.fill(count, [&](std::size_t i) {
            asked.push_back(i);
            return "element " + std::to_string(i);
        });
        std::vector<std::string> expected;
        std::vector<std::size_t> indices(count);
        std::iota(indices.begin(), indices.end(), std::size_t{0});
        for (const std::size_t i : indices)
            expected.push_back("element " + std::to_string(i));
        CHECK(*vector == expected);
        CHECK(asked == indices);
    }
}

TEST_CASE("fill needs neither a default constructor nor a copy", "[vectors][asan]") {
    WHY("the vector holds what its borrower likes, not only numbers");
    Lifetime::reset();
    {
        VectorPool<MoveOnly> pool(4);
        PooledVector<MoveOnly> vector = pool.acquire();
        vector.fill(30, [](std::size_t i) { return MoveOnly(i); });
        vector.fill(20, [](std::size_t i) { return MoveOnly(100 + i); });
        std::vector<std::uint64_t> values;
        for (const MoveOnly& element : *vector)
            values.push_back(element.value());
        std::vector<std::uint64_t> expected(20);
        std::iota(expected.begin(), expected.end(), std::uint64_t{100});
        CHECK(values == expected);
        CHECK(Lifetime::live == 20);
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("a function that throws while filling does no harm", "[vectors][asan]") {
    WHY("the exception reaches the caller, and every element is destroyed just once");
    Lifetime::reset();
    {
        VectorPool<Tracked<>> pool(50);
        {
            PooledVector<Tracked<>> vector = pool.acquire();
            vector.fill(10, [](std::size_t i) { return Tracked<>(i); });
            CHECK_THROWS_AS(vector.fill(40,
                                        [](std::size_t i) {
                                            if (i == 25) throw std::runtime_error("no more");
                                            return Tracked<>(i);
                                        }),
                            std::runtime_error);
            CHECK(Lifetime::live == static_cast<std::ptrdiff_t>(vector->size()));
        }
        CHECK(pool.pooled() == 1);
        CHECK(pool.acquire()->empty());
        CHECK(Lifetime::live == 0);
    }
    CHECK(Lifetime::misused == 0);
}

TEST_CASE("elements are destroyed when the vector comes back", "[vectors][asan]") {
    WHY("an element may hold a file or a lock: it must not wait for the next borrower");
    Lifetime::reset();
    VectorPool<Tracked<>> pool(4);
    {
        PooledVector<Tracked<>> vector = pool.acquire();
        for (std::uint64_t i = 0; i < 9; ++i)
            vector->emplace_back(i);
    }
    CHECK(pool.pooled() == 1);
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("a locked pool may be shared by threads", "[vectors][tsan]") {
    WHY("a vector has one borrower at a time");
    VectorPool<std::size_t> pool(16, 3, Strategy::locked);
    std::vector<std::function<void()>> threads;
    std::vector<std::size_t> wrong(4);
    for (std::size_t thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
            for (std::size_t round = 0; round < 2000; ++round) {
                PooledVector<std::size_t> vector = pool.acquire();
                if (!vector->empty()) ++wrong[thread];
                vector.fill(20, [&](std::size_t i) { return thread * 1000 + i; });
                if (vector->size() != 20 || vector->front() != thread * 1000) ++wrong[thread];
            }
        });
    }
    cacheline::support::run_together(threads);
    CHECK(wrong == std::vector<std::size_t>(4));
    CHECK(pool.pooled() >= 1);
    CHECK(pool.pooled() <= 3);
}

TEST_CASE("a strategy that vectors do not have is refused", "[vectors]") {
    WHY("what is not offered is said, not silently replaced");
    CHECK_THROWS_AS(VectorPool<int>(1, 1, Strategy::thread_cached), std::invalid_argument);
    VectorPool<int> pool(1, 1, Strategy::locked);
    CHECK(pool.acquire()->empty());
}

TEST_CASE("a capacity that no vector can have is memory that is not there", "[vectors]") {
    WHY("whoever runs out of memory catches std::bad_alloc, however much was asked for");
    for (const std::size_t capacity :
         {std::numeric_limits<std::size_t>::max(), std::numeric_limits<std::size_t>::max() / 2}) {
        CAPTURE(capacity);
        VectorPool<int> pool(capacity);
        CHECK_THROWS_AS(pool.acquire(), std::bad_alloc);
        CHECK(pool.pooled() == 0);
    }
}
