#include "diagnosis.hpp"

#include <signal.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "build.hpp"
#include "files.hpp"

namespace cacheline::grader {

using nlohmann::json;

namespace {

// The library's regular expressions recurse for each character, and what is searched here is the
// work of strangers. No message that means something is longer.
constexpr std::size_t kLongestLine = 2000;

// A test case writes a line for each check that failed; more than this is a flood.
constexpr std::uintmax_t kLongestReport = 8 << 20;

// In place of an event that is not there whole.
constexpr const char* kCutShort = "cut short";

std::string with_short_lines(const std::string& text) {
    std::string cut;
    for (std::string& line : lines_of(text)) {
        if (line.find_first_not_of(" \t\r\v\f") == std::string::npos) continue;
        line.resize(std::min(line.size(), kLongestLine));
        cut += line + '\n';
    }
    return cut;
}

std::string file_name(const std::string& path) {
    return path.substr(path.find_last_of('/') + 1);
}

std::string signal_name(int signal) {
    const char* const abbreviation = sigabbrev_np(signal);
    return abbreviation ? "SIG" + std::string(abbreviation) : "signal " + std::to_string(signal);
}

// Catch2 adds to each larger number what it is in hexadecimal: "500 (0x1f4)".
std::string without_hexadecimals(std::string text) {
    const std::string_view mark = " (0x";
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos;) {
        const std::size_t end = text.find_first_not_of("0123456789abcdef", at + mark.size());
        const bool number = at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9';
        if (number && end != std::string::npos && text[end] == ')')
            text.erase(at, end + 1 - at);
        else
            at += mark.size();
    }
    return text;
}

// A note of the suite: "why: …" is the reason, the rest is shown as it is.
void take_notes(const std::vector<std::string>& notes, Explanation& explanation) {
    constexpr std::string_view kWhy = "why: ";
    for (const std::string& note : notes) {
        if (note.starts_with(kWhy))
            explanation.why = note.substr(kWhy.size());
        else
            explanation.notes.push_back(without_hexadecimals(note));
    }
}

// Addresses tell a student nothing, and are others in each run.
std::string without_addresses(const std::string& text) {
    static const std::regex address(
        R"((?: on (?:unknown )?address| at pc| bp| sp| pc|:)? ?0x[0-9a-f]+)");
    std::string told = std::regex_replace(text, address, "");
    told.erase(told.find_last_not_of(' ') + 1);
    return told;
}

// The sanitizer's own sentence, with the first frame that lies in the student's file.
Explanation explain_sanitizer(const std::string& whole, const Stage& stage) {
    const std::string output = with_short_lines(whole);
    Explanation explanation;
    static const std::regex headline(
        R"((?:ERROR|WARNING): (\w+Sanitizer): ([^\n(]*)|runtime error: ([^\n]*))");
    std::smatch match;
    if (std::regex_search(output, match, headline)) {
        explanation.what =
            without_addresses(match[3].matched ? "UndefinedBehaviorSanitizer: " + match[3].str()
                                               : match[1].str() + ": " + match[2].str());
    } else {
        explanation.what = "a sanitizer ended the program";
    }
    std::string frame_pattern = stage.source().string() + R"(/(\S+:\d+))";
    if (std::regex_search(output, match, std::regex(frame_pattern)))
        explanation.where = match[1].str();
    if (output.find("LeakSanitizer") != std::string::npos)
        explanation.why = "memory that nobody frees is lost until the process ends";
    else if (output.find("ThreadSanitizer: data race") != std::string::npos)
        explanation.why =
            "two threads touch the same memory, one of them writes, and nothing orders them";
    // A race has two sides; "Previous write of size 8 at 0x7b… by thread T1:" starts the other.
    static const std::regex other(R"(Previous (?:atomic )?(read|write) of size)");
    if (std::regex_search(output, match, other)) {
        const std::string access = match[1].str();
        const std::string rest = match.suffix().str();
        if (std::regex_search(rest, match, std::regex(frame_pattern)))
            explanation.notes.push_back("the other thread's " + access + ": " + match[1].str());
    }
    return explanation;
}

// "terminate called after throwing an instance of 'X'\n  what():  Y"
std::string uncaught_exception(const std::string& whole) {
    const std::string output = with_short_lines(whole);
    static const std::regex pattern(
        R"(terminate called after throwing an instance of '([^']*)'(?:\s*what\(\):\s*([^\n]*))?)");
    std::smatch match;
    if (std::regex_search(output, match, pattern)) {
        std::string text = "an exception that nothing caught ended the program: " + match[1].str();
        if (match[2].matched) text += " (" + match[2].str() + ")";
        return text + "; a thread's function, a destructor or a noexcept function let it go";
    }
    if (output.find("terminate called without an active exception") != std::string::npos)
        return "std::terminate was called: a std::thread was destroyed without join";
    return {};
}

Explanation explain_crash(int signal, const Outcome& outcome,
                          const std::vector<ReportEvent>& report) {
    Explanation explanation;
    explanation.what = "the program was ended by " + signal_name(signal);
    if (signal == SIGSEGV || signal == SIGBUS)
        explanation.what += ": it used memory that is not its own";
    else if (signal == SIGFPE)
        explanation.what += ": a division by zero?";
    else if (signal == SIGABRT)
        if (const std::string text = uncaught_exception(outcome.output); !text.empty())
            explanation.what = text + " (SIGABRT)";
    // Catch2 tells what was in scope before it lets the signal through.
    for (const ReportEvent& event : report)
        if (event.event == "failure") take_notes(event.notes, explanation);
    std::erase_if(explanation.notes,
                  [](const std::string& note) { return note.starts_with("SIG"); });  // said above
    return explanation;
}

// Catch2 breaks a long comparison into lines of its own width; the scorecard has another.
std::string one_line(const std::string& text) {
    std::string line;
    for (const char c : text) {
        const bool space = c == '\n' || c == ' ';
        if (!space)
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    return line;
}

Explanation explain_failure(const ReportEvent& failure) {
    Explanation explanation;
    take_notes(failure.notes, explanation);
    explanation.where = file_name(failure.file) + ":" + std::to_string(failure.line);
    if (failure.kind == "threw") {
        explanation.what = failure.got == "Unknown exception"
                               ? "your code threw something that is no std::exception"
                               : "your code threw an exception: " + failure.got;
        explanation.expected = failure.check;
    } else if (failure.kind == "did not throw") {
        explanation.expected = failure.check;
        explanation.got = "no exception";
    } else if (failure.check.empty()) {
        explanation.what = failure.got;
    } else {
        explanation.expected = failure.check;
        explanation.got = without_hexadecimals(
            failure.got.find("\n==\n") == std::string::npos ? failure.got : one_line(failure.got));
    }
    return explanation;
}

const ReportEvent* find(const std::vector<ReportEvent>& report, std::string_view event) {
    for (const ReportEvent& one : report)
        if (one.event == event) return &one;
    return nullptr;
}

}  // namespace

Explanation explain_build_error(const std::string& output, const Stage& stage) {
    Explanation explanation;
    static const std::regex error(R"(^(.*?):(\d+)(?::\d+)?: (?:fatal )?error: (.*)$)");
    const std::vector<std::string> lines = lines_of(with_short_lines(output));
    const std::string mine = stage.source().string() + "/";
    std::size_t chosen = lines.size();
    std::smatch match;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!std::regex_match(lines[i], match, error)) continue;
        const bool in_submission = match[1].str().starts_with(mine);
        if (chosen == lines.size() || in_submission) chosen = i;
        if (in_submission) break;
    }
    if (chosen == lines.size()) {  // the linker, or no compiler at all
        static const std::regex linker(
            R"((undefined reference to .*|multiple definition of [^;]*|cannot find .*))");
        for (const std::string& line : lines) {
            if (!std::regex_search(line, match, linker)) continue;
            explanation.what = "it compiles but does not link: " + stage.readable(match[1].str());
            return explanation;
        }
        explanation.what = stage.readable(lines.empty() ? output : lines.front());
        return explanation;
    }
    std::regex_match(lines[chosen], match, error);
    explanation.what = stage.readable(match[3].str());
    explanation.where = stage.readable(match[1].str()) + ":" + match[2].str();
    // The source line and the caret below it.
    for (std::size_t i = chosen + 1; i < lines.size() && i <= chosen + 2; ++i)
        if (lines[i].find(" | ") != std::string::npos) explanation.notes.push_back(lines[i]);
    if (!match[1].str().starts_with(mine)) {
        explanation.why = "the suite uses your file there: does its interface still match?";
        static const std::regex used(R"((required from here|In instantiation of .*))");
        for (const std::string& line : lines)
            if (line.starts_with(mine) && line.find("required from") != std::string::npos) {
                explanation.notes.push_back(stage.readable(line));
                break;
            }
    }
    return explanation;
}

std::vector<ReportEvent> read_report(const std::filesystem::path& file, const std::string& seal) {
    std::vector<ReportEvent> events;
    std::error_code gone;
    const std::uintmax_t size = std::filesystem::file_size(file, gone);
    if (gone) return {{.event = kCutShort}};
    if (size > kLongestReport) return events;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (in.eof()) events.push_back({.event = kCutShort});  // every line ends
        const json value = json::parse(line, nullptr, false);
        if (!value.is_object()) continue;
        try {
            if (value.value("event", "") == "end" && value.value("seal", "") != seal) continue;
            events.push_back({.event = value.value("event", ""),
                              .name = value.value("name", ""),
                              .kind = value.value("kind", ""),
                              .check = value.value("check", ""),
                              .got = value.value("got", ""),
                              .file = value.value("file", ""),
                              .promise = value.value("promise", ""),
                              .why = value.value("why", ""),
                              .notes = value.value("notes", std::vector<std::string>()),
                              .line = value.value("line", 0L),
                              .assertions = value.value("assertions", std::size_t{0}),
                              .failures = value.value("failures", std::size_t{0})});
        } catch (const json::exception&) {
            continue;
        }
    }
    return events;
}

BuildRun judge(const std::string& name, const std::string& build, const Outcome& outcome,
               const std::vector<ReportEvent>& report, const Stage& stage) {
    BuildRun result{
        .build = build, .verdict = Verdict::failed, .output_bytes = outcome.output_bytes};
    Explanation& explanation = result.explanation;
    const ReportEvent* const end = find(report, "end");
    if (end) result.assertions = end->assertions;

    if (const ReportEvent* const broken = find(report, "broken")) {
        result.verdict = Verdict::timed_out;
        explanation.what = broken->promise;
        explanation.why = broken->why;
        return result;
    }
    if (outcome.timed_out) {
        result.verdict = Verdict::timed_out;
        explanation.what = "it did not end within " + std::to_string(outcome.wall.count() / 1000) +
                           " s: an endless loop, or a wait for something that never comes";
        return result;
    }
    if (outcome.flooded) {
        explanation.what = "it printed more than " + std::to_string(kMostOutput >> 20) +
                           " MiB and was ended: take the output out of the loop";
        return result;
    }
    if (outcome.overgrown) {
        explanation.what = "it took more memory than it may have and was ended";
        return result;
    }
    // A Todo outranks what it led to: the unwritten function comes first.
    for (const ReportEvent& event : report) {
        if (event.event == "failure" && event.got.starts_with("todo: ")) {
            result.verdict = Verdict::todo;
            explanation.what = event.got.substr(6) + " is not written yet";
            take_notes(event.notes, explanation);
            std::erase(explanation.notes, event.got);  // said already
            return result;
        }
    }
    if (outcome.exit_code == kSanitizerStatus) {
        explanation = explain_sanitizer(outcome.output, stage);
        return result;
    }
    if (outcome.signal == SIGKILL) {
        result.verdict = Verdict::error;
        explanation.what = "it was killed, by the system or by itself";
        return result;
    }
    if (outcome.signal != 0) {
        result.verdict = Verdict::crashed;
        explanation = explain_crash(outcome.signal, outcome, report);
        return result;
    }
    if (const ReportEvent* const failure = find(report, "failure")) {
        explanation = explain_failure(*failure);
        return result;
    }
    const ReportEvent* const started = find(report, "case");
    if (find(report, kCutShort) != nullptr) {
        result.verdict = Verdict::error;
        explanation.what = "its report is cut short: is the disk full?";
    } else if (!started && (outcome.exit_code == 126 || outcome.exit_code == 127)) {
        result.verdict = Verdict::error;
        explanation.what = "the program could not be started";
    } else if (!end) {
        explanation.what = "the program ended (status " + std::to_string(outcome.exit_code) +
                           ") before the test case was over: does your code call exit?";
    } else if (!started || started->name != name) {
        explanation.what = "this test case is not in the program that was built";
    } else if (end->assertions == 0) {
        explanation.what = "the test case ended without having checked anything";
    } else if (end->failures != 0 || outcome.exit_code != 0) {
        explanation.what = "the checks held, but the program ended with status " +
                           std::to_string(outcome.exit_code);
    } else {
        result.verdict = Verdict::passed;
    }
    return result;
}

}  // namespace cacheline::grader
