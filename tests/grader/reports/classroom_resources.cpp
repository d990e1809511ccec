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

// The result becomes one environment variable, of which Linux takes 128 KiB: this much text leaves
// room for base64, JSON's escapes and the other fields.
constexpr std::size_t kMostText = 40'000;

json test(const std::string& name, const char* status, double score) {
    return {{"name", inert_log_text(replaced(name, "\n", " "))},
            {"status", status},
            {"score", score},
            {"message", ""},
            {"test_code", ""},
            {"filename", ""},
            {"line_no", 0},
            {"execution_time", "0s"}};
}

json error(const std::string& name, const std::string& message) {
    json value = test(name, "error", 0);
    value["message"] = inert_log_text(clipped(message, 1000));
    return value;
}

json test_of(const ExerciseGrade& exercise, const StepGrade& step, std::size_t most_text) {
    json value = test(exercise.name + "." + step.step.id + ": " + step.step.title,
                      step.full() ? "pass" : "fail", points(step.earned()));
    // The only field that the action prints of a test that failed.
    value["test_code"] = inert_log_text(clipped(failures_text(step), most_text));
    for (const Item& item : items_of(step)) {
        if (item.mark == Mark::passed) continue;
        if (const auto place = file_and_line(item.explanation.where)) {
            value["filename"] = clipped(place->first, 100);
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
    if (!grade.error.empty()) tests.push_back(error("submission", grade.error));
    std::size_t steps = 1;
    for (const ExerciseGrade& exercise : grade.exercises)
        steps += exercise.steps.size();
    for (const ExerciseGrade& exercise : grade.exercises)
        for (const StepGrade& step : exercise.steps)
            tests.push_back(test_of(exercise, step, kMostText / steps));
    if (grade.attacked()) tests.push_back(error("inspection", attacks_text(grade.flags)));
    // The action divides by the number of tests.
    if (tests.empty()) tests.push_back(error("submission", "There is nothing to grade."));
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
