#pragma once

#include <set>
#include <string>
#include <vector>

#include "build.hpp"
#include "reports/student_grade.hpp"

namespace cacheline::grader {

/// What the objects of a release build take from elsewhere, and what they define for all to use.
struct Symbols {
    std::set<std::string> called;
    std::set<std::string> defined;
};

/// Throws UserError where an object can't be read.
Symbols symbols_of(const Stage& stage, const Sandbox& sandbox);

/// Looks for what no exercise needs: in its text (inline
/// assembly, pragmas that switch optimisation or sanitizers off, Unicode that reads backwards), in
/// what its files leave behind for the preprocessor and where their includes lead, and in what its
/// objects define and call that the reference's (`known`) do not. A flag is for a person to look
/// at; one with `attack` set has no honest use.
std::vector<Flag> inspect(const Stage& stage, const Symbols& known, const Sandbox& sandbox);

/// The part that needs no compiler: the text of one file.
std::vector<Flag> inspect_text(const std::string& file, const std::string& text);

}  // namespace cacheline::grader
