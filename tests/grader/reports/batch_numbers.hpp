#pragma once

#include <array>
#include <string>
#include <vector>

#include "student_grade.hpp"

namespace cacheline::grader {

/// A test case, and how many of the submissions did not pass it.
struct HardTest {
    std::string exercise;
    std::string step;
    std::string name;
    std::size_t lost = 0;
    std::size_t students = 0;  ///< that it was run for

    [[nodiscard]] double share() const {
        return static_cast<double>(lost) / static_cast<double>(students);
    }
};

/// What a batch comes to.
struct BatchNumbers {
    std::array<std::size_t, 10> histogram{};  ///< students by tenth of the possible points
    double median = 0;                        ///< percent of the possible points
    double mean = 0;
    std::size_t full = 0;
    std::size_t errors = 0;
    std::vector<HardTest> hardest;  ///< those that somebody lost, the hardest first
};

BatchNumbers numbers_of(const std::vector<StudentGrade>& students);

/// Earned of possible, in percent, cut to a whole number so that only full marks are 100.
int percent(int earned, int possible);

}  // namespace cacheline::grader
