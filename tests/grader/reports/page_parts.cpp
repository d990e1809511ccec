#include "page_parts.hpp"

#include "batch_numbers.hpp"
#include "outline.hpp"
#include "scorecard.hpp"
#include "text.hpp"

namespace cacheline::grader {
namespace {

constexpr std::size_t kMostFailures = 40;  // told of one exercise

std::string failure_html(const StepGrade& step, const Item& item) {
    std::string out = "<li class=\"lost\"><h4>" + isolated(step.step.id + ": " + item.name) +
                      " <span class=\"badge bad\">" + html(item.verdict) + "</span></h4>";
    std::string list;
    const auto row = [&](const char* label, const std::string& text, const char* style) {
        if (!text.empty())
            list +=
                std::string("<dt>") + label + "</dt><dd" + style + ">" + isolated(text) + "</dd>";
    };
    const Explanation& explanation = item.explanation;
    row("what", explanation.what, "");
    row("expected", explanation.expected, " class=\"mono\"");
    row("got", explanation.got, " class=\"mono\"");
    row("why", explanation.why, "");
    row("where", explanation.where, " class=\"mono\"");
    for (const std::string& note : explanation.notes)
        row("note", note, "");
    return out + (list.empty() ? "" : "<dl>" + list + "</dl>") + "</li>\n";
}

// What went wrong, folded away; what is still to be written is only counted.
std::string failures_html(const ExerciseGrade& exercise) {
    std::string told;
    std::size_t lost = 0;
    std::size_t not_attempted = 0;
    for (const StepGrade& step : exercise.steps)
        for (const Item& item : items_of(step)) {
            if (item.mark == Mark::passed) continue;
            if (!item.attempted)
                ++not_attempted;
            else if (++lost <= kMostFailures)
                told += failure_html(step, item);
        }
    std::string out;
    if (not_attempted != 0)
        out += "<p class=\"quiet\">" + std::to_string(not_attempted) +
               (not_attempted == 1 ? " test is" : " tests are") +
               " still to be written, or nothing was built for them.</p>\n";
    if (lost != 0) {
        out += "<details><summary>" + std::to_string(lost) + (lost == 1 ? " test" : " tests") +
               " not passed</summary><ul class=\"plain\">\n" + told + "</ul>";
        if (lost > kMostFailures)
            out += "<p class=\"quiet\">and " + std::to_string(lost - kMostFailures) + " more</p>";
        out += "</details>\n";
    }
    return out;
}

std::string exercise_html(const ExerciseGrade& exercise) {
    std::string out = "<div class=\"exercise\"><div class=\"top\"><h3>" + html(exercise.title) +
                      "</h3><span>" + bar_html(percent(exercise.earned(), exercise.possible())) +
                      " " + points_html(exercise.earned(), exercise.possible()) + "</span></div>\n";
    if (!exercise.steps.empty()) out += "<ul class=\"steps\">";
    for (const StepGrade& step : exercise.steps)
        out += std::string("<li class=\"") +
               (step.full()          ? "full"
                : step.earned() == 0 ? "none"
                                     : "some") +
               "\" title=\"" + html(step.step.title) + "\">" + html(step.step.id) + " " +
               points_html(step.earned(), step.possible()) + "</li>";
    if (!exercise.steps.empty()) out += "</ul>\n";
    for (const std::string& note : exercise.notes)
        out += "<p>" + isolated(clipped(note, 1000)) + "</p>\n";
    return out + failures_html(exercise) + "</div>\n";
}

}  // namespace

std::string html(std::string_view text) {
    return escape_markup(printable(text));
}

std::string isolated(std::string_view text) {
    return "<bdi>" + html(text) + "</bdi>";
}

std::string points_html(int earned, int possible) {
    return "<data value=\"" + points_text(earned) + "\">" + points_text(earned) +
           "</data><span class=\"of\"> of " + points_text(possible) + "</span>";
}

std::string bar_html(int percent) {
    return "<span class=\"bar\" aria-hidden=\"true\" style=\"--p:" + std::to_string(percent) +
           "%\"><i></i></span>";
}

std::string flags_html(const std::vector<Flag>& flags) {
    std::string out = "<ul class=\"plain\">\n";
    for (const bool attack : {true, false})
        for (Flag flag : flags) {
            if (flag.attack != attack) continue;
            flag.attack = false;  // the badge says it
            out += std::string("<li><span class=\"badge") + (attack ? " bad\">attack" : "\">flag") +
                   "</span> " + isolated(flag_text(flag)) + "</li>\n";
        }
    return out + "</ul>\n";
}

std::string student_section(const StudentGrade& student, const std::string& id, bool with_flags) {
    std::string out = "<article class=\"card\" id=\"" + id + "\"><div class=\"top\"><h2>" +
                      isolated(student.student) + "</h2><span>" +
                      bar_html(percent(student.earned(), student.possible())) + " <strong>" +
                      points_html(student.earned(), student.possible()) +
                      "</strong> points</span></div>\n";
    if (!student.error.empty())
        out += "<p><span class=\"badge bad\">" + student.error_title() + "</span> " +
               isolated(clipped(student.error, 1000)) + "</p>\n";
    if (with_flags && !student.flags.empty()) out += flags_html(student.flags);
    for (const ExerciseGrade& exercise : student.exercises)
        out += exercise_html(exercise);
    return out + "<p class=\"quiet\">Seed <code>" + std::to_string(student.seed) +
           "</code></p></article>\n";
}

std::string html_page(const std::string& title, const std::string& body) {
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
           "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
           "<meta name=\"referrer\" content=\"no-referrer\">\n<title>" +
           html(title) + "</title>\n<style>" + kPageStyle + "</style>\n</head>\n<body>\n" + body +
           "</body>\n</html>\n";
}

}  // namespace cacheline::grader
