#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog.hpp"

namespace cacheline::grader {

enum class Verdict { passed, failed, crashed, timed_out, todo, not_built, error, skipped };

/// "passed", "timed out", …
std::string_view to_string(Verdict verdict);

/// What a student is told about something that went wrong. Empty strings are left out.
struct Explanation {
    std::string what;      ///< one sentence, if the three below do not say it
    std::string expected;  ///< the check that did not hold
    std::string got;
    std::string why;    ///< why it matters
    std::string where;  ///< "suite.cpp:41"
    std::vector<std::string> notes;

    bool operator==(const Explanation&) const = default;
};

/// A test case in one build.
struct BuildRun {
    std::string build;
    Verdict verdict = Verdict::error;
    Explanation explanation;
    std::size_t assertions = 0;
    std::size_t output_bytes = 0;

    bool operator==(const BuildRun&) const = default;
};

/// A test case in all the builds that it is tagged for; it passes if it passes in each.
struct CaseGrade {
    std::string name;
    std::vector<BuildRun> runs;

    /// The first run that did not pass, or the last.
    [[nodiscard]] const BuildRun& decisive() const;
    [[nodiscard]] Verdict verdict() const { return decisive().verdict; }
    /// `"name" failed in the build asan (expected x == 1, got x is 2)`; empty if it passed.
    [[nodiscard]] std::string loss() const;

    bool operator==(const CaseGrade&) const = default;
};

enum class Pace { fast_enough, too_slow, inconclusive, not_measured };

/// "fast enough", …
std::string_view to_string(Pace pace);

/// One benchmark of a step that a clock decides.
struct SpeedGrade {
    std::string name;
    Pace pace = Pace::not_measured;
    double ratio = 0;  ///< the reference's time over yours: the median of the pairs
    double low = 0;    ///< its 95% interval
    double high = 0;
    std::size_t pairs = 0;
    std::string reason;  ///< why it was not measured, or what was wrong

    bool operator==(const SpeedGrade&) const = default;
};

/// Points are kept in hundredths, so that every report adds up to the same total.
struct StepGrade {
    Step step;
    std::vector<CaseGrade> cases;    ///< if no benchmark decides
    std::vector<SpeedGrade> speeds;  ///< if one does
    std::string audit;               ///< what the replay found; then the step has no points

    [[nodiscard]] int earned() const;
    /// What could be had: a benchmark without a verdict counts on neither side.
    [[nodiscard]] int possible() const;
    [[nodiscard]] bool full() const { return earned() == possible(); }

    bool operator==(const StepGrade&) const = default;
};

struct ExerciseGrade {
    std::string name;
    std::string title;
    std::vector<StepGrade> steps;
    /// Why it could not be built at all: a file that is missing, a compiler's first error.
    std::vector<std::string> notes;

    [[nodiscard]] int earned() const;
    [[nodiscard]] int possible() const;

    bool operator==(const ExerciseGrade&) const = default;
};

}  // namespace cacheline::grader
