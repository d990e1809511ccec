#pragma once

#include <nlohmann/json.hpp>

#include "student_grade.hpp"

namespace cacheline::grader {

/// Gradescope's results.json (https://gradescope-autograders.readthedocs.io/en/latest/specs/): a
/// test for each step, numbered "1.2", with what went wrong in it as plain text, and a top-level
/// score that is their sum. What inspection found goes into a test that only instructors see. No
/// field is null, which Gradescope refuses.
nlohmann::ordered_json gradescope_results(const StudentGrade& grade);

}  // namespace cacheline::grader
