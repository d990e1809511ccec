#pragma once

namespace cacheline::support {

#if defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define CACHELINE_ASAN 1
#    elif __has_feature(thread_sanitizer)
#        define CACHELINE_TSAN 1
#    endif
#elif defined(__SANITIZE_ADDRESS__)
#    define CACHELINE_ASAN 1
#elif defined(__SANITIZE_THREAD__)
#    define CACHELINE_TSAN 1
#endif

#if defined(CACHELINE_ASAN)
inline constexpr bool kAsan = true;
#else
inline constexpr bool kAsan = false;
#endif
#if defined(CACHELINE_TSAN)
inline constexpr bool kTsan = true;
#else
inline constexpr bool kTsan = false;
#endif
/// A sanitizer is watching: code runs several times slower, and locks and malloc are its own.
inline constexpr bool kSanitized = kAsan || kTsan;

}  // namespace cacheline::support
