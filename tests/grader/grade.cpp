#include "grade.hpp"

#include <algorithm>
#include <numeric>

namespace cacheline::grader {

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
        case Verdict::passed:
            return "passed";
        case Verdict::failed:
            return "failed";
        case Verdict::crashed:
            return "crashed";
        case Verdict::timed_out:
            return "timed out";
        case Verdict::todo:
            return "todo";
        case Verdict::not_built:
            return "not built";
        case Verdict::error:
            return "error";
        case Verdict::skipped:
            return "skipped";
    }
    return "error";
}

std::string_view to_string(Pace pace) {
    switch (pace) {
        case Pace::fast_enough:
            return "fast enough";
        case Pace::too_slow:
            return "too slow";
        case Pace::inconclusive:
            return "inconclusive";
        case Pace::not_measured:
            return "not measured";
    }
    return "not measured";
}

const BuildRun& CaseGrade::decisive() const {
    const auto lost = std::ranges::find_if(
        runs, [](const BuildRun& run) { return run.verdict != Verdict::passed; });
    return lost == runs.end() ? runs.back() : *lost;
}

std::string CaseGrade::loss() const {
    const BuildRun& run = decisive();
    if (run.verdict == Verdict::passed) return {};
    const Explanation& told = run.explanation;
    const std::string reason =
        told.what.empty() ? "expected " + told.expected + ", got " + told.got : told.what;
    return '"' + name + "\" " + std::string(to_string(run.verdict)) + " in the build " + run.build +
           " (" + reason + ')';
}

namespace {

// The share of the step's hundredths that `count` of `total` parts make; all of them make all.
int share(const Step& step, std::size_t count, std::size_t total) {
    if (total == 0) return 0;
    return static_cast<int>(static_cast<std::size_t>(step.points) * 100 * count / total);
}

bool decided(const SpeedGrade& speed) {
    return speed.pace == Pace::fast_enough || speed.pace == Pace::too_slow;
}

}  // namespace

int StepGrade::earned() const {
    if (!audit.empty()) return 0;
    const auto passed = std::ranges::count_if(
        cases, [](const CaseGrade& one) { return one.verdict() == Verdict::passed; });
    const auto fast = std::ranges::count(speeds, Pace::fast_enough, &SpeedGrade::pace);
    return share(step, static_cast<std::size_t>(passed + fast), cases.size() + speeds.size());
}

int StepGrade::possible() const {
    if (speeds.empty()) return step.points * 100;
    const auto count = static_cast<std::size_t>(std::ranges::count_if(speeds, decided));
    return share(step, count, speeds.size());
}

int ExerciseGrade::earned() const {
    return std::accumulate(steps.begin(), steps.end(), 0,
                           [](int sum, const StepGrade& step) { return sum + step.earned(); });
}

int ExerciseGrade::possible() const {
    return std::accumulate(steps.begin(), steps.end(), 0,
                           [](int sum, const StepGrade& step) { return sum + step.possible(); });
}

}  // namespace cacheline::grader
