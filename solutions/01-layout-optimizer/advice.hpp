#pragma once

// What there is to say of a record, once it is known what it could be.

#include <vector>

#include "layout_optimizer.hpp"

namespace cacheline::layout_detail {

/// `review`, for a caller that has the layouts already; `proposed` is by `separate`.
[[nodiscard]] std::vector<Finding> review_against(const Record& record, const Layout& layout,
                                                  const Record& proposed,
                                                  const Layout& proposed_layout,
                                                  const Target& target);

}  // namespace cacheline::layout_detail
