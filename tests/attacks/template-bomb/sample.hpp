// attack: instantiates templates without end
// stopped by: the limits on a compiler
// soundly
// ends as: not built

#pragma once

namespace cacheline {

template <int Depth, int Side>
struct Bomb {
    static constexpr int value =
        Bomb<Depth - 1, 2 * Side>::value + Bomb<Depth - 1, 2 * Side + 1>::value;
};
template <int Side>
struct Bomb<0, Side> {
    static constexpr int value = 1;
};

inline int answer() {
    return Bomb<28, 0>::value;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
