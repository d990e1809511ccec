#pragma once

#include <cstddef>

namespace cacheline::support {

/// Counts the threads that the process starts, and can make the system refuse further ones. Only
/// release builds count and refuse: the sanitizers start threads in their own way.
struct ThreadStarts {
    /// How many pthread_create calls succeeded so far.
    static std::size_t count() noexcept;
    /// After `more` further threads pthread_create answers EAGAIN.
    static void refuse_after(std::size_t more) noexcept;
    static void refuse_none() noexcept;
};

/// How many threads the process has now, in any build.
std::size_t live_threads();

}  // namespace cacheline::support
