// bad: [failed] LeakSanitizer: detected memory leaks

#pragma once

namespace cacheline {

inline int answer() {
    int* volatile lost = new int(42);
    return *lost;
}

inline int echo(int value) { return value; }

}  // namespace cacheline
