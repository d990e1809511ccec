#include "gradescope.hpp"

#include "json_report.hpp"
#include "outline.hpp"
#include "text.hpp"

namespace cacheline::grader {

using json = nlohmann::ordered_json;

namespace {

constexpr std::size_t kMostOutput = 20'000;  // bytes that a page can still show

json test_of(const ExerciseGrade& exercise, const StepGrade& step, const std::string& number) {
    std::string output = failures_text(step);
    if (output.empty()) output = "All of it passed.";
    return {{"score", points(step.earned())},
            {"max_score", points(step.possible())},
            {"status", step.full() ? "passed" : "failed"},
            {"name", printable(exercise.title + ": " + step.step.title)},
            {"name_format", "text"},
            {"number", number},
            {"output", clipped(output, kMostOutput)},
            {"output_format", "text"},
            {"tags", json::array({printable(exercise.name), printable(step.step.id)})},
            {"visibility", "visible"}};
}

json inspection_of(const std::vector<Flag>& flags) {
    std::string output;
    for (const Flag& flag : flags)
        output += flag_text(flag) + "\n";
    return {{"score", 0.0},
            {"max_score", 0.0},
            {"status", "failed"},
            {"name", "Inspection"},
            {"name_format", "text"},
            {"number", "0"},
            {"output", clipped(output, kMostOutput)},
            {"output_format", "text"},
            {"tags", json::array({"inspection"})},
            {"visibility", "hidden"}};
}

}  // namespace

json gradescope_results(const StudentGrade& grade) {
    json tests = json::array();
    std::string notes = printable(grade.error);
    for (std::size_t i = 0; i < grade.exercises.size(); ++i) {
        const ExerciseGrade& exercise = grade.exercises[i];
        for (std::size_t j = 0; j < exercise.steps.size(); ++j)
            tests.push_back(test_of(exercise, exercise.steps[j],
                                    std::to_string(i + 1) + "." + std::to_string(j + 1)));
        for (const std::string& note : exercise.notes)
            notes += (notes.empty() ? "" : "\n") + printable(exercise.name + ": " + note);
    }
    if (!grade.flags.empty()) tests.push_back(inspection_of(grade.flags));
    if (notes.empty()) notes = "Each step below says what went wrong in it.";
    return {{"score", points(grade.earned())}, {"output", clipped(notes, kMostOutput)},
            {"output_format", "text"},         {"visibility", "visible"},
            {"stdout_visibility", "hidden"},   {"tests", std::move(tests)}};
}

}  // namespace cacheline::grader
