#include "classroom_resources.hpp"

#include <algorithm>
#include <cstdint>

#include "json_report.hpp"
#include "outline.hpp"
#include "text.hpp"

namespace cacheline::grader {

using json = nlohmann::ordered_json;

namespace {

std::string base64(std::string_view bytes) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::string_view group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            text += i <= group.size() ? kDigits[bits >> (18 - 6 * i) & 63U] : '=';
    }
    return text;
}

json test(const std::string& name, const char* status, double score, const std::string& output) {
    return {{"name", inert_log_text(replaced(name, "\n", " "))},
            {"status", status},
            {"score", score},
            {"message", inert_log_text(output)},
            // The only field that the action prints for a test that failed.
            {"test_code", inert_log_text(output)},
            {"filename", ""},
            {"line_no", 0},
            {"execution_time", "0s"}};
}

json test_of(const ExerciseGrade& exercise, const StepGrade& step) {
    json value = test(exercise.name + "." + step.step.id + ": " + step.step.title,
                      step.full() ? "pass" : "fail", points(step.earned()), failures_text(step));
    for (const Item& item : items_of(step)) {
        if (item.mark == Mark::passed) continue;
        if (const auto place = file_and_line(item.explanation.where)) {
            value["filename"] = place->first;
            value["line_no"] = place->second;
        }
        break;
    }
    return value;
}

}  // namespace

std::string inert_log_text(std::string_view text) {
    std::string result;
    const std::string safe = replaced(printable(text), "##[", "# #[");
    bool start = true;  // nothing on this line yet but what the runner trims away
    for (std::size_t i = 0; i < safe.size(); ++i) {
        if (start && safe[i] == ':' && safe.substr(i, 2) == "::") result += "| ";
        if (safe[i] == '\n')
            start = true;
        else if (safe[i] > ' ')
            start = false;
        result += safe[i];
    }
    return result;
}

std::string classroom_resources_result(const StudentGrade& grade) {
    json tests = json::array();
    if (!grade.error.empty()) tests.push_back(test("submission", "error", 0, grade.error));
    for (const ExerciseGrade& exercise : grade.exercises)
        for (const StepGrade& step : exercise.steps)
            tests.push_back(test_of(exercise, step));
    for (const Flag& flag : grade.flags)
        if (flag.attack) tests.push_back(test("inspection", "error", 0, flag_text(flag)));
    // The action divides by the number of tests.
    if (tests.empty())
        tests.push_back(test("submission", "error", 0, "There is nothing to grade."));
    const auto has = [&](const char* status) {
        return std::ranges::any_of(tests,
                                   [&](const json& one) { return one.at("status") == status; });
    };
    const json result{{"version", 1},
                      {"status", has("error")  ? "error"
                                 : has("fail") ? "fail"
                                               : "pass"},
                      {"max_score", points(grade.possible())},
                      {"tests", std::move(tests)}};
    return base64(result.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace cacheline::grader
