#pragma once

#include <string>

#include "student_grade.hpp"

namespace cacheline::grader {

/// Printable and escaped for HTML text and attributes.
std::string html(std::string_view text);

/// The same in an element that keeps its direction to itself.
std::string isolated(std::string_view text);

/// "13.33 of 20", the first as a machine-readable `data` element.
std::string points_html(int earned, int possible);

/// A whole document round `body`, with the style sheet inside.
std::string html_page(const std::string& title, const std::string& body);

/// An `article` with the student's exercises, steps and what went wrong.
std::string student_section(const StudentGrade& student, const std::string& id, bool with_flags);

/// A list of flags in the order given, attacks marked.
std::string flags_html(const std::vector<Flag>& flags);

/// A bar that shows `percent`; the number has to stand beside it.
std::string bar_html(int percent);

extern const char* const kPageStyle;

}  // namespace cacheline::grader
