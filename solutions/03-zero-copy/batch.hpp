#pragma once

#include <access_order.hpp>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace cacheline {

/// What `Function` makes of a T, by value.
template <typename Function, typename T>
using ResultOf = std::remove_cvref_t<std::invoke_result_t<Function&, const T&>>;

namespace detail {

// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014; the
// constants are D. Stafford's "Mix13".
constexpr std::uint64_t mix(std::uint64_t x) noexcept {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

// x -> a x + c modulo a power of two goes through all residues before it repeats when c is odd and
// a - 1 a multiple of 4 (Hull and Dobell, SIAM Review 4, 1962): a permutation that needs no memory.
// Residues from `count` on are passed over, which are less than half of them.
template <typename Visit>
void visit_shuffled(std::size_t count, std::uint64_t seed, Visit& visit) {
    const std::uint64_t mask = std::bit_ceil(std::uint64_t{count}) - 1;
    const std::uint64_t step = mix(seed + 1) | 1;
    std::uint64_t x = mix(~seed);
    for (std::uint64_t i = 0; i <= mask; ++i) {
        x = (6364136223846793005 * x + step) & mask;  // D. Knuth's multiplier, from MMIX
        if (x < count) visit(static_cast<std::size_t>(x));
    }
}

}  // namespace detail

template <std::invocable<std::size_t> Visit>
void visit_indices(std::size_t count, AccessOrder order, Visit&& visit) {
    if (order.kind == AccessOrder::Kind::kStrided && order.stride == 0)
        throw std::invalid_argument("a stride of 0 never gets anywhere");
    if (count == 0) return;
    if (order.kind == AccessOrder::Kind::kRandom) {
        detail::visit_shuffled(count, order.seed, visit);
        return;
    }
    const std::size_t stride = order.kind == AccessOrder::Kind::kStrided ? order.stride : 1;
    for (std::size_t start = 0; start < stride && start < count; ++start) {
        // The test is a subtraction because start + stride may wrap around.
        std::size_t i = start;
        visit(i);
        while (stride < count - i)
            visit(i += stride);
    }
}

template <typename T, std::invocable<const T&> Function>
requires std::assignable_from<T&, ResultOf<Function, T>>
void transform_in_place(std::span<T> items, Function&& function, AccessOrder order = {}) {
    visit_indices(items.size(), order,
                  [&](std::size_t i) { items[i] = function(std::as_const(items[i])); });
}

template <typename T, std::invocable<const T&> Function>
[[nodiscard]] std::vector<ResultOf<Function, T>> process_batch(std::span<const T> input,
                                                               Function&& function,
                                                               AccessOrder order = {}) {
    using Result = ResultOf<Function, T>;
    std::vector<Result> output;
    if constexpr (std::default_initializable<Result>) {
        if (order.kind != AccessOrder::Kind::kSequential) {
            output.resize(input.size());
            visit_indices(input.size(), order,
                          [&](std::size_t i) { output[i] = function(input[i]); });
            return output;
        }
    }
    output.reserve(input.size());
    for (const T& item : input)
        output.push_back(function(item));
    return output;
}

template <typename T, std::invocable<const T&> Function>
[[nodiscard]] std::vector<ResultOf<Function, T>> process_batch(const std::vector<T>& input,
                                                               Function&& function,
                                                               AccessOrder order = {}) {
    return process_batch(std::span<const T>(input), function, order);
}

template <typename T, std::invocable<const T&> Function>
[[nodiscard]] std::vector<ResultOf<Function, T>> process_batch(std::vector<T>&& input,
                                                               Function&& function,
                                                               AccessOrder order = {}) {
    using Result = ResultOf<Function, T>;
    if constexpr (std::same_as<T, Result>) {
        transform_in_place(std::span<T>(input), function, order);
        return std::move(input);
    } else {
        return process_batch(std::span<const T>(input), function, order);
    }
}

}  // namespace cacheline
