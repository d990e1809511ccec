// The reporter that the grader reads: one JSON object a line, written out at once, so that what was
// known before a crash is not lost.
//
//   {"event":"case","name":…}                       a test case starts
//   {"event":"failure","kind":…,"macro":…,"check":…,"got":…,"notes":[…],"file":…,"line":…}
//   {"event":"broken","promise":…,"why":…}          a watchdog ended the case (watchdog.cpp)
//   {"event":"end","assertions":N,"failures":N,"seal":…}  the run ended through Catch2

#include <cacheline/todo.hpp>
#include <catch2/catch_test_case_info.hpp>
#include <catch2/catch_translate_exception.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
#include <catch2/reporters/catch_reporter_streaming_base.hpp>
#include <cstdlib>
#include <cstring>
#include <string>

#include "support/json_line.hpp"

namespace cacheline::support {
namespace {

// A number that the grader gives to this process alone and wants back with its end. It is taken out
// of the environment before any code of the student's can run, so that writing a report by oneself
// does not suffice.
class Seal {
public:
    Seal() {
        char* const text = std::getenv("CACHELINE_SEAL");
        if (text == nullptr) return;
        text_ = text;
        std::memset(text, ' ', text_.size());
        unsetenv("CACHELINE_SEAL");
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

__attribute__((init_priority(101))) const Seal seal;

class WorkbookReporter final : public Catch::StreamingReporterBase {
public:
    explicit WorkbookReporter(Catch::ReporterConfig&& config)
        : StreamingReporterBase(std::move(config)) {
        m_preferences.shouldReportAllAssertions = false;
    }

    static std::string getDescription() { return "one JSON object a line, for workbook-grade"; }

    void testCaseStarting(const Catch::TestCaseInfo& info) override {
        StreamingReporterBase::testCaseStarting(info);
        write(JsonLine("case").add("name", info.name));
    }

    void assertionEnded(const Catch::AssertionStats& stats) override {
        const Catch::AssertionResult& result = stats.assertionResult;
        if (result.isOk()) return;
        std::vector<std::string> notes;
        for (const Catch::MessageInfo& message : stats.infoMessages)
            notes.push_back(message.message);
        JsonLine line("failure");
        line.add("kind", kind(result));
        line.add("macro", std::string(result.getTestMacroName()));
        line.add("check", check(result));
        line.add("got", got(result));
        line.add("notes", notes);
        line.add("file", result.getSourceInfo().file);
        line.add("line", result.getSourceInfo().line);
        write(line);
    }

    void testRunEnded(const Catch::TestRunStats& stats) override {
        const Catch::Counts& counts = stats.totals.assertions;
        write(JsonLine("end")
                  .add("assertions", counts.total())
                  .add("failures", counts.failed)
                  .add("seal", seal.text()));
        StreamingReporterBase::testRunEnded(stats);
    }

private:
    static const char* kind(const Catch::AssertionResult& result) {
        switch (result.getResultType()) {
            case Catch::ResultWas::ThrewException:
                return "threw";
            case Catch::ResultWas::DidntThrowException:
                return "did not throw";
            case Catch::ResultWas::FatalErrorCondition:
                return "fatal";
            default:
                return "check";
        }
    }

    // Catch2 has no expression for what happens between two assertions, but a text that says so.
    static std::string check(const Catch::AssertionResult& result) {
        std::string text = result.getExpression();
        return text.starts_with("{Unknown expression") ? std::string() : text;
    }

    // What came instead: the expanded expression, or the message of what was thrown.
    static std::string got(const Catch::AssertionResult& result) {
        if (result.hasMessage()) return std::string(result.getMessage());
        if (result.hasExpandedExpression()) return result.getExpandedExpression();
        return {};
    }

    void write(const JsonLine& line) { m_stream << line.text() << std::flush; }
};

CATCH_REGISTER_REPORTER("workbook", WorkbookReporter)

}  // namespace
}  // namespace cacheline::support

// "todo: " is how the grader knows an unwritten function from a wrong one.
CATCH_TRANSLATE_EXCEPTION(const cacheline::Todo& todo) {
    return "todo: " + todo.what();
}
