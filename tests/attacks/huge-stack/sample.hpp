// attack: recurses until the stack is gone
// stopped by: a crash, which is no pass
// soundly
// ends as: crashed, failed

#pragma once

namespace cacheline {

inline int deep(int n) {
    volatile char block[4096]{};
    block[0] = static_cast<char>(n);
    return n == 0 ? 0 : deep(n - 1) + block[0];
}

inline int answer() {
    return deep(1 << 30);
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
