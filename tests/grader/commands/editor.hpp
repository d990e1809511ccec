#pragma once

#include <vector>

#include "catalog.hpp"

namespace cacheline::grader {

/// Writes compile_commands.json at the top of the workbook, for clangd and every editor that uses
/// it: the files that a student edits, and no others, so that the errors shown are the student's
/// own. Leaves a file as it is that says so already. Formats as Clang's "JSON Compilation
/// Database".
void write_compile_commands(const std::vector<Exercise>& catalog);

}  // namespace cacheline::grader
