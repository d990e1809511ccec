#include "support/watchdog.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "support/build_kind.hpp"
#include "support/json_line.hpp"
#include "support/why.hpp"

namespace cacheline::support {

Watchdog::Watchdog(std::chrono::milliseconds limit, std::string promise, std::string why)
    : limit_(kSanitized ? 4 * limit : limit),
      promise_(std::move(promise)),
      why_(std::move(why)),
      thread_(&Watchdog::watch, this) {}

Watchdog::~Watchdog() {
    {
        const std::lock_guard lock(mutex_);
        called_off_ = true;
    }
    over_.notify_one();
    thread_.join();
}

void Watchdog::watch() {
    std::unique_lock lock(mutex_);
    if (over_.wait_for(lock, limit_, [this] { return called_off_; })) return;

    const auto ms = limit_.count();
    const std::string broken =
        promise_ + " within " +
        (ms % 1000 == 0 ? std::to_string(ms / 1000) + " s" : std::to_string(ms) + " ms");
    std::fprintf(stderr, "watchdog: %s\n", broken.c_str());
    // Catch2's stream belongs to a thread that hangs, so the line goes to the report by itself.
    if (const char* path = std::getenv("CACHELINE_REPORT")) {
        if (std::FILE* report = std::fopen(path, "a")) {
            const std::string why = why_.empty() ? last_why.load() : why_;
            std::fputs(JsonLine("broken").add("promise", broken).add("why", why).text().c_str(),
                       report);
            std::fclose(report);
        }
    }
    _exit(3);
}

}  // namespace cacheline::support
