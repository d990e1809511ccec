#pragma once

#include "target.hpp"

namespace cacheline {

/// The target of the cases that ask for sizes and offsets by hand.
[[nodiscard]] inline const Target& linux64() {
    return target("x86_64-linux");
}

}  // namespace cacheline
