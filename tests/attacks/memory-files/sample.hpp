// attack: hides memory in anonymous files, where no process is charged for it
// stopped by: the sandbox: the system call is refused
// soundly
// ends as: failed, replay

#pragma once

#include <array>
#include <sys/mman.h>
#include <unistd.h>

namespace cacheline {

inline int answer() {
    static std::array<char, 1 << 20> block{};
    block.fill(1);
    long written = 0;
    for (int i = 0; i < 10; ++i) {
        const int fd = memfd_create("hidden", 0);
        for (int j = 0; fd >= 0 && j < 200; ++j)
            written += write(fd, block.data(), block.size());
    }
    return written > (1L << 30) ? 42 : 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
