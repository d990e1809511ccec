// The exercise's part of the program that has all exercises in it.

#include <all_exercises.hpp>

#include "together/part.hpp"

namespace {

using namespace cacheline;

const together::AddPart kPart("07-parallel-processor", [] {
    ParallelProcessor processor(2);
    const std::vector<int> numbers{1, 2, 3};
    const std::vector<int> squares =
        processor.process_parallel(numbers, [](int n) { return n * n; });
    together::expect(squares == std::vector<int>({1, 4, 9}), "the results are wrong");
});

}  // namespace
