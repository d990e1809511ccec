// attack: fills every folder that it may write to
// stopped by: the sandbox: its scratch folder holds 64 MiB, and there is no other
// soundly
// ends as: failed, replay

#pragma once

#include <array>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace cacheline {

inline int answer() {
    static std::array<char, 1 << 20> block{};
    block.fill(1);
    long written = 0;
    for (const std::string folder : {"/", "/tmp/", "/scratch/", "/dev/", "/dev/shm/", "/dev/mqueue/",
                                     "/run/", "/var/tmp/", "/home/", "/etc/"})
        for (int i = 0; i < 10; ++i) {
            const std::string name = folder + "bomb" + std::to_string(i);
            const int fd = open(name.c_str(), O_WRONLY | O_CREAT, 0600);
            for (int j = 0; fd >= 0 && j < 100; ++j)
                if (const ssize_t n = write(fd, block.data(), block.size()); n > 0) written += n;
            close(fd);
        }
    return written > (256 << 20) ? 42 : 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
