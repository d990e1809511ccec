#pragma once

#include <chrono>
#include <cstdint>

#include "counter.hpp"

namespace cacheline::pool_detail {

/// Times one call, or does nothing if nobody wants to know.
class Stopwatch {
public:
    explicit Stopwatch(bool on) noexcept : on_(on) {
        if (on_) start_ = Clock::now();
    }

    /// Adds the time since the start to a total of the caller's own.
    void stop(Counter<std::int64_t>& total) const noexcept {
        if (on_) total.add(std::chrono::nanoseconds(Clock::now() - start_).count());
    }

private:
    using Clock = std::chrono::steady_clock;
    bool on_;
    Clock::time_point start_{};
};

}  // namespace cacheline::pool_detail
