#pragma once

#include <string>
#include <vector>

#include "student_grade.hpp"

namespace cacheline::grader {

/// A self-contained HTML page of a batch, for the instructor: distribution of totals, hardest
/// tests, flags (attacks first), a table of students, and a section for each ("#student-1", …). It
/// loads nothing and runs no script, which its content security policy also forbids.
std::string batch_page(const std::vector<StudentGrade>& students,
                       const std::string& title = "Grades");

/// The section of one student as a page of its own, for the student: without the flags.
std::string student_page(const StudentGrade& student);

}  // namespace cacheline::grader
