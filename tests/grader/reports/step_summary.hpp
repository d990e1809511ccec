#pragma once

#include <string>

#include "student_grade.hpp"

namespace cacheline::grader {

/// Markdown for $GITHUB_STEP_SUMMARY: the total, a table of steps and what went wrong; well below
/// GitHub's limit of 1 MiB. Text of a submission is inert in it: no Markdown, no HTML, no link.
std::string step_summary(const StudentGrade& grade);

/// GitHub workflow commands, at most 10 (all that GitHub shows of a step): an error at file and
/// line for each failure (not for what is still to be written), the same message once; the tenth
/// says how many more there are. A failed check's place is in tests/<exercise>.
/// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
std::string workflow_annotations(const StudentGrade& grade);

}  // namespace cacheline::grader
