#include "support/suite.hpp"

#include <sample.hpp>

TEST_CASE("the answer is known", "[answer][asan][tsan]") {
    WHY("everything else depends on it");
    CHECK(cacheline::answer() == 42);
}

TEST_CASE("the answer, asked again, is the same", "[answer]") {
    WHY("an answer that changes is none");
    const int first = cacheline::answer();
    CHECK(cacheline::answer() == first);
}

TEST_CASE("an echo gives back what it is given", "[echo][asan]") {
    SEEDED_RNG(rng);
    const int value = static_cast<int>(rng() % 1000);
    CHECK(cacheline::echo(value) == value);
}
