// attack: brings a weak main of its own, which the linker would not mind
// stopped by: the linker: a strong main goes before a weak one
// soundly
// ends as: failed, replay

#pragma once

int __attribute__((weak)) main() {
    return 0;
}

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
