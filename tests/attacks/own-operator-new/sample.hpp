// attack: replaces operator new, to take memory that no counter sees
// stopped by: the counters: they count malloc and its kin, not operator new; and the inspection
// only made harder: memory taken from the kernel, or kept from before, is not counted
// ends as: error
// earns: 100

#pragma once

#include <cstdlib>
#include <new>
void* operator new(std::size_t size) {
    return std::malloc(size);
}
void operator delete(void* block) noexcept {
    std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
    std::free(block);
}

#include <cstdlib>
#include <new>

namespace cacheline {

inline int answer() {
    return 42;
}

inline int echo(int value) {
    return value;
}

}  // namespace cacheline
