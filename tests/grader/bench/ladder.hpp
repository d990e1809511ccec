#pragma once

#include <filesystem>
#include <vector>

#include "bench/contest.hpp"

namespace cacheline::grader {

/// The submissions of the corpora that docs/ladders.json names for this exercise, in its order,
/// each laid out in a folder of `work`; none if it names none. Throws UserError where the file or a
/// submission is not as it should be.
std::vector<Rung> ladder_of(const Exercise& exercise, const std::filesystem::path& ladders,
                            const std::filesystem::path& work);

}  // namespace cacheline::grader
