#include "support/why.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <string_view>

#include "support/build_kind.hpp"

#if defined(CACHELINE_ASAN) || defined(CACHELINE_TSAN)
extern "C" void __sanitizer_set_death_callback(void (*callback)());
#endif

namespace cacheline::support {
namespace {

const char* report_path = nullptr;

// Who ends the process leaves Catch2 no time to tell the suite's reason. This is called in the
// middle of a sanitizer's own work, or of anything at all by a signal, so nothing here may allocate
// or run into interceptors.
__attribute__((no_sanitize("address", "thread"))) void tell_why() {
    static char line[1024];
    std::size_t size = 0;
    const auto add = [&](std::string_view text, bool quoted) {
        for (const char c : text) {
            if (size + 4 >= sizeof line) return;
            if (quoted && (c == '"' || c == '\\')) line[size++] = '\\';
            line[size++] = c;
        }
    };
    add("{\"event\":\"ended\",\"why\":\"", false);
    add(last_why.load(std::memory_order_relaxed), true);
    add("\"}", false);
    line[size++] = '\n';
    const long file = syscall(SYS_open, report_path, O_WRONLY | O_APPEND);
    if (file < 0) return;
    syscall(SYS_write, file, line, size);
    syscall(SYS_close, file);
}

// The grader ends what takes too long by a signal that nobody can handle, so the reason has to be
// told shortly before.
void tell_why_before(const char* limit_ms) {
    constexpr long kAhead = 500;
    const long ms = std::atol(limit_ms) - kAhead;
    if (ms <= 0) return;
    std::signal(SIGALRM, [](int) {
        const int error = errno;
        tell_why();
        errno = error;
    });
    const itimerval once{.it_interval = {}, .it_value = {ms / 1000, ms % 1000 * 1000}};
    setitimer(ITIMER_REAL, &once, nullptr);
}

struct Start {
    Start() {
        report_path = std::getenv("CACHELINE_REPORT");
        if (report_path == nullptr) return;
#if defined(CACHELINE_ASAN) || defined(CACHELINE_TSAN)
        __sanitizer_set_death_callback(tell_why);
#endif
        if (const char* const limit = std::getenv("CACHELINE_LIMIT_MS")) tell_why_before(limit);
    }
} const start;

}  // namespace
}  // namespace cacheline::support
