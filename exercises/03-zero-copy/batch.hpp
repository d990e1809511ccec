#pragma once

#include <access_order.hpp>
#include <cacheline/todo.hpp>
#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

namespace cacheline {

/// What `Function` makes of a T, by value.
template <typename Function, typename T>
using ResultOf = std::remove_cvref_t<std::invoke_result_t<Function&, const T&>>;

/// Calls `visit(i)` once for each i below `count`, in the given order (see AccessOrder). Allocates
/// nothing, in any order.
///
/// A stride may be larger than `count`: then it is the same as sequential. A random order depends
/// on count and seed alone, differs from seed to seed (where `count` leaves room for it), and less
/// than one step in ten goes to a neighbour, from 64 elements on. Throws std::invalid_argument for
/// a stride of 0.
template <std::invocable<std::size_t> Visit>
void visit_indices(std::size_t /*count*/, AccessOrder /*order*/, Visit&& /*visit*/) {
    todo("visit_indices");
}

/// Replaces each item by `function(item)`. Allocates nothing itself and copies no T. What
/// `function` throws goes to the caller; items that were done stay done.
template <typename T, std::invocable<const T&> Function>
requires std::assignable_from<T&, ResultOf<Function, T>>
void transform_in_place(std::span<T> /*items*/, Function&& /*function*/,
                        AccessOrder /*order*/ = {}) {
    todo("transform_in_place");
}

/// The results of `function` for each item, in the input's order, whichever order they are computed
/// in. One allocation, for the output; no input and no result is copied (results are moved).
///
/// A result type without a default constructor is always computed in sequence.
template <typename T, std::invocable<const T&> Function>
[[nodiscard]] std::vector<ResultOf<Function, T>> process_batch(std::span<const T> /*input*/,
                                                               Function&& /*function*/,
                                                               AccessOrder /*order*/ = {}) {
    todo("process_batch");
}

template <typename T, std::invocable<const T&> Function>
[[nodiscard]] std::vector<ResultOf<Function, T>> process_batch(const std::vector<T>& input,
                                                               Function&& function,
                                                               AccessOrder order = {}) {
    return process_batch(std::span<const T>(input), function, order);
}

/// The same for a vector that the caller gives away: where the results are of the type T they take
/// the input's place, in its memory, and nothing is allocated.
template <typename T, std::invocable<const T&> Function>
[[nodiscard]] std::vector<ResultOf<Function, T>> process_batch(std::vector<T>&& /*input*/,
                                                               Function&& /*function*/,
                                                               AccessOrder /*order*/ = {}) {
    todo("process_batch(vector&&)");
}

}  // namespace cacheline
