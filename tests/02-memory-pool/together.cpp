// The exercise's part of the program that has all exercises in it.

#include <all_exercises.hpp>

#include "together/part.hpp"

namespace {

using namespace cacheline;

const together::AddPart kPart("02-memory-pool", [] {
    PoolResource pool;
    const std::pmr::vector<int> numbers({1, 2, 3}, &pool);
    together::expect(pool.stats().allocations == 1, "the pool was not asked once");
    VectorPool<int> vectors(1);
    PooledVector<int> squares = vectors.acquire();
    squares.fill(4, [](std::size_t i) { return static_cast<int>(i * i); });
    together::expect(squares->back() == 9, "the vector was not filled");
});

}  // namespace
