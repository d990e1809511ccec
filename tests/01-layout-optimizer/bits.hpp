#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "record.hpp"

namespace cacheline {

/// A bit-field of `width` bits.
[[nodiscard]] inline Field bits(std::string name, Scalar type, std::uint64_t width,
                                Access access = {}) {
    return Field{.name = std::move(name), .type = type, .access = access, .bits = width};
}

}  // namespace cacheline
