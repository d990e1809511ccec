// bad: [failed] AddressSanitizer: heap-buffer-overflow

#pragma once

#include <memory>

namespace cacheline {

inline int answer() {
    const std::unique_ptr<int[]> numbers(new int[4]{});
    volatile int past = 4;
    const volatile int read = numbers[static_cast<unsigned>(past)];
    return read == 7 ? 7 : 42;
}

inline int echo(int value) { return value; }

}  // namespace cacheline
