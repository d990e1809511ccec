// The exercise's part of the program that has all exercises in it.

#include <all_exercises.hpp>

#include "together/part.hpp"

namespace {

using namespace cacheline;

const together::AddPart kPart("03-zero-copy", [] {
    CsvReader csv("name,side\nAda,buy\n");
    together::expect(csv.next() && csv[1] == "side", "the first record is wrong");
    together::expect(to_upper(std::string_view("buy")).view() == "BUY", "the text is wrong");
});

}  // namespace
