#pragma once

#include <filesystem>
#include <vector>

#include "catalog.hpp"

namespace cacheline::grader {

/// By name, so that what depends on an order is the same everywhere.
std::vector<std::filesystem::path> sorted_files(const std::filesystem::path& folder);

/// Copies the files of `submission` over those in `target`, and applies its patches. Throws
/// UserError where one does not apply.
void lay_over(const std::filesystem::path& submission, const std::filesystem::path& target);

/// Lays out a whole submission of a corpus in `target`: the reference, and `submission` over it.
void assemble(const Exercise& exercise, const std::filesystem::path& submission,
              const std::filesystem::path& target);

}  // namespace cacheline::grader
