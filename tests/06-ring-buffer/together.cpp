// The exercise's part of the program that has all exercises in it.

#include <all_exercises.hpp>

#include "together/part.hpp"

namespace {

using namespace cacheline;

const together::AddPart kPart("06-ring-buffer", [] {
    RingBuffer<int> ring(4);
    together::expect(ring.try_push(7) && ring.try_pop() == 7, "the item is lost");
});

}  // namespace
