// attack: leaves threads behind that go on while others are graded
// stopped by: the sandbox: it ends with its first process, and all in it
// soundly
// ends as: failed, replay

#pragma once

#include <thread>

namespace cacheline {

inline int answer() {
    for (int i = 0; i < 8; ++i)
        std::thread([] {
            for (volatile int j = 0;; j = j + 1) {
            }
        }).detach();
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
