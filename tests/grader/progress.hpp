#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "grade.hpp"

namespace cacheline::grader {

/// What a student has reached so far, kept in one JSON file between runs: for each exercise the
/// best points with their date, and the steps that were complete in the last grade.
class ProgressFile {
public:
    explicit ProgressFile(std::filesystem::path file) : file_(std::move(file)) {}

    /// `date` as YYYY-MM-DD.
    void record(const std::vector<ExerciseGrade>& grades, const std::string& date) const;

    /// The exercise's first step that is not known to be complete; empty if all are.
    [[nodiscard]] std::string open_step(const Exercise& exercise) const;

private:
    std::filesystem::path file_;
};

}  // namespace cacheline::grader
