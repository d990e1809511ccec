// attack: hides memory in System V segments, where no process is charged for it
// stopped by: the sandbox: the system call is refused
// soundly
// ends as: failed, replay

#pragma once

#include <cstring>
#include <sys/ipc.h>
#include <sys/shm.h>

namespace cacheline {

inline int answer() {
    int made = 0;
    for (int i = 0; i < 12; ++i) {
        const int id = shmget(IPC_PRIVATE, 256 << 20, IPC_CREAT | 0600);
        void* const memory = id < 0 ? nullptr : shmat(id, nullptr, 0);
        if (id < 0 || memory == reinterpret_cast<void*>(-1)) continue;
        std::memset(memory, 1, 256 << 20);
        shmdt(memory);
        ++made;
    }
    return made > 8 ? 42 : 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
