#include "json_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace cacheline::grader {

using json = nlohmann::ordered_json;

namespace {

void add(json& object, const char* key, const std::string& text) {
    if (!text.empty()) object[key] = text;
}

json to_json(const BuildRun& run) {
    json value{{"build", run.build},
               {"verdict", to_string(run.verdict)},
               {"assertions", run.assertions},
               {"output_bytes", run.output_bytes}};
    const Explanation& explanation = run.explanation;
    add(value, "what", explanation.what);
    add(value, "expected", explanation.expected);
    add(value, "got", explanation.got);
    add(value, "why", explanation.why);
    add(value, "where", explanation.where);
    if (!explanation.notes.empty()) value["notes"] = explanation.notes;
    return value;
}

json to_json(const CaseGrade& one) {
    json value{{"name", one.name}, {"verdict", to_string(one.verdict())}, {"runs", json::array()}};
    for (const BuildRun& run : one.runs)
        value["runs"].push_back(to_json(run));
    return value;
}

json to_json(const SpeedGrade& speed) {
    json value{{"name", speed.name}, {"verdict", to_string(speed.pace)}};
    if (speed.pairs != 0) {
        value["ratio"] = speed.ratio;
        value["interval"] = {speed.low, speed.high};
        value["pairs"] = speed.pairs;
    }
    add(value, "reason", speed.reason);
    return value;
}

json to_json(const StepGrade& step) {
    json value{{"id", step.step.id},
               {"title", step.step.title},
               {"points", points(step.earned())},
               {"possible", points(step.possible())},
               {"worth", step.step.points}};
    if (step.step.minutes != 0) value["minutes"] = step.step.minutes;
    if (!step.step.benchmark.empty()) {
        value["benchmark"] = step.step.benchmark;
        value["threshold"] = step.step.ratio;
    }
    add(value, "audit", step.audit);
    for (const CaseGrade& one : step.cases)
        value["cases"].push_back(to_json(one));
    for (const SpeedGrade& speed : step.speeds)
        value["speeds"].push_back(to_json(speed));
    return value;
}

json to_json(const ExerciseGrade& grade) {
    json value{{"name", grade.name},
               {"title", grade.title},
               {"points", points(grade.earned())},
               {"possible", points(grade.possible())}};
    if (!grade.notes.empty()) value["notes"] = grade.notes;
    for (const StepGrade& step : grade.steps)
        value["steps"].push_back(to_json(step));
    return value;
}

template <typename T>
T optional(const json& object, const char* key, T otherwise = {}) {
    const auto found = object.find(key);
    return found == object.end() ? std::move(otherwise) : found->template get<T>();
}

template <typename Enum, std::size_t N>
Enum named(const json& name, const std::array<Enum, N>& values) {
    const auto found = std::ranges::find_if(
        values, [&](Enum value) { return to_string(value) == name.get_ref<const std::string&>(); });
    if (found == values.end()) throw UserError("A grade has the unknown verdict " + name.dump());
    return *found;
}

BuildRun run_from(const json& value) {
    using enum Verdict;
    return {.build = value.at("build"),
            .verdict = named(value.at("verdict"), std::array{passed, failed, crashed, timed_out,
                                                             todo, not_built, error, skipped}),
            .explanation = {.what = optional<std::string>(value, "what"),
                            .expected = optional<std::string>(value, "expected"),
                            .got = optional<std::string>(value, "got"),
                            .why = optional<std::string>(value, "why"),
                            .where = optional<std::string>(value, "where"),
                            .notes = optional<std::vector<std::string>>(value, "notes")},
            .assertions = value.at("assertions"),
            .output_bytes = value.at("output_bytes")};
}

CaseGrade case_from(const json& value) {
    CaseGrade one{.name = value.at("name")};
    for (const json& run : value.at("runs"))
        one.runs.push_back(run_from(run));
    if (one.runs.empty()) throw UserError("A grade has a test case that never ran.");
    return one;
}

SpeedGrade speed_from(const json& value) {
    using enum Pace;
    SpeedGrade speed{.name = value.at("name"),
                     .pace = named(value.at("verdict"),
                                   std::array{fast_enough, too_slow, inconclusive, not_measured}),
                     .pairs = optional<std::size_t>(value, "pairs"),
                     .reason = optional<std::string>(value, "reason")};
    if (speed.pairs != 0) {
        speed.ratio = value.at("ratio");
        speed.low = value.at("interval").at(0);
        speed.high = value.at("interval").at(1);
    }
    return speed;
}

// What was written beside the parts has to be what they add up to.
template <typename Part>
void check_sum(const json& value, const Part& part, const std::string& name) {
    const auto same = [&](const char* key, int hundredths) {
        return std::llround(value.at(key).get<double>() * 100) == hundredths;
    };
    if (!same("points", part.earned()) || !same("possible", part.possible()))
        throw UserError("The points of " + name + " do not add up.");
}

StepGrade step_from(const json& value) {
    StepGrade grade{.step = {.id = value.at("id"),
                             .title = value.at("title"),
                             .points = value.at("worth"),
                             .minutes = optional<int>(value, "minutes"),
                             .benchmark = optional<std::string>(value, "benchmark"),
                             .ratio = optional<double>(value, "threshold")},
                    .audit = optional<std::string>(value, "audit")};
    for (const json& one : optional(value, "cases", json::array()))
        grade.cases.push_back(case_from(one));
    for (const json& speed : optional(value, "speeds", json::array()))
        grade.speeds.push_back(speed_from(speed));
    check_sum(value, grade, grade.step.id);
    return grade;
}

}  // namespace

json to_json(const std::vector<ExerciseGrade>& grades) {
    json exercises = json::array();
    int earned = 0;
    int possible = 0;
    for (const ExerciseGrade& grade : grades) {
        earned += grade.earned();
        possible += grade.possible();
        exercises.push_back(to_json(grade));
    }
    return {{"version", 1},
            {"points", points(earned)},
            {"possible", points(possible)},
            {"exercises", std::move(exercises)}};
}

ExerciseGrade exercise_grade_from_json(const json& value) try {
    ExerciseGrade grade{.name = value.at("name"),
                        .title = value.at("title"),
                        .notes = optional<std::vector<std::string>>(value, "notes")};
    for (const json& step : optional(value, "steps", json::array()))
        grade.steps.push_back(step_from(step));
    check_sum(value, grade, grade.name);
    return grade;
} catch (const json::exception& error) {
    throw UserError(std::string("A grade can't be read: ") + error.what());
}

}  // namespace cacheline::grader
