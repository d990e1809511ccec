#pragma once

#include <string>
#include <vector>

#include "student_grade.hpp"

namespace cacheline::grader {

enum class Mark { passed, failed, error, skipped };

/// A grade's smallest part, ready to be reported: a test case, a benchmark or the replay audit of a
/// step. All its text is `printable` and of moderate length.
struct Item {
    std::string name;
    Mark mark = Mark::error;
    bool attempted = true;  ///< false: still `todo`, or nothing that builds
    std::string verdict;    ///< "timed out, in the asan build"
    Explanation explanation;

    /// The explanation, a labelled line for each part of it.
    [[nodiscard]] std::string text() const;
};

std::vector<Item> items_of(const StepGrade& step);

/// The items that did not pass, as text; empty where there are none.
std::string failures_text(const StepGrade& step);

/// "06-ring-buffer: ring_buffer.hpp:12: calls system()", "attack: " before it if it is one.
std::string flag_text(const Flag& flag);

/// The flags that are attacks, one on each line.
std::string attacks_text(const std::vector<Flag>& flags);

}  // namespace cacheline::grader
