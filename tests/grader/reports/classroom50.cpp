#include "classroom50.hpp"

#include <cstdlib>

#include "catalog.hpp"
#include "outline.hpp"
#include "text.hpp"

namespace cacheline::grader {

using json = nlohmann::ordered_json;

namespace {

// Of a test. The collector refuses a result of more than 10 MiB.
constexpr std::size_t kMostOutputOfTest = 8000;

std::string variable(const char* name, const char* otherwise = nullptr) {
    const char* text = std::getenv(name);
    if ((!text || !*text) && otherwise) text = std::getenv(otherwise);
    if (!text || !*text)
        throw UserError(std::string("Classroom 50's result needs the variable ") + name +
                        ", which its runner sets.");
    return text;
}

json test(const std::string& name, bool passed, int score, int most, const std::string& output) {
    json value{
        {"test-name", printable(name)}, {"passed", passed}, {"score", score}, {"max-score", most}};
    if (!output.empty()) value["output"] = clipped(output, kMostOutputOfTest);
    return value;
}

}  // namespace

Classroom50Run classroom50_run(const std::string& datetime) {
    const char* const type = std::getenv("ASSIGNMENT_TYPE");
    return {.classroom = variable("CLASSROOM"),
            .assignment = variable("ASSIGNMENT"),
            .assignment_type = type && *type ? type : "individual",
            .owner = variable("OWNER", "USERNAME"),
            .submission = variable("SUBMISSION_TAG"),
            .commit = variable("COMMIT_URL"),
            .release = variable("RELEASE_URL"),
            .review = variable("REVIEW_URL", "COMMIT_URL"),
            .datetime = datetime};
}

json classroom50_result(const StudentGrade& grade, const Classroom50Run& run) {
    json tests = json::array();
    if (!grade.error.empty())
        tests.push_back(test("submission", false, 0, 0, printable(grade.error)));
    for (const ExerciseGrade& exercise : grade.exercises)
        for (const StepGrade& step : exercise.steps)
            tests.push_back(test(exercise.name + "." + step.step.id, step.full(), step.earned(),
                                 step.possible(), failures_text(step)));
    if (grade.attacked())
        tests.push_back(test("inspection", false, 0, 0, attacks_text(grade.flags)));
    return {{"schema", "classroom50/result/v1"},
            {"classroom", run.classroom},
            {"assignment", run.assignment},
            {"assignment_type", run.assignment_type},
            {"owner", run.owner},
            {"submission", run.submission},
            {"commit", run.commit},
            {"release", run.release},
            {"review", run.review},
            {"datetime", run.datetime},
            {"score", grade.earned()},
            {"max-score", grade.possible()},
            {"tests", std::move(tests)}};
}

}  // namespace cacheline::grader
