#pragma once

#include <cstddef>
#include <new>

// The operators that a program may replace, by defining them: 8 forms of new and 12 of delete
// (<new> declares them too, but Clang the sized ones only under -fsized-deallocation).
//
// Who calls which:
//
//     new T, new T[n]             plain; aligned where alignof(T) is greater than
//                                 __STDCPP_DEFAULT_NEW_ALIGNMENT__
//     new (std::nothrow) T        nothrow, which returns null instead of throwing
//     delete                      sized where the compiler knows the size, else plain
//     a constructor that throws   the delete with the parameters of the new
//     containers, std::allocator  plain or aligned, sized on the way back

// Clang's ThreadSanitizer brings definitions of its own that suffer no others but weak ones; it
// then keeps its own.
#define CACHELINE_REPLACES
#if defined(__clang__)
#    if __has_feature(thread_sanitizer)
#        undef CACHELINE_REPLACES
#        define CACHELINE_REPLACES __attribute__((weak))
#    endif
#endif

CACHELINE_REPLACES void* operator new(std::size_t);
CACHELINE_REPLACES void* operator new[](std::size_t);
CACHELINE_REPLACES void* operator new(std::size_t, const std::nothrow_t&) noexcept;
CACHELINE_REPLACES void* operator new[](std::size_t, const std::nothrow_t&) noexcept;
CACHELINE_REPLACES void* operator new(std::size_t, std::align_val_t);
CACHELINE_REPLACES void* operator new[](std::size_t, std::align_val_t);
CACHELINE_REPLACES void* operator new(std::size_t, std::align_val_t,
                                      const std::nothrow_t&) noexcept;
CACHELINE_REPLACES void* operator new[](std::size_t, std::align_val_t,
                                        const std::nothrow_t&) noexcept;

CACHELINE_REPLACES void operator delete(void*) noexcept;
CACHELINE_REPLACES void operator delete[](void*) noexcept;
CACHELINE_REPLACES void operator delete(void*, std::size_t) noexcept;
CACHELINE_REPLACES void operator delete[](void*, std::size_t) noexcept;
CACHELINE_REPLACES void operator delete(void*, const std::nothrow_t&) noexcept;
CACHELINE_REPLACES void operator delete[](void*, const std::nothrow_t&) noexcept;
CACHELINE_REPLACES void operator delete(void*, std::align_val_t) noexcept;
CACHELINE_REPLACES void operator delete[](void*, std::align_val_t) noexcept;
CACHELINE_REPLACES void operator delete(void*, std::size_t, std::align_val_t) noexcept;
CACHELINE_REPLACES void operator delete[](void*, std::size_t, std::align_val_t) noexcept;
CACHELINE_REPLACES void operator delete(void*, std::align_val_t, const std::nothrow_t&) noexcept;
CACHELINE_REPLACES void operator delete[](void*, std::align_val_t, const std::nothrow_t&) noexcept;
