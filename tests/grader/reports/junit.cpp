#include "junit.hpp"

#include "outline.hpp"
#include "scorecard.hpp"
#include "text.hpp"

namespace cacheline::grader {
namespace {

std::string attribute(const char* name, const std::string& text) {
    // A parser turns raw newlines and tabs of an attribute into spaces.
    std::string value = escape_markup(printable(text));
    value = replaced(replaced(std::move(value), "\n", "&#10;"), "\t", "&#9;");
    return std::string(" ") + name + "=\"" + value + "\"";
}

struct Suite {
    std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
    std::string cases;

    void add(const std::string& class_name, const Item& item) {
        ++tests;
        cases += "    <testcase" + attribute("classname", class_name) +
                 attribute("name", item.name) + attribute("assertions", "1");
        if (item.mark == Mark::passed) {
            cases += "/>\n";
            return;
        }
        const char* element = "skipped";
        if (item.mark == Mark::failed) element = "failure";
        if (item.mark == Mark::error) element = "error";
        ++(item.mark == Mark::failed ? failures : item.mark == Mark::error ? errors : skipped);
        const Explanation& explanation = item.explanation;
        const std::string& message =
            explanation.what.empty() ? explanation.expected : explanation.what;
        cases += std::string(">\n      <") + element +
                 attribute("message", message.empty() ? item.verdict : message);
        if (item.mark != Mark::skipped) cases += attribute("type", item.verdict);
        cases += ">" + escape_markup(item.text()) + "</" + element + ">\n    </testcase>\n";
    }

    [[nodiscard]] std::string counts() const {
        return attribute("tests", std::to_string(tests)) +
               attribute("failures", std::to_string(failures)) +
               attribute("errors", std::to_string(errors)) +
               attribute("skipped", std::to_string(skipped));
    }
};

std::string property(const char* name, int hundredths) {
    return std::string("      <property") + attribute("name", name) +
           attribute("value", points_text(hundredths)) + "/>\n";
}

class Report {
public:
    void add(const std::string& name, const Suite& suite, int earned, int possible) {
        all_.tests += suite.tests;
        all_.failures += suite.failures;
        all_.errors += suite.errors;
        all_.skipped += suite.skipped;
        suites_ += "  <testsuite" + attribute("name", name) + suite.counts() +
                   ">\n    <properties>\n" + property("points", earned) +
                   property("possible", possible) + "    </properties>\n" + suite.cases +
                   "  </testsuite>\n";
    }

    [[nodiscard]] std::string text(const std::string& name) const {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" + attribute("name", name) +
               all_.counts() + ">\n" + suites_ + "</testsuites>\n";
    }

private:
    Suite all_;
    std::string suites_;
};

}  // namespace

std::string junit_report(const StudentGrade& grade) {
    Report report;
    if (!grade.error.empty()) {
        Suite suite;
        suite.add("submission", {.name = "can be graded",
                                 .mark = Mark::error,
                                 .verdict = "error",
                                 .explanation = {.what = printable(grade.error)}});
        report.add("submission", suite, 0, 0);
    }
    for (const ExerciseGrade& exercise : grade.exercises) {
        Suite suite;
        for (const StepGrade& step : exercise.steps)
            for (const Item& item : items_of(step))
                suite.add(exercise.name + "." + step.step.id, item);
        report.add(exercise.name, suite, exercise.earned(), exercise.possible());
    }
    if (!grade.flags.empty()) {
        Suite suite;
        for (const Flag& flag : grade.flags)
            suite.add("inspection", {.name = flag_text(flag),
                                     .mark = flag.attack ? Mark::error : Mark::skipped,
                                     .verdict = flag.attack ? "attack" : "flag",
                                     .explanation = {.what = flag_text(flag)}});
        report.add("inspection", suite, 0, 0);
    }
    return report.text(grade.student);
}

}  // namespace cacheline::grader
