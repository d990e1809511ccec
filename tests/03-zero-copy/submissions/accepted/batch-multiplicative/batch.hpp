// accepted: a random order by stepping round a prime, and outputs that are made at full size
#pragma once

#include <access_order.hpp>
#include <batch_result.hpp>
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

template <typename Function, typename T>
constexpr bool kInPlace =
    std::is_same_v<T, BatchResult<Function, T>>&& std::is_assignable_v<T&, BatchResult<Function, T>>;

namespace zero_copy_detail {

inline bool is_prime(std::uint64_t n) {
    for (std::uint64_t d = 2; d * d <= n; ++d)
        if (n % d == 0) return false;
    return n > 1;
}

// x -> x * factor modulo a prime visits 1 to prime - 1 only if the factor generates them all, but
// adding a constant always does.
template <typename Visit>
void visit_round_a_prime(std::size_t count, std::uint64_t seed, Visit& visit) {
    std::uint64_t prime = count + 1;
    while (!is_prime(prime))
        ++prime;
    const std::uint64_t hash = (seed ^ (seed >> 31)) * 0x9e3779b97f4a7c15 + 0x632be59bd9b4e019;
    const std::uint64_t low = prime / 8 + 1;
    const std::uint64_t step = prime < 16 ? 1 : low + (hash >> 20) % (prime - 2 * low);
    std::uint64_t x = (hash ^ (hash >> 32)) % prime;
    for (std::uint64_t i = 0; i < prime; ++i) {
        if (x < count) visit(static_cast<std::size_t>(x));
        x = (x + step) % prime;
    }
}

}  // namespace zero_copy_detail

template <typename Visit>
requires std::invocable<Visit&, std::size_t>
void visit_indices(std::size_t count, AccessOrder order, Visit&& visit) {
    switch (order.kind) {
        case AccessOrder::Kind::kSequential:
            for (std::size_t i = 0; i < count; ++i)
                visit(i);
            break;
        case AccessOrder::Kind::kStrided: {
            if (order.stride == 0) throw std::invalid_argument("stride is 0");
            const std::size_t stride = order.stride < count ? order.stride : count;
            for (std::size_t start = 0; start < stride; ++start)
                for (std::size_t i = start; i < count; i += stride)
                    visit(i);
            break;
        }
        case AccessOrder::Kind::kRandom:
            if (count != 0) zero_copy_detail::visit_round_a_prime(count, order.seed, visit);
            break;
    }
}

template <typename T, typename Function>
requires std::invocable<Function&, const T&> && std::assignable_from<T&, BatchResult<Function, T>>
void transform_in_place(std::span<T> items, Function&& function, AccessOrder order = {}) {
    T* const data = items.data();
    visit_indices(items.size(), order,
                  [&](std::size_t i) { data[i] = std::invoke(function, std::as_const(data[i])); });
}

template <typename T, typename Function>
requires std::invocable<Function&, const T&> std::vector<BatchResult<Function, T>> process_batch(
    std::span<const T> input, Function&& function, AccessOrder order = {}) {
    using Result = BatchResult<Function, T>;
    if constexpr (std::default_initializable<Result> && std::assignable_from<Result&, Result>) {
        std::vector<Result> output(input.size());
        visit_indices(input.size(), order,
                      [&](std::size_t i) { output[i] = std::invoke(function, input[i]); });
        return output;
    } else {
        visit_indices(0, order, [](std::size_t) {});  // throws for a stride of 0
        std::vector<Result> output;
        output.reserve(input.size());
        for (const T& item : input)
            output.emplace_back(std::invoke(function, item));
        return output;
    }
}

template <typename T, typename Function>
requires std::invocable<Function&, const T&> std::vector<BatchResult<Function, T>> process_batch(
    const std::vector<T>& input, Function&& function, AccessOrder order = {}) {
    return process_batch(std::span<const T>(input), function, order);
}

template <typename T, typename Function>
requires std::invocable<Function&, const T&> std::vector<BatchResult<Function, T>> process_batch(
    std::vector<T>&& input, Function&& function, AccessOrder order = {}) {
    if constexpr (kInPlace<Function, T>) {
        transform_in_place(std::span<T>(input), function, order);
        return std::move(input);
    } else {
        return process_batch(std::span<const T>(input), function, order);
    }
}

}  // namespace cacheline
