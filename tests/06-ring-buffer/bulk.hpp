#pragma once

#include <chrono>

#include "support/watchdog.hpp"

namespace cacheline::tests {

inline support::Watchdog watch_bulk() {
    using namespace std::chrono_literals;
    return support::Watchdog(8s, "push_n or pop_n did not come to its end",
                             "they take what fits and never wait for the rest");
}

}  // namespace cacheline::tests
