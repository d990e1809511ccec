#pragma once

#include <atomic>

namespace cacheline::support {

/// The reason that the suite gave last (WHY in suite.hpp), for whoever ends a test case from
/// another thread, where Catch2's own messages are out of reach.
inline std::atomic<const char*> last_why{""};

}  // namespace cacheline::support
