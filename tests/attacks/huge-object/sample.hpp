// attack: has an initialised array of 2 GB
// stopped by: the sandbox: a limit on the size of a file
// soundly
// ends as: not built, error

#pragma once

namespace cacheline {

inline char huge[2'000'000'000] = {1};

inline int answer() {
    return huge[0];
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
