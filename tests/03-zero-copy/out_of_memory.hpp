#pragma once

#include <cstddef>
#include <new>
#include <string>

#include "support/allocation_counter.hpp"

namespace cacheline::support {

/// Makes `call` with its first allocation failing, then with its second, and so on, until it needs
/// no more of them. Returns after which failures `unharmed` was false, or nothing.
template <typename Call, typename Unharmed>
std::string harmful_failures(Call call, Unharmed unharmed) {
    constexpr std::size_t kMost = 1000;
    std::string harmful;
    for (std::size_t n = 1; n <= kMost; ++n) {
        bool done = true;
        {
            const FailingAllocation failing(n);
            try {
                call();
            } catch (const std::bad_alloc&) {
                done = false;
            }
        }
        if (done) return harmful;
        if (!unharmed()) harmful += "after failure of allocation " + std::to_string(n) + "; ";
    }
    return harmful + "it always fails";
}

}  // namespace cacheline::support
