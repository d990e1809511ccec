#pragma once

#include <cstddef>
#include <cstdint>

namespace cacheline {

/// In which order a batch is walked: sequential (0, 1, 2, …), strided (0, s, 2s, …, then 1, s + 1,
/// …) or random (a permutation that the seed determines).
struct AccessOrder {
    enum class Kind { kSequential, kStrided, kRandom };

    Kind kind = Kind::kSequential;
    std::size_t stride = 1;  ///< in elements, for kStrided
    std::uint64_t seed = 0;  ///< for kRandom

    [[nodiscard]] static AccessOrder sequential() { return {}; }
    [[nodiscard]] static AccessOrder strided(std::size_t stride) {
        return {Kind::kStrided, stride, 0};
    }
    [[nodiscard]] static AccessOrder random(std::uint64_t seed) { return {Kind::kRandom, 1, seed}; }
};

}  // namespace cacheline
