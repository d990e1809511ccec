#pragma once

// The general allocators to stand beside, each opened for itself: linked in, they would replace the
// malloc of the whole process, and of the baseline with it.

#include <dlfcn.h>

#include <cstddef>
#include <cstdlib>

namespace cacheline::bench {

/// An allocator's malloc and free.
struct Malloc {
    void* (*allocate)(std::size_t) = nullptr;
    void (*release)(void*) = nullptr;
};

inline Malloc system_malloc() {
    return {&std::malloc, &std::free};
}

/// Empty if the library is not there.
inline Malloc open_malloc(const char* library, const char* allocate, const char* release) {
    void* const handle = dlopen(library, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    if (handle == nullptr) return {};
    return {reinterpret_cast<void* (*)(std::size_t)>(dlsym(handle, allocate)),
            reinterpret_cast<void (*)(void*)>(dlsym(handle, release))};
}

inline Malloc jemalloc() {
    return open_malloc("libjemalloc.so.2", "malloc", "free");
}
inline Malloc tcmalloc() {
    return open_malloc("libtcmalloc_minimal.so.4", "tc_malloc", "tc_free");
}
inline Malloc mimalloc() {
    return open_malloc("libmimalloc.so.2", "mi_malloc", "mi_free");
}

}  // namespace cacheline::bench
