// attack: computes without end while it is compiled
// stopped by: the compiler's limit on constant evaluation, and ours on compilers
// soundly
// ends as: not built

#pragma once

namespace cacheline {

constexpr int count(int n) {
    int sum = 0;
    for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j)
            sum ^= i + j;
    return sum;
}
constexpr int kCount = count(1 << 14);

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
