#pragma once

#include <hwy/aligned_allocator.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace cacheline {

/// Floats at an address that suits every vector.
class Data {
public:
    explicit Data(std::size_t n)
        : x_(hwy::AllocateAligned<float>(std::max<std::size_t>(n, 1))), n_(n) {
        std::fill_n(x_.get(), n, 0.0f);
    }

    /// element(i) for each i.
    template <typename Element>
    Data(std::size_t n, Element element) : Data(n) {
        for (std::size_t i = 0; i < n; ++i)
            x_[i] = element(i);
    }

    [[nodiscard]] float& operator[](std::size_t i) { return x_[i]; }
    [[nodiscard]] std::size_t size() const { return n_; }
    [[nodiscard]] std::span<float> span() { return {x_.get(), n_}; }

private:
    hwy::AlignedFreeUniquePtr<float[]> x_;
    std::size_t n_;
};

/// Random numbers at a nanosecond each, for data by the million: SplitMix64 (Steele, Lea and Flood
/// 2014).
class FastRandom {
public:
    explicit FastRandom(std::uint64_t seed) : state_(seed) {}

    std::uint64_t operator()() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }

    /// From 0 to bound - 1.
    std::uint64_t below(std::uint64_t bound) { return operator()() % bound; }

    /// One of the 2²⁴ multiples of 2⁻²⁴ in [0, 1).
    float uniform() { return static_cast<float>(operator()() >> 40) * 0x1p-24f; }

private:
    std::uint64_t state_;
};

}  // namespace cacheline
