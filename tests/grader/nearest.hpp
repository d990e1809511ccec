#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cacheline::grader {

/// The name with the smallest edit distance (Levenshtein 1966) to what was typed. `names` is not
/// empty; O(length²) each.
std::string nearest(std::string_view typed, const std::vector<std::string>& names);

std::string join(const std::vector<std::string>& parts, std::string_view separator);

}  // namespace cacheline::grader
