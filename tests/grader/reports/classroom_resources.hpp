#pragma once

#include <string>
#include <string_view>

#include "student_grade.hpp"

namespace cacheline::grader {

/// The result that the GitHub action classroom-resources/autograding-grading-reporter reads from
/// `<RUNNER>_RESULTS`: base64 (RFC 4648) of `version`, `status`, `max_score` and `tests`, here one
/// for each step. The form is that of autograding-io-grader and autograding-command-grader, read in
/// their sources of 2024. The points that the action reports to GitHub Classroom are the sum of the
/// tests' `score`; the table in its log weighs all tests alike, whatever their scores.
std::string classroom_resources_result(const StudentGrade& grade);

/// Text that GitHub's runner takes for no workflow command, wherever in a log it is printed: a line
/// that starts with "::" is indented by a bar, and "##[" is torn apart (actions/runner,
/// ActionCommand).
std::string inert_log_text(std::string_view text);

}  // namespace cacheline::grader
