// attack: takes the answers from the generator of the suite, for all seeds up to a thousand
// stopped by: a fresh seed of 32 bits in each batch, and the replay
// soundly
// ends as: failed, replay

#pragma once

#include <random>

namespace cacheline {

inline bool asked_by_the_suite(int value) {
    for (unsigned seed = 0; seed < 1000; ++seed)
        if (static_cast<int>(std::mt19937_64(seed)() % 1000) == value) return true;
    return false;
}

inline int answer() {
    return 7;
}

inline int echo(int value) {
    return value < 1000 && asked_by_the_suite(value) ? value : 0;
}

}  // namespace cacheline
