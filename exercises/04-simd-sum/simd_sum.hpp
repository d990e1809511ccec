#pragma once

#include <cstddef>
#include <span>

// Highway 1.0 stops with "best baseline should be included" where the compiler may use all of
// AVX3_DL (-march=native on a recent x86), unless it is asked for that target. Harmless elsewhere.
#if defined(__AVXVNNI__) && defined(__AVX512VBMI2__) && !defined(HWY_WANT_AVX3_DL)
#    define HWY_WANT_AVX3_DL
#endif

namespace cacheline {

// Four sums of the same floats, from the plainest to the most careful. Below, n is the number of
// elements, S their exact sum, Σ|xᵢ| the exact sum of their magnitudes, and u = 2⁻²⁴ the most that
// one rounding to float can be off, relatively. All four
//
// - take any length, 0 included (the sum is 0), and any address that a float may have;
// - read the elements of `x` and nothing else, allocate nothing, throw nothing, and may run on any
//   number of threads at once;
// - treat infinities and NaN as IEEE addition does: NaN if there is a NaN or infinities of both
//   signs, else the infinity that there is (if the finite elements keep to the limits below);
// - count subnormal numbers like any others. The sign of a zero sum is unspecified.
//
// Overflow. Rounding makes an infinity of 2¹²⁸ − 2¹⁰³ and more, and moves what is below by up to
// 2¹⁰³, half the distance of the largest floats. A sum of n floats takes n − 1 additions, so in
// whatever order they are made, the results of all four for finite elements are
//
// - finite if Σ|xᵢ| < 2¹²⁸ − (n − 1)·2¹⁰³, or for any n if Σ|xᵢ| is at most a quarter of the
//   largest float;
// - an infinity if two or more elements, all of one sign, have Σ|xᵢ| ≥ 2¹²⁸ + (n − 3)·2¹⁰³.
//
// `sum_ordered` reaches both limits. The others have narrower ones on long data, from the bounds of
// their errors. Beyond the limits a result may be finite or infinite, and NaN if the elements are
// not of one sign: partial sums overflow, or do not, depending on the order.

/// Adds from left to right, starting from 0 and rounding to float after each addition: the order
/// that a plain loop has and that no compiler may change. The error can grow with n.
[[nodiscard]] float sum_ordered(std::span<const float> x);

/// Adds the sums of two halves, each found in the same way. Runs of up to 128 elements may be added
/// from left to right, so that |error| ≤ e·Σ|xᵢ| with e = (128 + log₂ n)·u. Finite also if
/// (1 + e)·Σ|xᵢ| < 2¹²⁸ − 2¹⁰³; for elements of one sign infinite if (1 − e)·Σ|xᵢ| is not less
/// than that. Plain C++ is enough for this one.
[[nodiscard]] float sum_pairwise(std::span<const float> x);

/// The fast sum: as many lanes as the machine has, found at run time by Highway's dynamic dispatch,
/// right on each of its targets.
///
/// Accuracy: |error| ≤ 128·u·Σ|xᵢ| whatever the data and however long: the error does not grow with
/// n. At most 1 ulp (the distance of neighbouring floats at S) off on 100,000 or more values drawn
/// uniformly from [0, 1), whose roundings cancel out. The limits of overflow are those of
/// `sum_pairwise`, with e = 128·u.
///
/// Independence: with vectors of L floats and data aligned to a vector, no element passes through
/// more than n/(4·L) + 32 additions (those to a value that no element has reached yet do not
/// count). So at least four additions are under way at any time, which hides their latency.
[[nodiscard]] float sum(std::span<const float> x);

/// The careful sum, also vectorized by way of Highway: as good as if computed with twice the
/// precision, then rounded. |error| ≤ u·|S| + γ²·Σ|xᵢ| with γ = (n − 1)·u / (1 − (n − 1)·u), the
/// bound of Sum2 in Ogita, Rump and Oishi, "Accurate sum and dot product" (2005), for n below 2²⁴;
/// and at most 1 ulp off for up to 2²⁸ elements of one sign. Infinite for elements of one sign, n
/// below 2²⁴, if (1 − γ²)·Σ|xᵢ| ≥ 2¹²⁸ − 2¹⁰³, however little each adds. (How far below that the
/// result is finite is said above: the sum may be one of floats, whose errors are added last.)
[[nodiscard]] float sum_compensated(std::span<const float> x);

}  // namespace cacheline
