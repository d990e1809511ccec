#pragma once

#include <filesystem>
#include <vector>

#include "catalog.hpp"

namespace cacheline::grader {

/// By name, so that what depends on an order is the same everywhere.
std::vector<std::filesystem::path> sorted_files(const std::filesystem::path& folder);

/// Lays out a whole submission of a corpus in `target`: the reference, then the files and patches
/// of `submission` over it. Throws UserError where a patch does not apply.
void assemble(const Exercise& exercise, const std::filesystem::path& submission,
              const std::filesystem::path& target);

}  // namespace cacheline::grader
