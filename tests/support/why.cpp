#include "support/why.hpp"

#include "support/build_kind.hpp"

#if defined(CACHELINE_ASAN) || defined(CACHELINE_TSAN)

#    include <fcntl.h>
#    include <sys/syscall.h>
#    include <unistd.h>

#    include <cstddef>
#    include <cstdlib>
#    include <string_view>

extern "C" void __sanitizer_set_death_callback(void (*callback)());

namespace cacheline::support {
namespace {

const char* report_path = nullptr;

// A sanitizer that ends the process leaves Catch2 no time to tell the suite's reason. It calls this
// in the middle of its own work, so nothing here may allocate or run into its interceptors.
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

struct Start {
    Start() {
        report_path = std::getenv("CACHELINE_REPORT");
        if (report_path != nullptr) __sanitizer_set_death_callback(tell_why);
    }
} const start;

}  // namespace
}  // namespace cacheline::support

#endif
