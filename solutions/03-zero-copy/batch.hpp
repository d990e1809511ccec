#pragma once

#include <access_order.hpp>
#include <batch_result.hpp>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace cacheline {

namespace zero_copy_detail {

inline void check(AccessOrder order) {
    if (order.kind == AccessOrder::Kind::kStrided && order.stride == 0)
        throw std::invalid_argument("a stride of 0 never gets anywhere");
}

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
    // One less than the power of two; that one itself may be too large for the type.
    const std::uint64_t mask = count == 1 ? 0 : ~std::uint64_t{0} >> std::countl_zero(count - 1);
    const std::uint64_t step = mix(seed + 1) | 1;
    std::uint64_t x = mix(~seed);
    for (std::size_t left = count; left != 0;) {
        x = (6364136223846793005 * x + step) & mask;  // D. Knuth's multiplier, from MMIX
        if (x >= count) continue;
        std::invoke(visit, static_cast<std::size_t>(x));
        --left;
    }
}

}  // namespace zero_copy_detail

/// Calls `visit(i)` once for each i below `count`, in the given order (see AccessOrder). Allocates
/// nothing, in any order.
///
/// A stride may be larger than `count`: then it is the same as sequential. A random order depends
/// on count and seed alone; from 64 elements on, two seeds seldom give the same one, and less than
/// one step in ten goes to a neighbour. Throws std::invalid_argument for a stride of 0, whatever
/// `count` is. What `visit` throws goes to the caller.
template <typename Visit>
requires std::invocable<Visit&, std::size_t>
void visit_indices(std::size_t count, AccessOrder order, Visit&& visit) {
    zero_copy_detail::check(order);
    if (count == 0) return;
    if (order.kind == AccessOrder::Kind::kRandom) {
        zero_copy_detail::visit_shuffled(count, order.seed, visit);
        return;
    }
    const std::size_t stride = order.kind == AccessOrder::Kind::kStrided ? order.stride : 1;
    for (std::size_t start = 0; start < stride && start < count; ++start) {
        // The test is a subtraction because start + stride may wrap around.
        std::size_t i = start;
        std::invoke(visit, i);
        while (stride < count - i)
            std::invoke(visit, i += stride);
    }
}

/// Replaces each item by what `function` makes of it (called by std::invoke, so a member's address
/// will do). Allocates nothing itself and copies no T. What `function` throws goes to the caller;
/// items that were done stay done.
template <typename T, typename Function>
requires std::invocable<Function&, const T&> && std::assignable_from<T&, BatchResult<Function, T>>
void transform_in_place(std::span<T> items, Function&& function, AccessOrder order = {}) {
    visit_indices(items.size(), order, [&](std::size_t i) {
        items[i] = std::invoke(function, std::as_const(items[i]));
    });
}

/// The results of `function` for each item, in the input's order, whichever order they are computed
/// in. One allocation, for the output; no input and no result is copied (results are moved).
///
/// Results that have no default constructor, or can't be assigned to, are always computed in
/// sequence. A stride of 0 is std::invalid_argument all the same.
template <typename T, typename Function>
requires std::invocable<Function&, const T&>
[[nodiscard]] std::vector<BatchResult<Function, T>> process_batch(std::span<const T> input,
                                                                  Function&& function,
                                                                  AccessOrder order = {}) {
    using Result = BatchResult<Function, T>;
    zero_copy_detail::check(order);
    std::vector<Result> output;
    if constexpr (std::default_initializable<Result> && std::assignable_from<Result&, Result>) {
        if (order.kind != AccessOrder::Kind::kSequential) {
            output.resize(input.size());
            visit_indices(input.size(), order,
                          [&](std::size_t i) { output[i] = std::invoke(function, input[i]); });
            return output;
        }
    }
    output.reserve(input.size());
    for (const T& item : input)
        output.push_back(std::invoke(function, item));
    return output;
}

template <typename T, typename Function>
requires std::invocable<Function&, const T&>
[[nodiscard]] std::vector<BatchResult<Function, T>> process_batch(const std::vector<T>& input,
                                                                  Function&& function,
                                                                  AccessOrder order = {}) {
    return process_batch(std::span<const T>(input), function, order);
}

/// The same for a vector that the caller gives away: where the results are of the type T, and can
/// be assigned to, they take the input's place, in its memory, and nothing is allocated.
template <typename T, typename Function>
requires std::invocable<Function&, const T&>
[[nodiscard]] std::vector<BatchResult<Function, T>> process_batch(std::vector<T>&& input,
                                                                  Function&& function,
                                                                  AccessOrder order = {}) {
    using Result = BatchResult<Function, T>;
    if constexpr (std::same_as<T, Result> && std::assignable_from<T&, Result>) {
        transform_in_place(std::span<T>(input), function, order);
        return std::move(input);
    } else {
        return process_batch(std::span<const T>(input), function, order);
    }
}

}  // namespace cacheline
