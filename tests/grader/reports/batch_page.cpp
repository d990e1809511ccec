#include "batch_page.hpp"

#include <algorithm>

#include "batch_numbers.hpp"
#include "page_parts.hpp"
#include "scorecard.hpp"

namespace cacheline::grader {
namespace {

constexpr std::size_t kHardest = 8;

std::string tile(const std::string& label, const std::string& value) {
    return "<div><dt>" + label + "</dt><dd>" + value + "</dd></div>\n";
}

std::string percent_text(double percent) {
    return points_text(static_cast<int>(percent * 10) * 10) + "%";
}

std::string section(const char* id, const std::string& title, const std::string& body) {
    return std::string("<section class=\"card\" aria-labelledby=\"") + id + "\"><h2 id=\"" + id +
           "\">" + title + "</h2>\n" + body + "</section>\n";
}

// "0 to 9%", …, "90 to 100%".
std::string bin_name(std::size_t bin) {
    return std::to_string(bin * 10) + " to " + std::to_string(bin == 9 ? 100 : bin * 10 + 9) + "%";
}

std::string histogram(const BatchNumbers& numbers) {
    constexpr std::size_t kHeight = 140;
    constexpr std::size_t kBin = 32;
    const std::size_t most = std::max<std::size_t>(1, std::ranges::max(numbers.histogram));
    std::string bars;
    std::string spoken;
    for (std::size_t bin = 0; bin < numbers.histogram.size(); ++bin) {
        const std::size_t count = numbers.histogram[bin];
        const std::size_t height = kHeight * count / most;
        const std::size_t left = 12 + bin * kBin;
        const std::string middle = std::to_string(left + kBin / 2);
        const auto y = [&](std::size_t above) { return std::to_string(20 + kHeight - above); };
        if (count != 0)
            bars += "<rect x=\"" + std::to_string(left + 3) + "\" y=\"" + y(height) +
                    "\" width=\"26\" height=\"" + std::to_string(height) +
                    "\" rx=\"3\"/><text class=\"n\" x=\"" + middle + "\" y=\"" + y(height + 5) +
                    "\">" + std::to_string(count) + "</text>\n";
        bars += "<text x=\"" + std::to_string(left) + "\" y=\"178\">" + std::to_string(bin * 10) +
                "</text>";
        spoken += (spoken.empty() ? "" : ", ") + bin_name(bin) + ": " + std::to_string(count);
    }
    return "<svg viewBox=\"0 0 344 202\" role=\"img\" aria-labelledby=\"histogram-title "
           "histogram-text\"><title id=\"histogram-title\">Students by share of the points</title>"
           "<desc id=\"histogram-text\">" +
           spoken + "</desc>\n<path d=\"M12 160.5H332\"/>\n" + bars +
           "<text x=\"332\" y=\"178\">100</text>"
           "<text x=\"172\" y=\"198\">percent of the points</text></svg>\n";
}

std::string hardest_tests(const BatchNumbers& numbers) {
    if (numbers.hardest.empty()) return "<p>Nobody failed a test.</p>\n";
    std::string out =
        "<table><thead><tr><th scope=\"col\">Test</th><th scope=\"col\">Not passed by"
        "</th></tr></thead><tbody>\n";
    for (std::size_t i = 0; i < std::min(kHardest, numbers.hardest.size()); ++i) {
        const HardTest& test = numbers.hardest[i];
        const int share = static_cast<int>(test.share() * 100 + 0.5);
        out += "<tr><th scope=\"row\">" + isolated(test.name) + "<br><span class=\"quiet\">" +
               html(test.exercise + "." + test.step) + "</span></th><td>" + bar_html(share) + " " +
               std::to_string(test.lost) + " of " + std::to_string(test.students) + "</td></tr>\n";
    }
    return out + "</tbody></table>\n";
}

std::string id_of(std::size_t index) {
    return "student-" + std::to_string(index + 1);
}

// Each flag with a link to its student, all attacks before all others.
std::string all_flags(const std::vector<StudentGrade>& students) {
    std::string out;
    for (const bool attacked : {true, false})
        for (std::size_t i = 0; i < students.size(); ++i)
            if (!students[i].flags.empty() && students[i].attacked() == attacked)
                out += "<h3><a href=\"#" + id_of(i) + "\">" + isolated(students[i].student) +
                       "</a></h3>\n" + flags_html(students[i].flags);
    return out.empty() ? "<p>Inspection found nothing.</p>\n" : out;
}

std::vector<const ExerciseGrade*> exercises_of(const std::vector<StudentGrade>& students) {
    std::vector<const ExerciseGrade*> exercises;
    for (const StudentGrade& student : students)
        for (const ExerciseGrade& exercise : student.exercises)
            if (std::ranges::find(exercises, exercise.name, &ExerciseGrade::name) ==
                exercises.end())
                exercises.push_back(&exercise);
    std::ranges::sort(exercises, {}, &ExerciseGrade::name);
    return exercises;
}

// "06"
std::string number_of(const ExerciseGrade& exercise) {
    return html(exercise.name.substr(0, exercise.name.find('-')));
}

std::string student_row(const StudentGrade& student, const std::string& id,
                        const std::vector<const ExerciseGrade*>& exercises) {
    std::string out = "<tr><th scope=\"row\"><a href=\"#" + id + "\">" + isolated(student.student) +
                      "</a></th><td>" + points_html(student.earned(), student.possible()) + "</td>";
    for (const ExerciseGrade* const exercise : exercises) {
        const auto own = std::ranges::find(student.exercises, exercise->name, &ExerciseGrade::name);
        if (own == student.exercises.end()) {
            out += "<td class=\"x\">–</td>";
            continue;
        }
        out += "<td class=\"x\" style=\"--p:" +
               std::to_string(percent(own->earned(), own->possible())) + "%\">" +
               points_text(own->earned()) + "</td>";
    }
    out += "<td class=\"flags\">";
    if (!student.error.empty())
        out += "<span class=\"badge bad\">" + student.error_title() + "</span> ";
    if (student.attacked())
        out += "<span class=\"badge bad\">attack</span>";
    else if (!student.flags.empty())
        out += "<span class=\"badge\">" + std::to_string(student.flags.size()) + "</span>";
    return out + "</td></tr>\n";
}

// The columns have the exercises' numbers only.
std::string exercise_names(const std::vector<const ExerciseGrade*>& exercises) {
    std::string names;
    for (const ExerciseGrade* const exercise : exercises)
        names += "<span>" + number_of(*exercise) + " " + html(exercise->title) + "</span> ";
    return names.empty() ? "" : "<caption class=\"x\">" + names + "</caption>";
}

std::string student_table(const std::vector<StudentGrade>& students) {
    const std::vector<const ExerciseGrade*> exercises = exercises_of(students);
    std::string out =
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"students\">"
        "<table class=\"students\">" +
        exercise_names(exercises) +
        "<thead><tr><th scope=\"col\">Student</th><th scope=\"col\">Points</th>";
    for (const ExerciseGrade* const exercise : exercises)
        out += "<th scope=\"col\" class=\"x\">" + number_of(*exercise) + "</th>";
    out += "<th scope=\"col\" class=\"flags\">Flags</th></tr></thead><tbody>\n";
    for (std::size_t i = 0; i < students.size(); ++i)
        out += student_row(students[i], id_of(i), exercises);
    return out + "</tbody></table></div>\n";
}

}  // namespace

std::string batch_page(const std::vector<StudentGrade>& students, const std::string& title) {
    const BatchNumbers numbers = numbers_of(students);
    const auto flagged = std::ranges::count_if(
        students, [](const StudentGrade& student) { return !student.flags.empty(); });
    std::string body =
        "<a class=\"skip\" href=\"#students\">To the students</a>\n<main>\n<h1>" + html(title) +
        "</h1>\n<dl class=\"tiles\">\n" + tile("Students", std::to_string(students.size())) +
        tile("Median", percent_text(numbers.median)) + tile("Mean", percent_text(numbers.mean)) +
        tile("Full marks", std::to_string(numbers.full)) +
        tile("With an error", std::to_string(numbers.errors)) +
        tile("Flagged", std::to_string(flagged)) + "</dl>\n<div class=\"pair\">\n<div>" +
        section("distribution", "Distribution of totals", histogram(numbers)) +
        section("flags", "Flags", all_flags(students)) + "</div>\n" +
        section("hardest", "Hardest tests", hardest_tests(numbers)) + "</div>\n" +
        section("students", "Students", student_table(students));
    for (std::size_t i = 0; i < students.size(); ++i)
        body += student_section(students[i], id_of(i), true);
    return html_page(title, body + "</main>\n");
}

std::string student_page(const StudentGrade& student) {
    return html_page(student.student, "<main>\n<h1>Grade</h1>\n" +
                                          student_section(student, "grade", false) + "</main>\n");
}

}  // namespace cacheline::grader
