#pragma once

#include <type_traits>

namespace cacheline {

/// What `Function` makes of a T, by value.
template <typename Function, typename T>
using BatchResult = std::remove_cvref_t<std::invoke_result_t<Function&, const T&>>;

}  // namespace cacheline
