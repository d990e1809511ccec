#pragma once

#include <string>
#include <vector>

#include "student_grade.hpp"

namespace cacheline::grader {

/// A batch as CSV (RFC 4180: UTF-8, CR LF, quoted where needed), a row for each student in the
/// given order: total, each exercise, each step ("06-ring-buffer.fifo"), attacks, flags, error.
/// Points are plain numbers. Text that a spreadsheet would take for a formula has an apostrophe
/// before it (OWASP, "CSV Injection").
std::string gradebook(const std::vector<StudentGrade>& students);

}  // namespace cacheline::grader
