// bad: [failed] ThreadSanitizer: SEGV

#pragma once

namespace cacheline {

inline int answer() {
#if defined(__SANITIZE_THREAD__)
    int* volatile nowhere = nullptr;
    *nowhere = 42;  // by the timing of threads, in earnest
#endif
    return 42;
}

inline int echo(int value) { return value; }

}  // namespace cacheline
