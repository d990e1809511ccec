#include "scorecard.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>

#include "files.hpp"
#include "reports/text.hpp"

namespace cacheline::grader {
namespace {

constexpr std::size_t kIdWidth = 11;
constexpr std::size_t kBarWidth = 20;
constexpr std::size_t kPointsWidth = 11;

std::string padded(std::string text, std::size_t width, bool right = false) {
    if (text.size() < width) text.insert(right ? 0 : text.size(), width - text.size(), ' ');
    return text;
}

/// "40 min", "1 h 30 min", "7 h".
std::string duration_text(int minutes) {
    std::string text;
    if (minutes >= 60) text = std::to_string(minutes / 60) + " h";
    if (minutes % 60 != 0 || minutes == 0)
        text += (text.empty() ? "" : " ") + std::to_string(minutes % 60) + " min";
    return text;
}

/// What is still to be done of an exercise, going by its points, in steps of five minutes.
int minutes_left(const ExerciseGrade& grade) {
    double left = 0;
    for (const StepGrade& step : grade.steps)
        if (!step.full())
            left += step.step.minutes * (1.0 - double(step.earned()) / step.possible());
    return static_cast<int>((left + 4.99) / 5) * 5;
}

std::string_view slug_of(const std::string& exercise) {
    return std::string_view(exercise).substr(exercise.find('-') + 1);
}

/// Breaks a line at spaces; each further one starts with `indent`. Its own indentation stays.
std::string wrapped_line(const std::string& text, const std::string& indent, std::size_t width) {
    const std::size_t start = std::min(text.find_first_not_of(' '), text.size());
    std::string result = text.substr(0, start);
    std::size_t column = indent.size() + start;
    const std::size_t first = column;
    for (std::size_t at = start; at < text.size();) {
        const std::size_t space = std::min(text.find(' ', at), text.size());
        const std::size_t length = space - at;
        if (column > first && column + 1 + length > width) {
            result += '\n' + indent;
            column = indent.size();
        } else if (column > first) {
            result += ' ';
            ++column;
        }
        result.append(text, at, length);
        column += length;
        at = space + 1;
    }
    return result;
}

/// The same for each line of a text, such as a declaration that a note shows.
std::string wrapped(const std::string& text, const std::string& indent, std::size_t width) {
    std::string result;
    for (const std::string& line : lines_of(text)) {
        if (line.empty()) continue;
        if (!result.empty()) result += '\n' + indent;
        result += wrapped_line(line, indent, width);
    }
    return result;
}

/// The run that tells a student most: after a crash a sanitizer's, which names the line.
const BuildRun& telling_run(const CaseGrade& grade) {
    const BuildRun& first = grade.decisive();
    if (first.verdict != Verdict::crashed) return first;
    const auto named = std::ranges::find_if(grade.runs, [](const BuildRun& run) {
        return run.verdict == Verdict::failed && !run.explanation.where.empty() &&
               run.explanation.expected.empty();
    });
    return named == grade.runs.end() ? first : *named;
}

class Printer {
public:
    Printer(std::ostream& out, const std::vector<ExerciseGrade>& grades, const Style& style)
        : out_(out), style_(style) {
        for (const ExerciseGrade& grade : grades) {
            width_ = std::max(width_, grade.title.size() + 2);
            for (const StepGrade& step : grade.steps)
                width_ = std::max(width_, kIdWidth + step.step.title.size() + 2);
        }
    }

    void current(const ExerciseGrade& grade) {
        for (std::size_t i = 0; i < grade.steps.size(); ++i) {
            const StepGrade& step = grade.steps[i];
            if (step.full() && step.possible() != 0) continue;
            out_ << "Now: "
                 << paint(kBold, "step " + std::to_string(i + 1) + " of " +
                                     std::to_string(grade.steps.size()) + ", " + step.step.title)
                 << " (" << step.step.id << ", " << points_text(step.earned()) << " of "
                 << step.step.points << " points)\n\n";
            for (const CaseGrade& one : step.cases) {
                if (one.verdict() == Verdict::passed) continue;
                // What the compiler said stands under the bars.
                if (one.verdict() != Verdict::not_built) failure(grade, step, one);
                return;
            }
            if (!step.audit.empty()) line("audit", step.audit);
            return;
        }
    }

    void celebration(const ExerciseGrade& grade, const std::string& date) {
        const std::string star = style_.unicode ? "★" : "*";
        const std::string slug(slug_of(grade.name));
        out_ << paint(kYellow, star + ' ' + star + ' ' + star) << "  "
             << paint(kBold, grade.title + ": every point, on " + date + ".") << "  "
             << paint(kYellow, star + ' ' + star + ' ' + star) << '\n'
             << "       Now see how the reference does it: "
             << paint(kBold, "./workbook diff " + slug)
             << "\n       And what yours is worth beside the libraries: "
             << paint(kBold, "./workbook bench " + slug) << "\n\n";
    }

    void exercise(const ExerciseGrade& grade) {
        const int earned = grade.earned();
        const int possible = grade.possible();
        out_ << paint(kBold, padded(grade.name.substr(0, 2) + "  " + grade.title, width_ + 4))
             << bar(earned, possible) << score(earned, possible);
        if (const int minutes = minutes_left(grade); minutes != 0)
            out_ << paint(kDim, "  about " + duration_text(minutes) + " to go");
        out_ << '\n';
        for (const StepGrade& one : grade.steps)
            step(one);
        for (const std::string& note : grade.notes)
            out_ << "    " << paint(kRed, note) << '\n';
        out_ << '\n';
    }

    void failures(const std::vector<ExerciseGrade>& grades) {
        std::size_t told = 0;
        std::size_t lost = 0;
        for (const ExerciseGrade& grade : grades)
            for (const StepGrade& step : grade.steps)
                for (const CaseGrade& one : step.cases) {
                    if (!is_failure(one.verdict())) continue;
                    if (++lost <= style_.failures) {
                        failure(grade, step, one);
                        ++told;
                    }
                }
        if (lost > told)
            out_ << (style_.unicode ? "… and " : "... and ") << lost - told
                 << (lost - told == 1 ? " more test case.\n\n" : " more test cases.\n\n");
    }

    /// The first step that is still to be written, and how to get help.
    void next(const std::vector<ExerciseGrade>& grades) {
        for (const ExerciseGrade& grade : grades)
            for (const StepGrade& step : grade.steps)
                for (const CaseGrade& one : step.cases) {
                    if (one.verdict() != Verdict::todo) continue;
                    out_ << "Next: " << paint(kBold, grade.name + "." + step.step.id) << ", "
                         << one.decisive().explanation.what << ". "
                         << "Hint: " << hint(grade, step) << '\n';
                    return;
                }
    }

private:
    static constexpr const char* kBold = "1";
    static constexpr const char* kRed = "31";
    static constexpr const char* kGreen = "32";
    static constexpr const char* kYellow = "33";
    static constexpr const char* kDim = "2";

    static bool is_failure(Verdict verdict) {
        return verdict != Verdict::passed && verdict != Verdict::todo &&
               verdict != Verdict::not_built;
    }

    std::string paint(const char* code, const std::string& text) const {
        return style_.colour ? std::string("\033[") + code + "m" + text + "\033[0m" : text;
    }

    std::string bar(int earned, int possible) const {
        const auto cells = possible == 0 ? 0
                                         : kBarWidth * static_cast<std::size_t>(earned) /
                                               static_cast<std::size_t>(possible);
        std::string full;
        std::string empty;
        for (std::size_t i = 0; i < kBarWidth; ++i)
            (i < cells ? full : empty) +=
                style_.unicode ? (i < cells ? "█" : "░") : (i < cells ? "#" : ".");
        return paint(earned == possible ? kGreen : kYellow, full) + paint(kDim, empty);
    }

    static std::string score(int earned, int possible) {
        return padded(points_text(earned) + "/" + points_text(possible), kPointsWidth, true);
    }

    void step(const StepGrade& grade) {
        out_ << "    " << padded(padded(grade.step.id, kIdWidth) + grade.step.title, width_)
             << bar(grade.earned(), grade.possible()) << score(grade.earned(), grade.possible());
        std::string tail;
        for (const Verdict verdict : {Verdict::failed, Verdict::crashed, Verdict::timed_out,
                                      Verdict::not_built, Verdict::error, Verdict::todo}) {
            const auto count = std::ranges::count_if(
                grade.cases, [&](const CaseGrade& one) { return one.verdict() == verdict; });
            if (count == 0) continue;
            tail += tail.empty() ? "  " : ", ";
            tail += std::to_string(count) + " " + std::string(to_string(verdict));
        }
        const bool untouched = std::ranges::all_of(
            grade.cases, [](const CaseGrade& one) { return one.verdict() == Verdict::todo; });
        if (untouched && !grade.cases.empty() && grade.step.minutes != 0)
            tail += ", about " + duration_text(grade.step.minutes);
        out_ << paint(kDim, tail) << '\n';
        for (const SpeedGrade& one : grade.speeds)
            speed(one);
    }

    void speed(const SpeedGrade& speed) {
        std::string text = padded("", 15) + speed.name + ": " + std::string(to_string(speed.pace));
        if (speed.pairs != 0) {
            const auto percent = [](double ratio) {
                return std::to_string(static_cast<int>(ratio * 100 + 0.5));
            };
            text += ", " + percent(speed.ratio) + "% of the reference's speed (" +
                    percent(speed.low) + " to " + percent(speed.high) + ")";
        }
        if (!speed.reason.empty()) text = padded("", 15) + speed.name + ": " + speed.reason;
        out_ << paint(kDim, text) << '\n';
    }

    std::string hint(const ExerciseGrade& grade, const StepGrade& step) const {
        return paint(kBold,
                     "./workbook hint " + std::string(slug_of(grade.name)) + " " + step.step.id);
    }

    void line(const char* label, const std::string& text) {
        if (text.empty()) return;
        out_ << "    " << paint(kDim, padded(label, 10))
             << wrapped(printable(text), padded("", 14), style_.width) << '\n';
    }

    void failure(const ExerciseGrade& grade, const StepGrade& step, const CaseGrade& one) {
        const BuildRun& run = telling_run(one);
        const Explanation& explanation = run.explanation;
        const std::string mark = style_.unicode ? "✗ " : "x ";
        out_ << paint(kRed, mark) << paint(kBold, grade.name + "." + step.step.id + ": " + one.name)
             << '\n';
        std::string verdict(to_string(one.verdict()));
        if (run.build != "release")
            verdict += one.verdict() == run.verdict
                           ? ", in the " + run.build + " build"
                           : "; this is what the " + run.build + " build says";
        if (run.verdict != Verdict::failed || run.build != "release") line("verdict", verdict);
        line("what", explanation.what);
        line("expected", explanation.expected);
        line("got", explanation.got);
        line("why", explanation.why);
        for (const std::string& note : explanation.notes)
            line("note", note);
        line("where", explanation.where);
        out_ << "    " << paint(kDim, padded("hint", 10)) << hint(grade, step) << "\n\n";
    }

    std::ostream& out_;
    const Style& style_;
    std::size_t width_ = 0;  // of the titles, so that the bars stand in one column
};

}  // namespace

Style style_for(bool terminal) {
    const auto value = [](const char* name) {
        const char* const text = std::getenv(name);
        return std::string(text ? text : "");
    };
    std::string locale = value("LC_ALL");
    if (locale.empty()) locale = value("LC_CTYPE");
    if (locale.empty()) locale = value("LANG");
    const bool utf8 =
        locale.find("UTF-8") != std::string::npos || locale.find("utf8") != std::string::npos;
    return {.colour = terminal && value("NO_COLOR").empty() && value("TERM") != "dumb",
            .unicode = terminal && utf8,
            .width = std::clamp(terminal ? terminal_width() : Style().width, std::size_t{60},
                                Style().width)};
}

std::string points_text(int hundredths) {
    std::string text = std::to_string(hundredths / 100);
    const int rest = hundredths % 100;
    if (rest != 0) text += "." + std::to_string(rest / 10);
    if (rest % 10 != 0) text += std::to_string(rest % 10);
    return text;
}

std::size_t terminal_width() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return Style().width;
    return size.ws_col;
}

void print_bars(std::ostream& out, const ExerciseGrade& grade, const Style& style) {
    Printer(out, {grade}, style).exercise(grade);
}

void print_current_step(std::ostream& out, const ExerciseGrade& grade, const Style& style) {
    Printer(out, {grade}, style).current(grade);
}

void print_celebration(std::ostream& out, const ExerciseGrade& grade, const std::string& date,
                       const Style& style) {
    Printer(out, {grade}, style).celebration(grade, date);
}

void print_scorecard(std::ostream& out, const std::vector<ExerciseGrade>& grades,
                     const Style& style) {
    Printer printer(out, grades, style);
    int earned = 0;
    int possible = 0;
    out << '\n';
    for (const ExerciseGrade& grade : grades) {
        printer.exercise(grade);
        earned += grade.earned();
        possible += grade.possible();
    }
    printer.failures(grades);
    printer.next(grades);
    out << points_text(earned) << " of " << points_text(possible) << " points\n";
}

}  // namespace cacheline::grader
