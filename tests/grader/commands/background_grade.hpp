#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "catalog.hpp"
#include "commands/commands.hpp"
#include "grade.hpp"
#include "work_folder.hpp"

namespace cacheline::grader {

/// Grades an exercise in a process of its own, so that it can be given up half-way: a save makes
/// what is being compiled worthless.
class BackgroundGrade {
public:
    struct Result {
        std::optional<ExerciseGrade> grade;
        std::string error;  ///< why there is none
        bool fast = false;
        std::string step;  ///< if it is of this one alone
        std::chrono::milliseconds wall{0};
    };

    explicit BackgroundGrade(const Setting& setting);
    ~BackgroundGrade() { stop(); }
    BackgroundGrade(const BackgroundGrade&) = delete;
    BackgroundGrade& operator=(const BackgroundGrade&) = delete;

    /// Ends what runs and starts anew; `fast` is the release build alone, and `step` one step
    /// alone.
    void start(const Exercise& exercise, bool fast, const std::string& step = {});

    /// Ends it and all its compilers and test cases.
    void stop();

    [[nodiscard]] bool running() const { return child_ != 0; }
    [[nodiscard]] bool fast() const { return fast_; }
    [[nodiscard]] const std::string& step() const { return step_; }

    /// The result once it is there.
    std::optional<Result> poll();

private:
    const Setting& setting_;
    WorkFolder work_;  // two may watch at once
    std::filesystem::path json_;
    std::filesystem::path log_;
    pid_t child_ = 0;
    bool fast_ = false;
    std::string step_;
    std::chrono::steady_clock::time_point start_;
};

}  // namespace cacheline::grader
