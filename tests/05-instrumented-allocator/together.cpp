// The exercise's part of the program that has all exercises in it.

#include <all_exercises.hpp>

#include "together/part.hpp"

namespace {

using namespace cacheline;

const together::AddPart kPart("05-instrumented-allocator", [] {
    InstrumentedResource resource(std::pmr::new_delete_resource());
    const std::pmr::vector<int> numbers({1, 2, 3}, &resource);
    together::expect(resource.stats().live_blocks == 1, "the block is not counted");
    together::expect(global_stats().allocations != 0, "operator new is not counted");
});

}  // namespace
