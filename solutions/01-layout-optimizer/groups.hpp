#pragma once

// The plain way to keep writers apart, which has no idea of the best and is never far from it.

#include <optional>
#include <vector>

#include "search.hpp"

namespace cacheline::layout_detail {

/// Each writer's blocks in a group that starts a line, sorted by alignment; behind each group, as
/// long as it fits on its last line, the largest block that nobody writes; the rest at the end.
/// Nothing where two runs of bit-fields would come next to each other, or the end lies beyond
/// `max_size`.
[[nodiscard]] std::optional<std::vector<Step>> by_writer(const Layout& layout,
                                                         const std::vector<Block>& blocks,
                                                         std::uint64_t line,
                                                         std::uint64_t max_size);

}  // namespace cacheline::layout_detail
