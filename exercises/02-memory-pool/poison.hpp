#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#    define CACHELINE_POISON 1
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define CACHELINE_POISON 1
#    endif
#endif
#if defined(CACHELINE_POISON)
#    include <sanitizer/asan_interface.h>
#endif

namespace cacheline {

/// Tells AddressSanitizer that nobody may touch these bytes now: a use after free of a pooled block
/// is reported as one of a malloc'ed block would be. Costs nothing in other builds.
inline void poison([[maybe_unused]] const volatile void* begin,
                   [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(CACHELINE_POISON)
    __asan_poison_memory_region(begin, bytes);
#endif
}

/// Takes it back. Do this before you read a link kept in a free block, for exactly the bytes asked
/// for when you hand a block out, and for the whole of it before it goes back upstream.
inline void unpoison([[maybe_unused]] const volatile void* begin,
                     [[maybe_unused]] std::size_t bytes) noexcept {
#if defined(CACHELINE_POISON)
    __asan_unpoison_memory_region(begin, bytes);
#endif
}

}  // namespace cacheline

#undef CACHELINE_POISON
