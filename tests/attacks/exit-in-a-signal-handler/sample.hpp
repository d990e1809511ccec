// attack: crashes into a handler that exits with status 0
// stopped by: completeness: the report has no end
// soundly
// ends as: failed

#pragma once

#include <csignal>
#include <cstdlib>

namespace cacheline {

inline int answer() {
    std::signal(SIGSEGV, [](int) { std::_Exit(0); });
    std::raise(SIGSEGV);
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
