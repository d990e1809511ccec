#include "json_report.hpp"

namespace cacheline::grader {

using json = nlohmann::ordered_json;

namespace {

double points(int hundredths) {
    return hundredths / 100.0;
}

json to_json(const BuildRun& run) {
    json value{{"build", run.build},
               {"verdict", to_string(run.verdict)},
               {"assertions", run.assertions},
               {"output_bytes", run.output_bytes}};
    const Explanation& explanation = run.explanation;
    const auto add = [&](const char* key, const std::string& text) {
        if (!text.empty()) value[key] = text;
    };
    add("what", explanation.what);
    add("expected", explanation.expected);
    add("got", explanation.got);
    add("why", explanation.why);
    add("where", explanation.where);
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
    if (!speed.reason.empty()) value["reason"] = speed.reason;
    return value;
}

json to_json(const StepGrade& step) {
    json value{{"id", step.step.id},
               {"title", step.step.title},
               {"points", points(step.earned())},
               {"possible", points(step.possible())}};
    if (!step.audit.empty()) value["audit"] = step.audit;
    if (!step.cases.empty()) {
        for (const CaseGrade& one : step.cases)
            value["cases"].push_back(to_json(one));
    }
    for (const SpeedGrade& speed : step.speeds)
        value["speeds"].push_back(to_json(speed));
    return value;
}

}  // namespace

json to_json(const std::vector<ExerciseGrade>& grades) {
    json exercises = json::array();
    int earned = 0;
    int possible = 0;
    for (const ExerciseGrade& grade : grades) {
        earned += grade.earned();
        possible += grade.possible();
        json value{{"name", grade.name},
                   {"title", grade.title},
                   {"points", points(grade.earned())},
                   {"possible", points(grade.possible())}};
        if (!grade.notes.empty()) value["notes"] = grade.notes;
        for (const StepGrade& step : grade.steps)
            value["steps"].push_back(to_json(step));
        exercises.push_back(std::move(value));
    }
    return {{"version", 1},
            {"points", points(earned)},
            {"possible", points(possible)},
            {"exercises", std::move(exercises)}};
}

}  // namespace cacheline::grader
