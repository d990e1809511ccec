#pragma once

namespace cacheline {

inline int answer() {
    return 42;
}

inline int echo(int value) {
    return value;
}

}  // namespace cacheline
