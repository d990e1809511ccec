// attack: prints without end
// stopped by: the limits: 64 MiB of output
// soundly
// ends as: failed

#pragma once

#include <cstdio>
#include <string>

namespace cacheline {

inline int answer() {
    const std::string block(1 << 20, 'x');
    for (;;)
        std::fputs(block.c_str(), stdout);
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
