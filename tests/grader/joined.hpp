#pragma once

#include <filesystem>

#include "catalog.hpp"

namespace cacheline::grader {

/// The exercise with each build's suite files included by one source, written below `folder`: the
/// headers, the submission's among them, are then read and instantiated once. Less work in all, but
/// nothing to compile side by side, so it is for who grades many submissions.
Exercise joined(const Exercise& exercise, const std::filesystem::path& folder);

}  // namespace cacheline::grader
