#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "catalog.hpp"

namespace cacheline::grader {

/// A submission may bring further headers and sources beside the files that the manifest names: its
/// own files. They are compiled, graded, handed in and reset with the others.

/// Whether it is compiled by itself.
bool is_source(const std::string& name);

/// Whether a file of that name, beside the exercise's, is the submission's own: C++ by its ending,
/// neither edited nor given.
bool is_own_file(const Exercise& exercise, const std::string& name);

/// Those in `folder`, sorted.
std::vector<std::string> own_files(const Exercise& exercise, const std::filesystem::path& folder);

/// All that somebody writes: the files that the manifest names, then their own in `folder`.
std::vector<std::string> written_files(const Exercise& exercise,
                                       const std::filesystem::path& folder);

/// Why a file of that name can't be taken, or nothing: it would stand in a system header's way.
std::string fault_of_own_file(const std::string& name);

}  // namespace cacheline::grader
