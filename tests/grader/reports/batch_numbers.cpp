#include "batch_numbers.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

namespace cacheline::grader {

int percent(int earned, int possible) {
    return possible == 0 ? 0 : static_cast<int>(static_cast<long>(earned) * 100 / possible);
}

BatchNumbers numbers_of(const std::vector<StudentGrade>& students) {
    BatchNumbers numbers;
    std::vector<double> shares;
    std::map<std::tuple<std::string, std::string, std::string>, HardTest> tests;
    for (const StudentGrade& student : students) {
        const int earned = student.earned();
        const int possible = student.possible();
        const int whole = percent(earned, possible);
        ++numbers.histogram[static_cast<std::size_t>(std::clamp(whole / 10, 0, 9))];
        shares.push_back(possible == 0 ? 0 : 100.0 * earned / possible);
        numbers.full += possible != 0 && earned == possible ? 1 : 0;
        numbers.errors += student.error.empty() ? 0 : 1;
        for (const ExerciseGrade& exercise : student.exercises)
            for (const StepGrade& step : exercise.steps)
                for (const CaseGrade& one : step.cases) {
                    // Who hands in nothing, or what does not build, says nothing of the test.
                    const Verdict verdict = one.verdict();
                    if (verdict == Verdict::not_built || verdict == Verdict::error) continue;
                    HardTest& test = tests[{exercise.name, step.step.id, one.name}];
                    test = {exercise.name, step.step.id, one.name,
                            test.lost + (verdict == Verdict::passed ? 0 : 1), test.students + 1};
                }
    }
    if (!shares.empty()) {
        std::ranges::sort(shares);
        const std::size_t half = shares.size() / 2;
        numbers.median = (shares[half] + shares[(shares.size() - 1) / 2]) / 2;
        numbers.mean =
            std::accumulate(shares.begin(), shares.end(), 0.0) / static_cast<double>(shares.size());
    }
    for (auto& [place, test] : tests)
        if (test.lost != 0) numbers.hardest.push_back(std::move(test));
    std::ranges::stable_sort(numbers.hardest, [](const HardTest& a, const HardTest& b) {
        return std::tuple(a.share(), a.lost) > std::tuple(b.share(), b.lost);
    });
    return numbers;
}

}  // namespace cacheline::grader
