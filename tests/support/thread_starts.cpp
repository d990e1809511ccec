#include "support/thread_starts.hpp"

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <limits>

#include "support/build_kind.hpp"

namespace cacheline::support {
namespace {

constinit std::atomic<std::size_t> started{0};
constinit std::atomic<std::size_t> limit{std::numeric_limits<std::size_t>::max()};

}  // namespace

std::size_t ThreadStarts::count() noexcept {
    return started;
}
void ThreadStarts::refuse_after(std::size_t more) noexcept {
    limit = started + more;
}
void ThreadStarts::refuse_none() noexcept {
    limit = std::numeric_limits<std::size_t>::max();
}

std::size_t live_threads() {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

}  // namespace cacheline::support

#if !defined(CACHELINE_ASAN) && !defined(CACHELINE_TSAN)

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*run)(void*), void* argument) noexcept {
    using Function = int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
    static Function* const real = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, "pthread_create"));
    if (cacheline::support::started >= cacheline::support::limit) return EAGAIN;
    const int error = real(thread, attributes, run, argument);
    if (error == 0) ++cacheline::support::started;
    return error;
}

#endif
