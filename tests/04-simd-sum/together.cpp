// The exercise's part of the program that has all exercises in it.

#include <all_exercises.hpp>

#include "together/part.hpp"

namespace {

using namespace cacheline;

const together::AddPart kPart("04-simd-sum", [] {
    const std::vector<float> ones(1000, 1.0F);
    together::expect(sum(ones) == 1000, "the sum is wrong");
    together::expect(sum_compensated(ones) == 1000, "the compensated sum is wrong");
});

}  // namespace
