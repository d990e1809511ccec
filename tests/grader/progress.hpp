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

    /// `date` as YYYY-MM-DD. A grade that left builds out tells of the steps, not of the best.
    /// Returns the grades that have all their points for the first time.
    std::vector<const ExerciseGrade*> record(const std::vector<ExerciseGrade>& grades,
                                             const std::string& date, bool whole = true) const;

    /// All points, now or once.
    [[nodiscard]] bool complete(const Exercise& exercise) const;

    /// "2 of 7 exercises complete, at best 312.5 of 700 points; ring-buffer 50.54 (2026-11-22)":
    /// the best of all of `catalog`, and of `shown` if it is one.
    [[nodiscard]] std::string summary(const std::vector<Exercise>& catalog,
                                      const Exercise* shown) const;

    /// The exercise's first step that is not known to be complete; empty if all are.
    [[nodiscard]] std::string open_step(const Exercise& exercise) const;

private:
    std::filesystem::path file_;
};

}  // namespace cacheline::grader
