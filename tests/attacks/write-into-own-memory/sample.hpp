// attack: writes to read-only memory through /proc/self/mem, to turn its code into another
// stopped by: the replay: what it computes is wrong
// soundly
// ends as: failed, replay

#pragma once

#include <cstdint>
#include <fstream>

namespace cacheline {

inline const volatile int kWrong = 7;

inline int answer() {
    std::fstream memory("/proc/self/mem", std::ios::in | std::ios::out | std::ios::binary);
    memory.seekp(static_cast<std::streamoff>(reinterpret_cast<std::uintptr_t>(&kWrong)));
    const int other = 8;
    memory.write(reinterpret_cast<const char*>(&other), sizeof other);
    memory.flush();
    return kWrong;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
