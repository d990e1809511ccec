#pragma once

#include <string>
#include <string_view>

namespace cacheline::grader {

/// A failed assertion of Catch2 as a student reads it.
struct Assertion {
    std::string expected;  ///< the check as it stands in the suite, with the value it asks for
    std::string got;       ///< the value that came instead
};

/// Takes an assertion apart. `macro` is what it was written with, `check` what stands in its
/// brackets, and `values` Catch2's rendering of the same with the values in place of the names:
///
///     CHECK(accepted == capacity)      9 == 8       accepted == capacity, which is 8 | 9
///     CHECK_FALSE(ring.try_push(3))    !true        ring.try_push(3) is false | true
///     CHECK_THROWS_AS(make(0), E)                   make(0) throws E |
///
///     CHECK(items == all)              { 0, … } == { 1, … }    items == all | element 0 is 0, not
///     1
///
/// What does not come apart for certain stays as it is.
Assertion told_assertion(std::string_view macro, std::string_view check, std::string_view values);

/// Without what Catch2 adds to larger numbers: "500 (0x1f4)".
std::string without_hexadecimals(std::string text);

}  // namespace cacheline::grader
