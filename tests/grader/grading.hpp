#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "catalog.hpp"
#include "grade.hpp"
#include "sandbox.hpp"
#include "stage.hpp"

namespace cacheline::grader {

struct GradingOptions {
    const Sandbox* sandbox;            ///< for compilers and programs
    std::filesystem::path work;        ///< where programs are built; kept between runs
    std::filesystem::path references;  ///< the same for the references' programs; see Reference
    std::filesystem::path clock;       ///< a lock that whoever measures holds; empty: no such lock
    std::size_t jobs = 1;              ///< compilers and test cases at once
    std::vector<std::string> builds;   ///< empty: all that the manifest names
    bool speed = true;                 ///< measure the steps that a benchmark decides
    bool warnings_are_errors = false;
    std::uint32_t seed = 1;  ///< of the suites' random cases
    /// Of the replay; none: no audit.
    std::optional<std::uint64_t> audit_seed = std::nullopt;
    /// For each test case; a sanitizer's build has four times as long.
    std::chrono::milliseconds case_limit = std::chrono::seconds(20);
    std::function<void(const std::string&)> progress = [](const std::string&) {};
};

/// Grades one exercise's implementation folder. `shown` is how its path is told to people. Bad code
/// gives a grade, not an exception. Throws std::system_error or UserError where the grader's own
/// world is broken (no compiler, a full disk).
ExerciseGrade grade(const Exercise& exercise, const std::filesystem::path& submission,
                    const std::string& shown, const GradingOptions& options);

/// Measures the steps of `graded` that a benchmark decides, if every other step has its points.
/// Part of `grade` unless `options.speed` is off.
void grade_speed(const Stage& stage, const GradingOptions& options, ExerciseGrade& graded);

/// Takes the steps that a benchmark decides out of both sides, and says so.
void leave_speed_out(ExerciseGrade& graded);

}  // namespace cacheline::grader
