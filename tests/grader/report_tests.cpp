// The reports: that they agree, that they are what their readers expect, and that text of a hostile
// submission stays text in each.

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fstream>
#include <regex>
#include <sstream>

#include "json_report.hpp"
#include "json_schema.hpp"
#include "process.hpp"
#include "report_parsers.hpp"
#include "report_samples.hpp"
#include "reports/batch_numbers.hpp"
#include "reports/batch_page.hpp"
#include "reports/classroom50.hpp"
#include "reports/classroom_resources.hpp"
#include "reports/gradebook.hpp"
#include "reports/gradescope.hpp"
#include "reports/junit.hpp"
#include "reports/step_summary.hpp"
#include "reports/text.hpp"
#include "scorecard.hpp"

namespace fs = std::filesystem;
using namespace cacheline::grader;
using namespace cacheline::grader::samples;
using Catch::Matchers::ContainsSubstring;
using json = nlohmann::ordered_json;

namespace {

const Classroom50Run kRun{.classroom = "cs",
                          .assignment = "cacheline",
                          .assignment_type = "individual",
                          .owner = "ada",
                          .submission = "submit/2026-06-01T14-32-05Z-a1b2c3d",
                          .commit = "https://git.example/commit/a1b2c3d",
                          .release = "https://git.example/releases/1",
                          .review = "https://git.example/compare/1",
                          .datetime = "2026-06-01T14:32:01Z"};

StudentGrade through_text(const StudentGrade& grade) {
    return student_grade_from_json(json::parse(json_text(to_json(grade))));
}

bool has_null(const json& value) {
    return value.is_null() || (value.is_structured() && std::ranges::any_of(value, has_null));
}

// None of the bytes that end or start something in another format, and valid UTF-8.
bool is_clean(const std::string& text) {
    return std::ranges::none_of(text,
                                [](char c) {
                                    return static_cast<unsigned char>(c) < 0x20 && c != '\n' &&
                                           c != '\t' && c != '\r';
                                }) &&
           text.find("\u202E") == std::string::npos &&
           printable(text) == replaced(text, "\r\n", "\n");
}

}  // namespace

TEST_CASE("every report has the same totals") {
    const std::string text = GENERATE(std::string("plain text"), hostile());
    const StudentGrade grade = mixed("ada", text);
    REQUIRE(grade.earned() == 8000 + 0 + 1333 + 571 + 2000);
    REQUIRE(grade.possible() == 8000 + 10000 + 10000);
    const std::string earned = "119.04";
    const std::string possible = "280";

    std::ostringstream terminal;
    print_scorecard(terminal, grade.exercises, {});
    CHECK_THAT(terminal.str(), ContainsSubstring(earned + " of " + possible + " points\n"));

    const json own = json::parse(json_text(to_json(grade)));
    CHECK(own.at("points") == 119.04);
    CHECK(own.at("possible") == 280.0);
    CHECK(to_json(grade.exercises).at("points") == 119.04);

    const std::string junit = junit_report(grade);
    CHECK(sum_in(junit, R"re(name="points" value="([0-9.]+)")re") == 11904);
    CHECK(sum_in(junit, R"re(name="possible" value="([0-9.]+)")re") == 28000);

    const json gradescope = gradescope_results(grade);
    CHECK(hundredths(gradescope.at("score")) == 11904);
    CHECK(sum_of(gradescope.at("tests"), "score") == 11904);
    CHECK(sum_of(gradescope.at("tests"), "max_score") == 28000);

    const json classroom50 = classroom50_result(grade, kRun);
    CHECK(classroom50.at("score") == 11904);
    CHECK(classroom50.at("max-score") == 28000);
    CHECK(sum_of(classroom50.at("tests"), "score", 1) == 11904);
    CHECK(sum_of(classroom50.at("tests"), "max-score", 1) == 28000);

    const json resources = json::parse(decoded_base64(classroom_resources_result(grade)));
    CHECK(sum_of(resources.at("tests"), "score") == 11904);
    CHECK(hundredths(resources.at("max_score")) == 28000);

    CHECK(step_summary(grade).starts_with("## 119.04 of 280 points\n"));

    const auto rows = parsed_csv(gradebook({grade}));
    CHECK(rows.at(1).at(1) == earned);
    CHECK(rows.at(1).at(2) == possible);
    int exercises = 0;
    int steps = 0;
    for (std::size_t i = 3; i + 3 < rows.at(0).size(); ++i)
        (rows[0][i].find('.') == std::string::npos ? exercises : steps) +=
            hundredths(std::stod(rows[1][i]));
    CHECK(exercises == 11904);
    CHECK(steps == 11904);

    for (const std::string& page : {batch_page({grade}), student_page(grade)})
        CHECK_THAT(
            page,
            ContainsSubstring(
                "<strong><data value=\"119.04\">119.04</data><span class=\"of\"> of 280</span>"));
}

TEST_CASE("a grade survives being written and read") {
    const StudentGrade grade =
        GENERATE(mixed("ada"), not_graded("bob", "The archive is broken."), StudentGrade{});
    CHECK(student_grade_from_json(to_json(grade)) == grade);
    CHECK(through_text(grade) == grade);
}

TEST_CASE("bytes that are not UTF-8 do not stop a grade from being written") {
    const StudentGrade grade = mixed(hostile(), hostile());
    CHECK(student_grade_from_json(to_json(grade)) == grade);
    const StudentGrade again = through_text(grade);
    CHECK(again.earned() == grade.earned());
    CHECK(through_text(again) == again);
}

TEST_CASE("a grade that was damaged or edited is refused") {
    const auto refused = [](const char* place, const json& value) {
        json damaged = to_json(mixed("ada"));
        damaged[json::json_pointer(place)] = value;
        INFO(place << " = " << value);
        CHECK_THROWS_AS(student_grade_from_json(damaged), UserError);
    };
    refused("/points", 200.0);
    refused("/possible", 0.0);
    refused("/version", 2);
    refused("/seed", "12x");
    refused("/seed", 12);
    refused("/student", nullptr);
    refused("/exercises", "none");
    refused("/exercises/0/points", 100.0);
    refused("/exercises/2/steps/0/points", 20.0);
    refused("/exercises/2/steps/0/cases/2/runs/1/verdict", "passed");
    refused("/exercises/2/steps/0/cases/2/runs/1/verdict", "fine");
    refused("/exercises/2/steps/0/cases/2/runs", json::array());
    refused("/exercises/2/steps/3/speeds/0/interval", json::array());
    for (const char* const key : {"version", "student", "seed", "key", "points", "exercises"}) {
        json damaged = to_json(mixed("ada"));
        damaged.erase(key);
        INFO(key);
        CHECK_THROWS_AS(student_grade_from_json(damaged), UserError);
    }
    CHECK_THROWS_AS(student_grade_from_json(json::array()), UserError);
}

TEST_CASE("grade.json keeps to its schema") {
    std::ifstream file(CACHELINE_GRADE_SCHEMA);
    const JsonSchema schema(json::parse(file));
    CHECK(schema.fault(to_json(mixed("ada"))) == "");
    CHECK(schema.fault(to_json(mixed(hostile(), hostile()))) == "");
    CHECK(schema.fault(to_json(not_graded("bob", "no files"))) == "");
    CHECK(schema.fault(to_json(mixed("ada").exercises)) == "");

    json other = to_json(mixed("ada"));
    other["exercises"][2]["steps"][0]["cases"][0]["runs"][0]["verdict"] = "fine";
    CHECK_THAT(schema.fault(other), ContainsSubstring("$.exercises[2].steps[0].cases[0].runs[0]"));
    other = to_json(mixed("ada"));
    other["exercises"][0]["surprise"] = 1;
    CHECK_THAT(schema.fault(other), ContainsSubstring("unknown property surprise"));
    other.erase("points");
    CHECK_THAT(schema.fault(other), ContainsSubstring("required"));
}

TEST_CASE("JUnit XML is well-formed, whatever is in it") {
    const StudentGrade grade = GENERATE(mixed("ada"), mixed(hostile(), hostile()),
                                        not_graded(hostile(), hostile()), StudentGrade{});
    const std::string report = junit_report(grade);
    CHECK(is_clean(report));
    const fs::path file = fs::temp_directory_path() / ("junit-" + std::to_string(getpid()));
    std::ofstream(file, std::ios::binary) << report;
    const Outcome outcome = parse_xml(file);
    fs::remove(file);
    if (outcome.exit_code == kNoParser) SKIP("neither xmllint nor python3 is here");
    INFO(outcome.output);
    CHECK(outcome.ok());
}

TEST_CASE("JUnit tells failures, errors and skipped apart") {
    const std::string report = junit_report(mixed("ada"));
    CHECK_THAT(report, ContainsSubstring("<testsuite name=\"06-ring-buffer\" tests=\"12\" "
                                         "failures=\"3\" errors=\"4\" skipped=\"1\">"));
    CHECK_THAT(report, ContainsSubstring("classname=\"06-ring-buffer.fifo\" name=\"case 3 of "
                                         "fifo\""));
    CHECK_THAT(report, ContainsSubstring("type=\"timed out, in the asan build\""));
    CHECK_THAT(report, ContainsSubstring("name=\"replay audit\""));
    CHECK_THAT(report, ContainsSubstring("type=\"attack\""));
    CHECK_THAT(junit_report(not_graded("bob", "no files")), ContainsSubstring("errors=\"1\""));
}

TEST_CASE("Gradescope gets what its specification allows") {
    const json results = gradescope_results(mixed("ada", hostile()));
    CHECK_FALSE(has_null(results));
    CHECK(is_clean(results.at("output")));
    for (const json& test : results.at("tests")) {
        CHECK(test.at("score") <= test.at("max_score"));
        CHECK(std::regex_match(test.at("number").get<std::string>(), std::regex("[0-9.]+")));
        CHECK(test.at("output_format") == "text");
        CHECK(test.at("tags").is_array());
        CHECK(test.at("tags").at(0).is_string());
        CHECK(is_clean(test.at("output")));
        const bool inspection = test.at("name") == "Inspection";
        CHECK(test.at("visibility") == (inspection ? "hidden" : "visible"));
        CHECK((test.at("status") == "passed" || test.at("status") == "failed"));
    }
    CHECK(results.at("tests").size() == 8);
    const json broken = gradescope_results(not_graded("bob", "no files"));
    CHECK(broken.at("score") == 0.0);
    CHECK(broken.at("output") == "no files");
}

TEST_CASE("Classroom 50 gets whole numbers and never an empty pass") {
    const json result = classroom50_result(mixed("ada", hostile()), kRun);
    CHECK(result.at("schema") == "classroom50/result/v1");
    CHECK(result.size() == 13);
    CHECK_FALSE(has_null(result));
    for (const json& test : result.at("tests")) {
        CHECK(test.at("score").is_number_integer());
        CHECK(test.at("max-score").is_number_integer());
        CHECK(test.at("score") <= test.at("max-score"));
        CHECK(test.at("passed").is_boolean());
        CHECK_FALSE(test.at("test-name").get<std::string>().empty());
    }
    CHECK(result.at("tests").back().at("test-name") == "inspection");
    const json broken = classroom50_result(not_graded("bob", "no files"), kRun);
    REQUIRE(broken.at("tests").size() == 1);
    CHECK(broken.at("tests").at(0).at("passed") == false);
}

TEST_CASE("Classroom 50's run comes from the environment") {
    CHECK_THROWS_AS(classroom50_run("2026-06-01T14:32:01Z"), UserError);
    for (const char* const name :
         {"CLASSROOM", "ASSIGNMENT", "USERNAME", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL"})
        setenv(name, name, 1);
    const Classroom50Run run = classroom50_run("2026-06-01T14:32:01Z");
    CHECK(run.owner == "USERNAME");
    CHECK(run.review == "COMMIT_URL");
    CHECK(run.assignment_type == "individual");
}

TEST_CASE("the reporter's result says what its action reads") {
    const auto result_of = [](const StudentGrade& grade) {
        return json::parse(decoded_base64(classroom_resources_result(grade)));
    };
    const json result = result_of(mixed("ada", hostile()));
    CHECK(result.at("version") == 1);
    CHECK(result.at("status") == "error");  // an attack
    for (const json& test : result.at("tests")) {
        for (const char* const key : {"name", "status", "message", "test_code", "filename"})
            CHECK(test.at(key).is_string());
        CHECK(test.at("line_no").is_number_integer());
        CHECK(test.at("score").is_number());
    }
    StudentGrade grade = mixed("ada");
    grade.flags.clear();
    CHECK(result_of(grade).at("status") == "fail");
    CHECK(result_of(grade).at("tests").at(3).at("line_no") == 41);
    grade.exercises.resize(1);
    CHECK(result_of(grade).at("status") == "pass");
    CHECK(result_of(StudentGrade{}).at("tests").size() == 1);
    CHECK(result_of(not_graded("bob", "x")).at("status") == "error");
}

TEST_CASE("no line of a log becomes a workflow command") {
    CHECK(inert_log_text("a\n::error::b") == "a\n| ::error::b");
    CHECK(inert_log_text("a\r::error::b") == "a␍::error::b");
    CHECK(inert_log_text(" \t ::error::b") == " \t | ::error::b");
    CHECK(inert_log_text("\u00A0::error::b") == "\u00A0| ::error::b");
    CHECK(inert_log_text("x ##[error]b") == "x # #[error]b");
    CHECK(inert_log_text("RingBuffer::push") == "RingBuffer::push");
}

TEST_CASE("annotations are at most ten commands, and text adds none") {
    const std::string text = workflow_annotations(mixed("ada", hostile()));
    CHECK(is_clean(text));
    std::istringstream lines(text);
    std::size_t count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        INFO(line);
        CHECK(std::regex_match(line,
                               std::regex("::error (file=[^:,]*,line=[0-9]+,)?title=[^:,]*::.*")));
    }
    CHECK(count == 6);  // neither the todo nor the speed before its time
    CHECK_THAT(text, ContainsSubstring("file=tests/06-ring-buffer/suite.cpp,line=41,"
                                       "title=06-ring-buffer.fifo::case 3 of fifo%0Averdict"));

    StudentGrade many{.student = "ada"};
    many.exercises = {{.name = "01-layout", .title = "Layout"}};
    many.exercises[0].steps = {step("a", 100, std::vector(30, Verdict::failed))};
    const std::string ten = workflow_annotations(many);
    CHECK(std::ranges::count(ten, '\n') == 1);  // the same message once
    for (std::size_t i = 0; i < 30; ++i)
        many.exercises[0].steps[0].cases[i].runs[1].explanation.what = std::to_string(i);
    CHECK(std::ranges::count(workflow_annotations(many), '\n') == 10);
    CHECK_THAT(workflow_annotations(many), ContainsSubstring("::21 more failures"));
}

TEST_CASE("nothing in the step summary is Markdown but its own") {
    const std::string summary = step_summary(mixed("ada", hostile()));
    CHECK(is_clean(summary));
    std::istringstream lines(summary);
    for (std::string line; std::getline(lines, line);) {
        INFO(line);
        if (line.starts_with("|")) CHECK(std::ranges::count(line, '|') == 5);
        // Own emphasis, code and line breaks aside, every special character is a reference.
        line = std::regex_replace(line, std::regex(R"(</?code>|<br>|\*\*|&#[0-9]+;|^ *- )"), "");
        if (!line.starts_with("|") && !line.starts_with("#"))
            CHECK(line.find_first_of("<>[]()*_`|#~\\$@!&/") == std::string::npos);
    }
}

TEST_CASE("a flood of text stays within the readers' limits") {
    StudentGrade grade = mixed("ada", std::string(20'000, '"'));
    for (ExerciseGrade& exercise : grade.exercises)
        for (StepGrade& step : exercise.steps)
            if (step.cases.size() == 3) step.cases.assign(500, step.cases[2]);
    grade.exercises.insert(grade.exercises.end(), 4, grade.exercises[2]);
    CHECK(step_summary(grade).size() < std::size_t{1} << 20);
    CHECK(classroom_resources_result(grade).size() < std::size_t{128} << 10);
    CHECK(json_text(classroom50_result(grade, kRun)).size() < std::size_t{10} << 20);
    CHECK(workflow_annotations(grade).size() < 20'000);
}

TEST_CASE("the gradebook keeps its shape and starts no formula") {
    const auto rows = parsed_csv(gradebook({mixed("ada"), mixed(hostile(), hostile()),
                                            not_graded("-1+2", "@SUM(A1), \"x\"\n"),
                                            not_graded("\t=1", "\uFF1D1"), not_graded("", "+")}));
    REQUIRE(rows.size() == 6);
    for (const auto& row : rows) {
        REQUIRE(row.size() == rows[0].size());
        for (const std::string& cell : row) {
            CHECK(is_clean(cell));
            CHECK((cell.empty() || std::string("=+-@\t\r\n").find(cell[0]) == std::string::npos));
        }
    }
    CHECK(rows[0][3] == "02-memory-pool");
    CHECK(rows[0][6] == "02-memory-pool.reuse");
    CHECK(rows[1][3] == "80");
    CHECK(rows[1][5] == "39.04");
    CHECK(rows[3][0] == "'-1+2");
    CHECK(rows[3][1] == "0");
    CHECK(rows[3].back() == "'@SUM(A1), \"x\"\n");
    CHECK(rows[4][0] == "'\t=1");
    CHECK(rows[4].back() == "'\uFF1D1");
}

TEST_CASE("the pages hold nothing but their own elements") {
    const std::vector<StudentGrade> students{mixed("ada"), mixed(hostile(), hostile()),
                                             not_graded(hostile(), hostile()), StudentGrade{}};
    for (const std::string& page :
         {batch_page(students, hostile()), student_page(students[1]), batch_page({})}) {
        CHECK(is_clean(page));
        CHECK(html_fault(page) == "");
    }
    CHECK(student_page(students[0]).find("execve") == std::string::npos);
}

TEST_CASE("every link of the batch page has its target") {
    const std::string page = batch_page({mixed("ada"), mixed("bob"), not_graded("eve", "x")});
    const std::regex link("href=\"#([a-z0-9-]+)\"");
    std::size_t count = 0;
    for (std::sregex_iterator at(page.begin(), page.end(), link), end; at != end; ++at, ++count)
        CHECK_THAT(page, ContainsSubstring(" id=\"" + (*at)[1].str() + "\""));
    CHECK(count == 1 + 3 + 2);
}

TEST_CASE("a batch's numbers") {
    StudentGrade full{.student = "full"};
    full.exercises = {{.name = "01-a", .steps = {step("x", 100, {Verdict::passed})}}};
    StudentGrade half = full;
    half.exercises[0].steps.push_back(step("y", 100, {Verdict::failed}));
    const BatchNumbers numbers = numbers_of({full, half, not_graded("none", "x")});
    CHECK(numbers.histogram == std::array<std::size_t, 10>{1, 0, 0, 0, 0, 1, 0, 0, 0, 1});
    CHECK(numbers.median == 50);
    CHECK(numbers.mean == 50);
    CHECK(numbers.full == 1);
    CHECK(numbers.errors == 1);
    REQUIRE(numbers.hardest.size() == 1);
    CHECK(numbers.hardest[0].step == "y");
    CHECK(numbers.hardest[0].students == 1);
    StudentGrade missing = half;
    for (StepGrade& step : missing.exercises[0].steps)
        step.cases[0].runs[0].verdict = Verdict::not_built;
    const BatchNumbers with_missing = numbers_of({half, missing});
    REQUIRE(with_missing.hardest.size() == 1);
    CHECK(with_missing.hardest[0].students == 1);
    CHECK(numbers_of({}).median == 0);
    CHECK(percent(9999, 10000) == 99);
}

TEST_CASE("printable text shows what is hidden in it") {
    CHECK(printable(std::string_view("a\0b", 3)) == "a␀b");
    CHECK(printable("a\r\nb\rc\td\x7f") == "a\nb␍c\td␡");
    CHECK(printable("\u202Ecba") == "[U+202E]cba");
    CHECK(printable("zażółć \u4F60 \U0001F600 \u200D") == "zażółć \u4F60 \U0001F600 \u200D");
    CHECK(printable("\xC0\xAF|\xED\xA0\x80|\xF5|\xE2\x82") ==
          "\uFFFD\uFFFD|\uFFFD\uFFFD\uFFFD|"
          "\uFFFD|\uFFFD\uFFFD");
    CHECK(printable(printable(hostile())) == printable(hostile()));
}

TEST_CASE("long text is cut between characters") {
    CHECK(clipped("abc", 3) == "abc");
    CHECK(clipped("abcd", 3) == "abc … (1 more bytes)");
    CHECK(clipped("aéb", 2) == "a … (3 more bytes)");
}

TEST_CASE("a place is a file and a line") {
    CHECK(file_and_line("suite.cpp:41") == std::pair(std::string("suite.cpp"), 41L));
    CHECK(file_and_line("a:b.hpp:7") == std::pair(std::string("a:b.hpp"), 7L));
    for (const char* const text : {"", "suite.cpp", ":4", "a:", "a:0", "a:-1", "a:1x"})
        CHECK_FALSE(file_and_line(text));
}
