#include "step_summary.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include "outline.hpp"
#include "scorecard.hpp"
#include "text.hpp"

namespace cacheline::grader {
namespace {

constexpr std::size_t kSummaryLimit = 512 << 10;
constexpr std::size_t kLongest = 600;
constexpr std::size_t kMostAnnotations = 10;

// Character references are never Markdown's structure (CommonMark 0.31, section 2.5), so whatever
// is neither letter, digit nor one of these is written as one.
std::string inert(const std::string& text) {
    std::string result;
    for (const char c : clipped(printable(text), kLongest)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n')
            result += "<br>";
        else if (std::isalnum(byte) != 0 || byte >= 0x80 || c == ' ' || c == ',' || c == '%')
            result += c;
        else
            result += "&#" + std::to_string(byte) + ";";
    }
    return result;
}

std::string code(const std::string& text) {
    return "<code>" + inert(text) + "</code>";
}

std::string of(int earned, int possible) {
    return points_text(earned) + " of " + points_text(possible);
}

void add_failure(std::string& out, const StepGrade& step, const Item& item) {
    out +=
        "- " + inert(step.step.id) + ", " + code(item.name) + ": **" + inert(item.verdict) + "**\n";
    const auto line = [&](const char* label, const std::string& text) {
        if (!text.empty()) out += std::string("  - ") + label + text + "\n";
    };
    const Explanation& explanation = item.explanation;
    const auto quoted = [](const std::string& text) {
        return text.empty() ? std::string() : code(text);
    };
    line("", inert(explanation.what));
    line("expected ", quoted(explanation.expected));
    line("got ", quoted(explanation.got));
    line("why: ", inert(explanation.why));
    line("where: ", quoted(explanation.where));
}

void add_failures(std::string& out, const ExerciseGrade& exercise) {
    std::string told;
    std::size_t left_out = 0;
    for (const StepGrade& step : exercise.steps)
        for (const Item& item : items_of(step)) {
            if (item.mark == Mark::passed || !item.attempted) continue;
            if (out.size() + told.size() > kSummaryLimit)
                ++left_out;
            else
                add_failure(told, step, item);
        }
    if (left_out != 0) told += "- and " + std::to_string(left_out) + " more\n";
    std::string notes;
    for (const std::string& note : exercise.notes)
        if (out.size() + told.size() + notes.size() < kSummaryLimit)
            notes += "- " + inert(note) + "\n";
    if (!told.empty() || !notes.empty())
        out += "\n### " + inert(exercise.title) + "\n\n" + notes + told;
}

// Data of a workflow command, and with `property` also what would end one of its properties.
std::string command_text(const std::string& text, bool property) {
    std::string result = replaced(clipped(printable(text), kLongest), "%", "%25");
    result = replaced(replaced(std::move(result), "\r", "%0D"), "\n", "%0A");
    if (property) result = replaced(replaced(std::move(result), ":", "%3A"), ",", "%2C");
    return result;
}

std::string annotation(const ExerciseGrade& exercise, const StepGrade& step, const Item& item) {
    std::string command = "::error ";
    if (auto place = file_and_line(item.explanation.where)) {
        auto& [file, line] = *place;
        if (file.find('/') == std::string::npos) file = "tests/" + exercise.name + "/" + file;
        command += "file=" + command_text(file, true) + ",line=" + std::to_string(line) + ",";
    }
    return command + "title=" + command_text(exercise.name + "." + step.step.id, true) +
           "::" + command_text(item.name + "\n" + item.text(), false) + "\n";
}

}  // namespace

std::string step_summary(const StudentGrade& grade) {
    std::string out = "## " + of(grade.earned(), grade.possible()) + " points\n\n";
    if (!grade.error.empty())
        out += "**" + grade.error_title() + ":** " + inert(grade.error) + "\n\n";
    out += "| Exercise | Step | Points | Not passed |\n|---|---|--:|--:|\n";
    for (const ExerciseGrade& exercise : grade.exercises) {
        out += "| **" + inert(exercise.title) + "** | | **" +
               of(exercise.earned(), exercise.possible()) + "** | |\n";
        for (const StepGrade& step : exercise.steps) {
            const std::vector<Item> items = items_of(step);
            const auto lost = std::ranges::count_if(
                items, [](const Item& item) { return item.mark != Mark::passed; });
            out += "| | " + inert(step.step.title) + " | " + of(step.earned(), step.possible()) +
                   " | " + (lost == 0 ? std::string() : std::to_string(lost)) + " |\n";
        }
    }
    for (const ExerciseGrade& exercise : grade.exercises)
        add_failures(out, exercise);
    return out;
}

std::string workflow_annotations(const StudentGrade& grade) {
    std::vector<std::string> commands;
    if (!grade.error.empty())
        commands.push_back("::error title=" + grade.error_title() +
                           "::" + command_text(grade.error, false) + "\n");
    std::vector<std::pair<std::string, std::string>> told;  // a compiler's error fails every test
    for (const ExerciseGrade& exercise : grade.exercises) {
        bool lost = false;
        for (const StepGrade& step : exercise.steps)
            for (const Item& item : items_of(step)) {
                if (item.mark == Mark::passed || item.mark == Mark::skipped) continue;
                const bool todo = !item.attempted && item.mark == Mark::failed;
                // Nobody has to hear that there is no speed before the rest is right.
                const bool too_early = lost && !step.speeds.empty();
                lost = true;
                if (todo || too_early) continue;
                std::pair place(item.explanation.where, item.text());
                if (std::ranges::find(told, place) != told.end()) continue;
                commands.push_back(annotation(exercise, step, item));
                told.push_back(std::move(place));
            }
    }
    if (commands.size() > kMostAnnotations) {
        const std::size_t more = commands.size() - (kMostAnnotations - 1);
        commands.resize(kMostAnnotations - 1);
        commands.push_back("::error title=And more::" + std::to_string(more) +
                           " more failures, see the summary\n");
    }
    std::string out;
    for (const std::string& command : commands)
        out += command;
    return out;
}

}  // namespace cacheline::grader
