#pragma once

#include <cstddef>

#include "support/build_kind.hpp"

#if defined(CACHELINE_ASAN)
#    include <sanitizer/asan_interface.h>
#endif

namespace cacheline::support {

/// How many of the first `bytes` bytes from `begin` on a program may touch. Only ASan knows better
/// than to say all of them.
inline std::size_t touchable_from([[maybe_unused]] const void* begin, std::size_t bytes) {
#if defined(CACHELINE_ASAN)
    for (std::size_t i = 0; i < bytes; ++i)
        if (__asan_address_is_poisoned(static_cast<const char*>(begin) + i) != 0) return i;
#endif
    return bytes;
}

}  // namespace cacheline::support
