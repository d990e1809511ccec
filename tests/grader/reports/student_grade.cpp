#include "student_grade.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "catalog.hpp"
#include "json_report.hpp"

namespace cacheline::grader {

using json = nlohmann::ordered_json;

namespace {

json to_json(const Flag& flag) {
    return {{"attack", flag.attack},
            {"exercise", flag.exercise},
            {"file", flag.file},
            {"line", flag.line},
            {"what", flag.what}};
}

Flag flag_from(const json& value) {
    return {.attack = value.at("attack"),
            .exercise = value.at("exercise"),
            .file = value.at("file"),
            .line = value.at("line"),
            .what = value.at("what")};
}

std::uint64_t seed_from(const std::string& digits) {
    std::uint64_t seed = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seed);
    if (error != std::errc() || end != digits.data() + digits.size())
        throw UserError("A grade has the seed \"" + digits + "\", which is no number.");
    return seed;
}

}  // namespace

int StudentGrade::earned() const {
    return std::accumulate(
        exercises.begin(), exercises.end(), 0,
        [](int sum, const ExerciseGrade& exercise) { return sum + exercise.earned(); });
}

int StudentGrade::possible() const {
    return std::accumulate(
        exercises.begin(), exercises.end(), 0,
        [](int sum, const ExerciseGrade& exercise) { return sum + exercise.possible(); });
}

bool StudentGrade::attacked() const {
    return std::ranges::any_of(flags, &Flag::attack);
}

std::string StudentGrade::error_title() const {
    return exercises.empty() ? "Not graded" : "Graded in part";
}

json to_json(const StudentGrade& grade) {
    json exercises = to_json(grade.exercises);
    json value{{"version", exercises.at("version")},
               {"student", grade.student},
               // As text: a number above 2^53 loses digits in JavaScript and jq.
               {"seed", std::to_string(grade.seed)},
               {"key", grade.key}};
    if (!grade.error.empty()) value["error"] = grade.error;
    for (const char* const key : {"points", "possible"})
        value[key] = exercises.at(key);
    for (const Flag& flag : grade.flags)
        value["flags"].push_back(to_json(flag));
    value["exercises"] = std::move(exercises.at("exercises"));
    return value;
}

StudentGrade student_grade_from_json(const json& value) try {
    if (value.at("version") != 1)
        throw UserError("A grade has version " + value.at("version").dump() + "; this is 1.");
    StudentGrade grade{.student = value.at("student"),
                       .seed = seed_from(value.at("seed")),
                       .key = value.at("key")};
    if (value.contains("error")) grade.error = value.at("error");
    for (const json& exercise : value.at("exercises"))
        grade.exercises.push_back(exercise_grade_from_json(exercise));
    if (value.contains("flags"))
        for (const json& flag : value.at("flags"))
            grade.flags.push_back(flag_from(flag));
    if (std::llround(value.at("points").get<double>() * 100) != grade.earned() ||
        std::llround(value.at("possible").get<double>() * 100) != grade.possible())
        throw UserError("The points of " + grade.student + " do not add up.");
    return grade;
} catch (const json::exception& error) {
    throw UserError(std::string("A grade can't be read: ") + error.what());
}

}  // namespace cacheline::grader
