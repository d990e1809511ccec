// The exercise's part of the program that has all exercises in it.

#include <all_exercises.hpp>

#include "together/part.hpp"

namespace {

using namespace cacheline;

const together::AddPart kPart("01-layout-optimizer", [] {
    struct Order {
        char side;
        double price;
        char kind;
    };
    const Record order = CACHELINE_DESCRIBE(Order, side, price, kind);
    const Target& here = target("x86_64-linux");
    together::expect(place(order, here).size == 24, "the layout is wrong");
    together::expect(place(reorder(order, here), here).size == 16, "the order is wrong");
});

}  // namespace
