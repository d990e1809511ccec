#pragma once

#include <vector>

#include "build.hpp"
#include "reports/student_grade.hpp"

namespace cacheline::grader {

/// Looks for what no exercise needs, before anything of the submission runs: in its text (inline
/// assembly, pragmas that switch optimisation or sanitizers off, Unicode that reads backwards), in
/// what its files leave behind for the preprocessor and where their includes lead, and in what its
/// objects define and call that the reference's do not. A flag is for a person to look at; one with
/// `attack` set has no honest use.
std::vector<Flag> inspect(const Stage& stage, const Stage& reference, const Sandbox& sandbox);

/// The part that needs no compiler: the text of one file.
std::vector<Flag> inspect_text(const std::string& file, const std::string& text);

}  // namespace cacheline::grader
