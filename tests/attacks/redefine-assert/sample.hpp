// attack: redefines assert and static_assert as nothing
// stopped by: nothing is checked by them where it could matter, and the replay
// soundly
// ends as: failed, replay

#pragma once

#define NDEBUG
#define assert(...) static_cast<void>(0)
#define static_assert(...) static_assert(true)

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
