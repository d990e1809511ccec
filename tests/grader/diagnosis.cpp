#include "diagnosis.hpp"

#include <signal.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "assertion.hpp"
#include "build.hpp"
#include "files.hpp"

namespace cacheline::grader {

using nlohmann::json;

namespace {

// The library's regular expressions recurse for each character, and what is searched here is the
// work of strangers. No message that means something is longer.
constexpr std::size_t kLongestLine = 2000;

// Of a line of the student's code.
constexpr std::size_t kLongestQuote = 100;

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

// Catch2's "size := 8" in a form that everybody reads.
std::string told_note(const std::string& note) {
    static const std::regex capture(R"(^([^:=]+) := )");
    return std::regex_replace(without_hexadecimals(note), capture, "$1 = ");
}

// A note of the suite: "why: …" is the reason, the rest is shown as it is.
void take_notes(const std::vector<std::string>& notes, Explanation& explanation) {
    constexpr std::string_view kWhy = "why: ";
    for (const std::string& note : notes) {
        if (note.starts_with(kWhy))
            explanation.why = note.substr(kWhy.size());
        else
            explanation.notes.push_back(told_note(note));
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

// A line of the student's in what a sanitizer printed, with what stands there:
// "ring_buffer.hpp:66" and "slots_[tail] = item;".
struct Place {
    std::string where;
    std::string source;
};

Place first_place(const std::string& output, const Stage& stage) {
    Place place;
    const std::string mine = stage.source().string() + "/";
    const std::size_t at = output.find(mine);
    if (at == std::string::npos) return place;
    static const std::regex frame(R"(([^\s:/]+):(\d+))");
    const std::string rest = output.substr(at + mine.size(), kLongestLine);
    std::smatch match;
    if (!std::regex_search(rest, match, frame, std::regex_constants::match_continuous))
        return place;
    place.where = match.str();
    const std::vector<std::string> lines = lines_of(read_file(stage.source() / match[1].str()));
    const std::size_t number = std::strtoul(match[2].str().c_str(), nullptr, 10);
    if (number == 0 || number > lines.size()) return place;
    const std::string& line = lines[number - 1];
    const std::size_t start = line.find_first_not_of(" \t");
    if (start != std::string::npos) place.source = line.substr(start, kLongestQuote);
    return place;
}

// What the sanitizers' names for faults mean.
std::string meaning_of(const std::string& headline) {
    static const std::pair<const char*, const char*> kMeanings[] = {
        {"heap-buffer-overflow",
         "memory beside a heap block was used: an index or a size is wrong"},
        {"stack-buffer-overflow", "memory beside a local array was used: an index is wrong"},
        {"global-buffer-overflow", "memory beside a global array was used: an index is wrong"},
        {"heap-use-after-free", "memory was used after it had been freed"},
        {"stack-use-after-", "a local variable was used after its block or function had ended"},
        {"use-after-poison", "memory was used that the program itself has declared out of bounds"},
        {"double-free", "the same memory was freed twice"},
        {"attempting free on address which was not malloc",
         "something was freed that no allocation had returned"},
        {"alloc-dealloc-mismatch", "memory was freed by another function's counterpart"},
        {"new-delete-type-mismatch",
         "memory was freed with another size or alignment than it was allocated with"},
        {"SEGV", "a pointer led to memory that is not the program's own"},
        {"detected memory leaks", "memory that nobody frees is lost until the process ends"},
        {"data race",
         "two threads touch the same memory, one of them writes, and nothing orders them"},
        {"lock-order-inversion",
         "two threads take two locks in opposite orders: one day both wait"},
        {"thread leak", "a thread was neither joined nor detached"},
        {"mutex", "a mutex was used against its rules"},
    };
    for (const auto& [name, meaning] : kMeanings)
        if (headline.find(name) != std::string::npos) return meaning;
    return {};
}

// The sanitizer's own sentence, with the first frame that lies in the student's file. A race has
// two sides:
//
//   WARNING: ThreadSanitizer: data race (pid=7)
//     Read of size 8 at 0x7b70 by thread T3:
//       #4 RingBuffer::try_pop() …/source/ring_buffer.hpp:106
//
//     Previous write of size 8 at 0x7b70 by thread T2:
//       #1 RingBuffer::try_push() …/source/ring_buffer.hpp:66
//
//     Location is heap block of size 2048 …
Explanation explain_sanitizer(const std::string& whole, const std::vector<ReportEvent>& report,
                              const Stage& stage) {
    const std::string output = with_short_lines(whole);
    Explanation explanation;
    static const std::regex headline(
        R"((?:ERROR|WARNING): (\w+Sanitizer): ([^\n(]*)|runtime error: ([^\n]*))");
    std::smatch match;
    if (!std::regex_search(output, match, headline)) {
        explanation.what = "a sanitizer ended the program";
        explanation.where = first_place(output, stage).where;
        return explanation;
    }
    explanation.what =
        without_addresses(match[3].matched ? "UndefinedBehaviorSanitizer: " + match[3].str()
                                           : match[1].str() + ": " + match[2].str());
    explanation.why = meaning_of(explanation.what);
    for (const ReportEvent& event : report)
        if (event.event == "ended") explanation.notes.push_back("the test case: " + event.why);

    const std::string rest = match.suffix().str();
    const std::size_t second = rest.find("\n  Previous ");
    if (second == std::string::npos) {
        // Behind this AddressSanitizer tells where the memory came from.
        const std::size_t origin = std::min(rest.find(" is located "), rest.size());
        const Place place = first_place(rest.substr(0, origin), stage);
        explanation.where = place.where;
        if (!place.source.empty()) explanation.notes.push_back("there: " + place.source);
        if (const Place made = first_place(rest.substr(origin), stage);
            place.where.empty() && !made.where.empty())
            explanation.notes.push_back("the memory is from " + made.where + ": " + made.source);
        static const std::regex leaked(R"((\d+) byte\(s\) leaked in (\d+) allocation\(s\))");
        if (std::regex_search(rest, match, leaked))
            explanation.notes.push_back(match[1].str() + " bytes, of " + match[2].str() +
                                        " allocations, were never freed");
        return explanation;
    }
    const auto side = [&](const std::string& who, const std::string& text) {
        const bool writes = text.substr(0, text.find(" of size")).find("rite") != text.npos;
        const Place place = first_place(text, stage);
        if (explanation.where.empty()) explanation.where = place.where;
        explanation.notes.push_back(who + (writes ? "writes" : "reads") +
                                    (place.where.empty()
                                         ? " in the code of the test case"
                                         : " in " + place.where + ": " + place.source));
    };
    side("one thread ", rest.substr(0, second));
    side("the other one ", rest.substr(second, rest.find("\n  Location is", second) - second));
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

// What the C library says when it finds its books of the heap damaged.
std::string damaged_heap(const std::string& whole) {
    const std::string output = with_short_lines(whole);
    static const std::regex pattern(
        R"((?:^|\n)((?:malloc|free|realloc|calloc|munmap_chunk|corrupted|double free)[^\n]*))");
    std::smatch match;
    if (!std::regex_search(output, match, pattern)) return {};
    return "the heap is damaged (" + match[1].str() +
           "): something was written outside its block, or freed twice";
}

Explanation explain_failure(const ReportEvent& failure) {
    Explanation explanation;
    take_notes(failure.notes, explanation);
    explanation.where = file_name(failure.file) + ":" + std::to_string(failure.line);
    const bool threw = failure.kind == "threw";
    const Assertion told =
        told_assertion(failure.macro, failure.check, threw ? std::string() : failure.got);
    explanation.expected = told.expected;
    std::erase_if(explanation.notes, [&](const std::string& note) {  // what is said here
        constexpr std::size_t kText = 100;
        return note == failure.got ||
               (note.size() > kText && failure.got.find(note.substr(0, kText)) != note.npos);
    });
    if (threw) {
        explanation.what = failure.got == "Unknown exception"
                               ? "your code threw something that is no std::exception"
                               : "your code threw an exception: " + failure.got;
    } else if (failure.kind == "did not throw") {
        explanation.got = "no exception";
    } else if (failure.check.empty()) {
        explanation.what = failure.got;
    } else {
        explanation.got = told.got;
    }
    return explanation;
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
        for (const auto told : {uncaught_exception, damaged_heap})
            if (const std::string text = told(outcome.output); !text.empty())
                explanation.what = text + " (SIGABRT)";
    for (const ReportEvent& event : report) {
        if (event.event != "failure") continue;
        if (event.kind == "fatal") {  // Catch2 tells what was in scope before it lets it through
            explanation.notes.clear();
            take_notes(event.notes, explanation);
            std::erase_if(explanation.notes, [](const std::string& note) {
                return note.starts_with("SIG");  // said above
            });
        } else if (explanation.expected.empty()) {  // what went wrong before is nearer to the cause
            const std::string what = explanation.what;
            explanation = explain_failure(event);
            explanation.what = what;
        }
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

namespace {

// JSON holds text alone, so the suites write each byte beyond ASCII as a Latin-1 character.
std::string as_bytes(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const bool latin = (lead == 0xc2 || lead == 0xc3) && i + 1 < text.size();
        bytes += latin ? static_cast<char>((lead & 3) << 6 | (text[++i] & 0x3f)) : text[i];
    }
    return bytes;
}

}  // namespace

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
            const auto text = [&](const char* key) { return as_bytes(value.value(key, "")); };
            if (text("event") == "end" && text("seal") != seal) continue;
            std::vector<std::string> notes = value.value("notes", std::vector<std::string>());
            std::ranges::transform(notes, notes.begin(), as_bytes);
            events.push_back({.event = text("event"),
                              .name = text("name"),
                              .kind = text("kind"),
                              .macro = text("macro"),
                              .check = text("check"),
                              .got = text("got"),
                              .file = text("file"),
                              .promise = text("promise"),
                              .why = text("why"),
                              .notes = std::move(notes),
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
    BuildRun result{.build = build, .verdict = Verdict::failed};
    Explanation& explanation = result.explanation;
    const ReportEvent* const end = find(report, "end");
    if (end) result.assertions = end->assertions;
    const ReportEvent* const broken = find(report, "broken");
    // What a run had printed by the time that it was ended is another number in each grading.
    if (broken == nullptr && !outcome.over_a_limit()) result.output_bytes = outcome.output_bytes;

    if (broken) {
        result.verdict = Verdict::timed_out;
        explanation.what = broken->promise;
        explanation.why = broken->why;
        return result;
    }
    if (outcome.timed_out) {
        result.verdict = Verdict::timed_out;
        explanation.what = "it did not end within " + std::to_string(outcome.wall.count() / 1000) +
                           " s: an endless loop, or a wait for something that never comes";
        if (const ReportEvent* const last = find(report, "ended")) explanation.why = last->why;
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
        explanation = explain_sanitizer(outcome.output, report, stage);
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
