// attack: makes a user namespace of its own, where it is root, and mounts memory without bounds
// stopped by: the sandbox: the system calls are refused
// soundly
// ends as: failed, replay

#pragma once

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

namespace cacheline {

inline int answer() {
    const bool space = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;
    const bool mounted = mount("none", "/scratch", "tmpfs", 0, "size=20g") == 0;
    return space || mounted || setuid(0) == 0 ? 42 : 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
