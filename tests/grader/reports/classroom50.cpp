#include "classroom50.hpp"

#include <cstdlib>

#include "catalog.hpp"
#include "outline.hpp"
#include "text.hpp"

namespace cacheline::grader {

using json = nlohmann::ordered_json;

namespace {

std::string variable(const char* name, const char* otherwise = nullptr) {
    const char* text = std::getenv(name);
    if ((!text || !*text) && otherwise) text = std::getenv(otherwise);
    if (!text || !*text)
        throw UserError(std::string("Classroom 50's result needs the variable ") + name +
                        ", which its runner sets.");
    return text;
}

json test(const std::string& name, bool passed, int score, int most, std::string output) {
    json value{
        {"test-name", printable(name)}, {"passed", passed}, {"score", score}, {"max-score", most}};
    if (!output.empty()) value["output"] = std::move(output);
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
    for (const Flag& flag : grade.flags)
        if (flag.attack) tests.push_back(test("inspection", false, 0, 0, flag_text(flag)));
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
