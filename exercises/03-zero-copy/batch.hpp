#pragma once

#include <access_order.hpp>
#include <batch_result.hpp>
#include <cacheline/todo.hpp>
#include <concepts>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

namespace cacheline {

/// Calls `visit(i)` once for each i below `count`, in the given order (see AccessOrder). Allocates
/// nothing, in any order.
///
/// A stride may be larger than `count`: then it is the same as sequential. A random order depends
/// on count and seed alone; from 64 elements on, two seeds seldom give the same one, and less than
/// one step in ten goes to a neighbour. Throws std::invalid_argument for a stride of 0, whatever
/// `count` is. What `visit` throws goes to the caller.
template <typename Visit>
requires std::invocable<Visit&, std::size_t>
void visit_indices(std::size_t /*count*/, AccessOrder /*order*/, Visit&& /*visit*/) {
    todo("visit_indices");
}

/// Replaces each item by what `function` makes of it (called by std::invoke, so a member's address
/// will do). Allocates nothing itself and copies no T. What `function` throws goes to the caller;
/// items that were done stay done.
template <typename T, typename Function>
requires std::invocable<Function&, const T&> && std::assignable_from<T&, BatchResult<Function, T>>
void transform_in_place(std::span<T> /*items*/, Function&& /*function*/,
                        AccessOrder /*order*/ = {}) {
    todo("transform_in_place");
}

/// The results of `function` for each item, in the input's order, whichever order they are computed
/// in. One allocation, for the output; no input and no result is copied (results are moved).
///
/// Results that have no default constructor, or can't be assigned to, are always computed in
/// sequence. A stride of 0 is std::invalid_argument all the same.
template <typename T, typename Function>
requires std::invocable<Function&, const T&>
[[nodiscard]] std::vector<BatchResult<Function, T>> process_batch(std::span<const T> /*input*/,
                                                                  Function&& /*function*/,
                                                                  AccessOrder /*order*/ = {}) {
    todo("process_batch");
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
[[nodiscard]] std::vector<BatchResult<Function, T>> process_batch(std::vector<T>&& /*input*/,
                                                                  Function&& /*function*/,
                                                                  AccessOrder /*order*/ = {}) {
    todo("process_batch(vector&&)");
}

}  // namespace cacheline
