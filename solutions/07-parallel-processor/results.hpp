#pragma once

// Where results stand that several threads make at once.

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace cacheline::parallel_detail {

/// Whether results can be assigned to the elements of a vector that is there already, by several
/// threads at once. Not so in std::vector<bool>: it keeps eight elements in a byte, and two threads
/// would write the same one.
template <typename Result>
inline constexpr bool kAssignable =
    std::conjunction_v<std::is_default_constructible<Result>, std::is_move_assignable<Result>,
                       std::negation<std::is_same<Result, bool>>>;

/// The results made in optionals, as a plain vector. An optional knows whether it holds something,
/// so after an exception exactly what was made is destroyed.
template <typename Result>
std::vector<Result> unwrapped(std::vector<std::optional<Result>> made) {
    std::vector<Result> results;
    results.reserve(made.size());
    for (std::optional<Result>& result : made)
        results.push_back(*std::move(result));
    return results;
}

}  // namespace cacheline::parallel_detail
