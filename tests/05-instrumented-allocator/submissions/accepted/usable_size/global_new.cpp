// accepted: no header, but malloc_usable_size at both ends

#include <malloc.h>

#include <cstddef>
#include <cstdlib>
#include <instrumented_allocator.hpp>
#include <new>
#include <replaceable.hpp>

using cacheline::AllocationStats;
using std::align_val_t;
using std::nothrow_t;
using std::size_t;

namespace {

constinit cacheline::Counters counters;

void* take(size_t size, size_t alignment = 1) {
    for (;;) {
        void* block = nullptr;
        if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
            block = std::malloc(size == 0 ? 1 : size);
        } else if (posix_memalign(&block, alignment, size == 0 ? 1 : size) != 0) {
            block = nullptr;
        }
        if (block != nullptr) {
            counters.allocated(malloc_usable_size(block));
            return block;
        }
        if (const std::new_handler handler = std::get_new_handler()) {
            try {
                handler();
                continue;
            } catch (...) {
                counters.failed();
                throw;
            }
        }
        counters.failed();
        throw std::bad_alloc();
    }
}

void* take_or_null(size_t size, size_t alignment = 1) noexcept {
    try {
        return take(size, alignment);
    } catch (...) {
        return nullptr;
    }
}

void give(void* block, size_t = 1) noexcept {
    if (block == nullptr) return;
    counters.deallocated(malloc_usable_size(block));
    std::free(block);
}

constexpr size_t value(align_val_t alignment) noexcept {
    return static_cast<size_t>(alignment);
}

}  // namespace

AllocationStats cacheline::global_stats() {
    return counters.stats();
}

void* operator new(size_t size) {
    return take(size);
}
void* operator new[](size_t size) {
    return take(size);
}
void* operator new(size_t size, const nothrow_t&) noexcept {
    return take_or_null(size);
}
void* operator new[](size_t size, const nothrow_t&) noexcept {
    return take_or_null(size);
}
void* operator new(size_t size, align_val_t a) {
    return take(size, value(a));
}
void* operator new[](size_t size, align_val_t a) {
    return take(size, value(a));
}
void* operator new(size_t size, align_val_t a, const nothrow_t&) noexcept {
    return take_or_null(size, value(a));
}
void* operator new[](size_t size, align_val_t a, const nothrow_t&) noexcept {
    return take_or_null(size, value(a));
}

void operator delete(void* block) noexcept {
    give(block);
}
void operator delete[](void* block) noexcept {
    give(block);
}
void operator delete(void* block, size_t) noexcept {
    give(block);
}
void operator delete[](void* block, size_t) noexcept {
    give(block);
}
void operator delete(void* block, const nothrow_t&) noexcept {
    give(block);
}
void operator delete[](void* block, const nothrow_t&) noexcept {
    give(block);
}
void operator delete(void* block, align_val_t a) noexcept {
    give(block, value(a));
}
void operator delete[](void* block, align_val_t a) noexcept {
    give(block, value(a));
}
void operator delete(void* block, size_t, align_val_t a) noexcept {
    give(block, value(a));
}
void operator delete[](void* block, size_t, align_val_t a) noexcept {
    give(block, value(a));
}
void operator delete(void* block, align_val_t a, const nothrow_t&) noexcept {
    give(block, value(a));
}
void operator delete[](void* block, align_val_t a, const nothrow_t&) noexcept {
    give(block, value(a));
}
