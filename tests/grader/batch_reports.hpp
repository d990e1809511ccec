#pragma once

#include <filesystem>
#include <iosfwd>
#include <vector>

#include "reports/student_grade.hpp"

namespace cacheline::grader {

/// Writes the formats that other graders read, and a page, to one student's folder.
void write_student_reports(const StudentGrade& grade, const std::filesystem::path& folder);

/// Writes every report of a batch below `out`: gradebook.csv and index.html, and each student's
/// in `students/<name>/`. Then a line for each student on `summary`.
void write_batch_reports(const std::vector<StudentGrade>& grades, const std::filesystem::path& out,
                         std::ostream& summary);

}  // namespace cacheline::grader
