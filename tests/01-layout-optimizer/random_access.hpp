#pragma once

// Records with hot fields and several writers, of sizes around that of a cache line.

#include <cstdint>
#include <random>
#include <string>

#include "record.hpp"

namespace cacheline {

[[nodiscard]] inline Record random_shared(std::mt19937_64& rng, std::uint64_t max_fields) {
    const auto below = [&](std::uint64_t bound) { return rng() % bound; };
    const Record nested{"Nested", {Field{"a", Scalar::kInt64}, Field{"b", Scalar::kInt32, 9}}};
    Record record{"Shared", {}};
    const std::uint64_t count = 1 + below(max_fields);
    for (std::uint64_t i = 0; i < count; ++i) {
        Field field{'f' + std::to_string(i), static_cast<Scalar>(below(10))};
        if (below(8) == 0) field.type = nested;
        if (below(2) == 0) field.count = 1 + below(below(3) == 0 ? 120 : 14);
        if (below(12) == 0) field.min_align = std::uint64_t{1} << below(9);
        if (below(3) != 0) field.access.writer = static_cast<int>(below(3));
        field.access.hot = below(3) == 0;
        record.fields.push_back(field);
    }
    if (below(6) == 0) record.min_align = std::uint64_t{1} << below(9);
    record.packed = below(10) == 0;
    return record;
}

}  // namespace cacheline
