#pragma once

#include <string>

#include "student_grade.hpp"

namespace cacheline::grader {

/// JUnit XML in the form that Jenkins, GitLab and GitHub's test reporters read: a test suite for
/// each exercise (with its points as properties), a test case for each test case, benchmark and
/// replay audit, its class name "06-ring-buffer.fifo". What inspection found is a suite of its own,
/// in which an attack is an error.
std::string junit_report(const StudentGrade& grade);

}  // namespace cacheline::grader
