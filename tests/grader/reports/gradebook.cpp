#include "gradebook.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "outline.hpp"
#include "scorecard.hpp"
#include "text.hpp"

namespace cacheline::grader {
namespace {

// The last four are the full-width forms of = + - @, which some spreadsheets take for the same.
constexpr std::array<std::string_view, 11> kFormulaStarts{
    "=", "+", "-", "@", "\t", "\r", "\n", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"};

std::string cell(const std::string& text) {
    std::string value = printable(text);
    const bool formula =
        std::ranges::any_of(kFormulaStarts, [&](auto start) { return value.starts_with(start); });
    if (formula) value.insert(0, "'");
    if (value.find_first_of(",\"\r\n") == std::string::npos) return value;
    return '"' + replaced(std::move(value), "\"", "\"\"") + '"';
}

// An exercise, or with a step one of its steps.
struct Column {
    std::string exercise;
    std::string step;

    bool operator==(const Column&) const = default;
};

std::vector<Column> columns_of(const std::vector<StudentGrade>& students) {
    std::vector<Column> exercises;
    std::vector<Column> steps;
    const auto add = [](std::vector<Column>& columns, Column column) {
        if (std::ranges::find(columns, column) == columns.end())
            columns.push_back(std::move(column));
    };
    for (const StudentGrade& student : students)
        for (const ExerciseGrade& exercise : student.exercises) {
            add(exercises, {exercise.name, ""});
            for (const StepGrade& step : exercise.steps)
                add(steps, {exercise.name, step.step.id});
        }
    std::ranges::stable_sort(exercises, {}, &Column::exercise);
    std::ranges::stable_sort(steps, {}, &Column::exercise);
    exercises.insert(exercises.end(), steps.begin(), steps.end());
    return exercises;
}

// What is not there earned nothing.
int earned(const StudentGrade& student, const Column& column) {
    const auto exercise =
        std::ranges::find(student.exercises, column.exercise, &ExerciseGrade::name);
    if (exercise == student.exercises.end()) return 0;
    if (column.step.empty()) return exercise->earned();
    const auto step = std::ranges::find_if(
        exercise->steps, [&](const StepGrade& one) { return one.step.id == column.step; });
    return step == exercise->steps.end() ? 0 : step->earned();
}

std::string flags_text(const std::vector<Flag>& flags, bool attacks) {
    std::string text;
    for (const Flag& flag : flags) {
        if (flag.attack != attacks) continue;
        text += (text.empty() ? "" : "\n") + flag_text(flag);
    }
    return text;
}

}  // namespace

std::string gradebook(const std::vector<StudentGrade>& students) {
    const std::vector<Column> columns = columns_of(students);
    std::string out = "student,points,possible";
    for (const Column& column : columns)
        out += "," + cell(column.exercise + (column.step.empty() ? "" : "." + column.step));
    out += ",attacks,flags,error\r\n";
    for (const StudentGrade& student : students) {
        out += cell(student.student) + "," + points_text(student.earned()) + "," +
               points_text(student.possible());
        for (const Column& column : columns)
            out += "," + points_text(earned(student, column));
        out += "," + cell(flags_text(student.flags, true)) + "," +
               cell(flags_text(student.flags, false)) + "," + cell(student.error) + "\r\n";
    }
    return out;
}

}  // namespace cacheline::grader
