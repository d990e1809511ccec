#pragma once

// Given: the types that the signatures of ParallelProcessor are made of. Nothing to write here.

#include <cstddef>
#include <functional>
#include <iterator>
#include <ranges>
#include <span>
#include <type_traits>
#include <utility>

namespace cacheline {

/// What can be processed: a range with a known size whose items can be reached in any order.
template <typename Range>
concept Processable = std::ranges::random_access_range<Range> && std::ranges::sized_range<Range>;

/// The same, with its items side by side in memory, so that a chunk of it is a std::span.
template <typename Range>
concept Chunkable = Processable<Range> && std::ranges::contiguous_range<Range>;

/// Whether a call may move the items out: the range is an rvalue and owns them. A span or another
/// view that is passed as an rvalue refers to somebody else's items.
template <typename Range>
inline constexpr bool kMayMoveItems =
    !std::is_lvalue_reference_v<Range> && !std::ranges::view<std::remove_cvref_t<Range>>;

/// The item at `index`, in the form in which `f` gets it: an rvalue if it may be moved out, else
/// whatever the range's iterator gives.
template <Processable Range>
constexpr decltype(auto) item_at(const std::ranges::iterator_t<Range>& begin, std::size_t index) {
    const auto offset = static_cast<std::ranges::range_difference_t<Range>>(index);
    if constexpr (kMayMoveItems<Range>) {
        return std::ranges::iter_move(begin + offset);
    } else {
        return begin[offset];
    }
}

template <Processable Range>
using ItemOf = decltype(item_at<Range>(std::declval<const std::ranges::iterator_t<Range>&>(), 0));

/// What `f` makes of one item.
template <typename F, typename Range>
using ResultOf = std::remove_cvref_t<std::invoke_result_t<F&, ItemOf<Range>>>;

/// A view of neighbouring items; of const ones if the range is const.
template <Chunkable Range>
using ChunkOf = std::span<std::remove_reference_t<std::ranges::range_reference_t<Range>>>;

/// The std::vector that `f` makes of one chunk, and the type of its elements.
template <typename F, typename Range>
using ChunkResultsOf = std::remove_cvref_t<std::invoke_result_t<F&, ChunkOf<Range>>>;
template <typename F, typename Range>
using ChunkResultOf = typename ChunkResultsOf<F, Range>::value_type;

}  // namespace cacheline
