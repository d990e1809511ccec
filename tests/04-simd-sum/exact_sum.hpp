#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace cacheline {

/// The exact sum of any finite floats: a fixed-point number wide enough for every one of them, so
/// that nothing is ever rounded (the "long accumulator" of Kulisch). All floats are multiples of
/// 2⁻¹⁴⁹ below 2¹²⁸, which makes 277 bits; limbs of 32 bits in 64 leave room for 2³¹ carries.
class ExactSum {
public:
    ExactSum() = default;
    explicit ExactSum(std::span<const float> x) {
        for (const float value : x)
            add(value);
    }

    void add(float value) noexcept {
        const auto bits = std::bit_cast<std::uint32_t>(value);
        const std::uint32_t exponent = bits >> 23 & 0xff;
        const std::uint64_t mantissa = (bits & 0x7fffff) | (exponent == 0 ? 0u : 0x800000u);
        const std::uint32_t position =
            exponent == 0 ? 0 : exponent - 1;  // of the last bit, over 2⁻¹⁴⁹
        const std::uint64_t shifted = mantissa << position % 32;
        const auto low = static_cast<std::int64_t>(shifted & 0xffffffff);
        const auto high = static_cast<std::int64_t>(shifted >> 32);
        const std::size_t limb = position / 32;
        if (bits >> 31 != 0) {
            limbs_[limb] -= low;
            limbs_[limb + 1] -= high;
        } else {
            limbs_[limb] += low;
            limbs_[limb + 1] += high;
        }
    }

    /// The sum, rounded to double (to within 2⁻⁵⁰, relatively).
    [[nodiscard]] double value() const noexcept {
        Limbs limbs = limbs_;
        const bool negative = carry(limbs) < 0;
        if (negative) {
            for (std::int64_t& limb : limbs)
                limb = -limb;
            carry(limbs);
        }
        double sum = 0;
        for (std::size_t i = limbs.size(); i-- > 0;)
            sum += std::ldexp(static_cast<double>(limbs[i]), static_cast<int>(32 * i) - 149);
        return negative ? -sum : sum;
    }

    /// result − S, computed exactly and then rounded to double.
    [[nodiscard]] double error_of(float result) const noexcept {
        ExactSum difference = *this;
        difference.add(-result);
        return -difference.value();
    }

    /// |result − S| in units of the distance of neighbouring floats at S; infinite if there is
    /// none.
    [[nodiscard]] double ulps_of(float result) const noexcept {
        if (!std::isfinite(result)) return std::numeric_limits<double>::infinity();
        const double exact = std::fabs(value());
        const int exponent = exact == 0 ? -149 : std::ilogb(exact) - 23;
        return std::fabs(error_of(result)) / std::ldexp(1.0, exponent < -149 ? -149 : exponent);
    }

private:
    using Limbs = std::array<std::int64_t, 10>;

    // Brings every limb but the last into [0, 2³²); the last one then has the sign of the whole.
    static std::int64_t carry(Limbs& limbs) noexcept {
        for (std::size_t i = 0; i + 1 < limbs.size(); ++i) {
            limbs[i + 1] += limbs[i] >> 32;
            limbs[i] &= 0xffffffff;
        }
        return limbs.back();
    }

    Limbs limbs_{};
};

/// u = 2⁻²⁴, the most that one rounding to float can be off, relatively.
inline constexpr double kUnitRoundoff = 0x1p-24;

/// Σ|xᵢ|, to within 2⁻²⁹ of itself at any length used here.
[[nodiscard]] inline double sum_of_magnitudes(std::span<const float> x) noexcept {
    double sum = 0;
    for (const float value : x)
        sum += std::fabs(static_cast<double>(value));
    return sum;
}

}  // namespace cacheline
