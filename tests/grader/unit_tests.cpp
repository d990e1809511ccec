// The grader's parts, each by itself.

#include <signal.h>
#include <unistd.h>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fstream>
#include <numeric>
#include <sstream>

#include "assertion.hpp"
#include "build.hpp"
#include "diagnosis.hpp"
#include "grade.hpp"
#include "hints.hpp"
#include "job_queue.hpp"
#include "json_report.hpp"
#include "nearest.hpp"
#include "process.hpp"
#include "scorecard.hpp"
#include "scratch.hpp"
#include "speed.hpp"
#include "support/json_line.hpp"

namespace fs = std::filesystem;
using namespace cacheline::grader;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

const Sandbox kTrusting = Sandbox::trusting();

CaseGrade case_of(std::vector<Verdict> verdicts) {
    CaseGrade grade{.name = "a case"};
    for (const Verdict verdict : verdicts)
        grade.runs.push_back({.build = "release", .verdict = verdict});
    return grade;
}

StepGrade step_of(int points, std::vector<Verdict> verdicts) {
    StepGrade grade{.step = {.id = "step", .title = "A step", .points = points}};
    for (const Verdict verdict : verdicts)
        grade.cases.push_back(case_of({verdict}));
    return grade;
}

Exercise exercise_called(std::string name) {
    return {.name = std::move(name)};
}

Outcome shell(const std::string& script,
              std::chrono::milliseconds limit = std::chrono::seconds(5)) {
    return run({.arguments = {"/bin/sh", "-c", script}, .limit = limit});
}

// What `judge` says of a process that ended so and left these lines in its report.
BuildRun judged(const Outcome& outcome, const std::string& lines) {
    const Scratch scratch;
    const Exercise exercise{.name = "99-sample", .folder = scratch.folder()};
    const Stage stage(exercise, scratch.folder(), scratch.folder() / "work", "exercises/99-sample");
    return judge("a case", "release", outcome, read_report(scratch.file("report", lines)), stage);
}

constexpr const char* kStart = R"({"event":"case","name":"a case"})"
                               "\n";
constexpr const char* kEnd = R"({"event":"end","assertions":3,"failures":0})"
                             "\n";

}  // namespace

TEST_CASE("points are divided evenly and add up exactly") {
    CHECK(step_of(20, {Verdict::passed, Verdict::passed, Verdict::passed}).earned() == 2000);
    CHECK(step_of(20, {Verdict::passed, Verdict::passed, Verdict::failed}).earned() == 1333);
    CHECK(step_of(20, {Verdict::failed}).earned() == 0);
    CHECK(step_of(20, {}).earned() == 0);
    const ExerciseGrade grade{
        .steps = {step_of(20, {Verdict::passed, Verdict::failed}), step_of(80, {Verdict::passed})}};
    CHECK(grade.earned() == 9000);
    CHECK(grade.possible() == 10000);
}

TEST_CASE("only a pass earns points") {
    const Verdict other =
        GENERATE(Verdict::failed, Verdict::crashed, Verdict::timed_out, Verdict::todo,
                 Verdict::not_built, Verdict::error, Verdict::skipped);
    CHECK(step_of(100, {other}).earned() == 0);
    CHECK(case_of({Verdict::passed, other}).verdict() == other);
    CHECK(case_of({other, Verdict::passed}).verdict() == other);
}

TEST_CASE("a benchmark without a verdict counts on neither side") {
    StepGrade grade{.step = {.id = "speed", .points = 20}};
    grade.speeds = {{.pace = Pace::fast_enough}, {.pace = Pace::inconclusive}};
    CHECK(grade.earned() == 1000);
    CHECK(grade.possible() == 1000);
    grade.speeds = {{.pace = Pace::fast_enough}, {.pace = Pace::too_slow}};
    CHECK(grade.earned() == 1000);
    CHECK(grade.possible() == 2000);
    grade.speeds = {{.pace = Pace::not_measured}};
    CHECK(grade.possible() == 0);
}

TEST_CASE("points are shown cut, never rounded up") {
    CHECK(points_text(10000) == "100");
    CHECK(points_text(9999) == "99.99");
    CHECK(points_text(1250) == "12.5");
    CHECK(points_text(0) == "0");
}

TEST_CASE("speed has three verdicts") {
    std::mt19937_64 rng(1);
    const auto pace = [&](const std::vector<double>& ratios) {
        return verdict(bootstrap_median(ratios, rng), 0.8);
    };
    CHECK(pace(std::vector(9, 0.9)) == Pace::fast_enough);
    CHECK(pace(std::vector(9, 0.7)) == Pace::too_slow);
    CHECK(pace({0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 1.0, 1.1}) == Pace::inconclusive);
}

TEST_CASE("the interval of the median holds the median") {
    std::mt19937_64 rng(1);
    std::vector<double> values(25);
    std::iota(values.begin(), values.end(), 1.0);
    const Interval interval = bootstrap_median(values, rng);
    CHECK(interval.median == Catch::Approx(13));
    CHECK(interval.low < 13);
    CHECK(interval.high > 13);
    CHECK(interval.low > 5);
    CHECK(interval.high < 21);
}

TEST_CASE("what a sanitizer says is told without addresses, so that two runs say the same") {
    const auto told = [](const std::string& output) {
        const Outcome outcome{.exit_code = kSanitizerStatus, .output = output};
        return judged(outcome, kStart).explanation.what;
    };
    CHECK(told("==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000002920 at pc "
               "0x557d3bf199ac bp 0x7ffd66db9f70 sp 0x7ffd66db9f68\n") ==
          "AddressSanitizer: heap-buffer-overflow");
    CHECK(
        told("==7==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000010 (pc 0x55)\n") ==
        "AddressSanitizer: SEGV");
    CHECK(told("a.cpp:3:5: runtime error: load of misaligned address 0x7ffd01 for type 'int'\n") ==
          "UndefinedBehaviorSanitizer: load of misaligned address for type 'int'");
}

TEST_CASE("a case passes only if it ran to its end and everything held") {
    const Outcome good{.exit_code = 0};
    CHECK(judged(good, std::string(kStart) + kEnd).verdict == Verdict::passed);
    CHECK(judged(good, std::string(kStart)).verdict == Verdict::failed);
    CHECK(judged(good, "").verdict == Verdict::failed);
    CHECK(judged(good, kEnd).verdict == Verdict::failed);
    CHECK(judged({.exit_code = 1}, std::string(kStart) + kEnd).verdict == Verdict::failed);
    CHECK(judged({.exit_code = kSanitizerStatus}, std::string(kStart) + kEnd).verdict ==
          Verdict::failed);
    CHECK(judged({.signal = SIGSEGV}, std::string(kStart) + kEnd).verdict == Verdict::crashed);
    CHECK(judged({.timed_out = true}, std::string(kStart) + kEnd).verdict == Verdict::timed_out);
    CHECK(judged({.exit_code = 0, .flooded = true}, std::string(kStart) + kEnd).verdict ==
          Verdict::failed);
    const std::string other = R"({"event":"case","name":"another"})"
                              "\n";
    CHECK(judged(good, other + kEnd).verdict == Verdict::failed);
    const std::string nothing = R"({"event":"end","assertions":0,"failures":0})"
                                "\n";
    CHECK(judged(good, kStart + nothing).verdict == Verdict::failed);
    CHECK(judged(good, "garbage\n[]\n7\n").verdict == Verdict::failed);
}

TEST_CASE("a failure is told with what was expected, what came and why it matters") {
    const BuildRun run = judged(
        {.exit_code = 1},
        std::string(kStart) +
            R"({"event":"failure","kind":"check","macro":"CHECK","check":"a == b","got":"1 == 2","notes":["why: they are twins","n: 7"],"file":"/x/suite.cpp","line":41})"
            "\n" +
            kEnd);
    CHECK(run.verdict == Verdict::failed);
    CHECK(run.explanation.expected == "a == b, which is 2");
    CHECK(run.explanation.got == "1");
    CHECK(run.explanation.why == "they are twins");
    CHECK(run.explanation.where == "suite.cpp:41");
    CHECK(run.explanation.notes == std::vector<std::string>{"n: 7"});
}

TEST_CASE("an assertion is told as what was expected and what came") {
    struct Told {
        const char* macro;
        const char* check;
        const char* values;
        const char* expected;
        const char* got;
    };
    static constexpr Told kTold[] = {
        {"CHECK", "size == 8u", "9 == 8", "size == 8u", "9"},
        {"CHECK", "size == limit", "500 (0x1f4) == 300 (0x12c)", "size == limit, which is 300",
         "500"},
        {"CHECK", "text == kMost", "\"a\"\n==\n\"b\"", "text == \"b\"", "\"a\""},
        {"CHECK", "got == expected", "1 == 2", "2", "1"},
        {"CHECK", "f([](int x) { return x == 2; }) <= 60", "78 <= 60",
         "f([](int x) { return x == 2; }) <= 60", "78"},
        {"CHECK", "v == std::vector{1, 2}", "{ 1 } == { 1, 2 }", "v == { 1, 2 }", "{ 1 }"},
        {"CHECK", "wrong == \"\"", "\"all\" == \"\"", "wrong is empty", "\"all\""},
        {"CHECK", "third != nullptr", "0 != nullptr", "third != nullptr", "nullptr"},
        {"CHECK", "a.data() == before", "0x55aa == 0x55bb", "a.data() == before",
         "another address"},
        // What may come apart in two ways stays whole.
        {"CHECK", "a == b", "\"x == y\" == \"z\"", "a == b", "\"x == y\" == \"z\""},
        {"CHECK", "a == b == c", "false", "a == b == c is true", "false"},
        {"CHECK_FALSE", "!(ring.try_push(3))", "!true", "ring.try_push(3) is false", "true"},
        {"REQUIRE", "ring.try_push(3)", "false", "ring.try_push(3) is true", "false"},
        {"CHECK_THROWS_AS", "make(1, \", \"), std::length_error", "",
         "make(1, \", \") throws std::length_error", ""},
        {"CHECK_THROWS_MATCHES",
         "make(3), std::length_error, MessageMatches(ContainsSubstring(\"3\"))",
         "bad value  matches \"contains: \"3\"\"",
         "make(3) throws std::length_error with \"3\" in its message", "\"bad value\""},
        {"CHECK_THROWS_WITH", "at(1), ContainsSubstring(\"line 4\")", "",
         "at(1) throws an exception with \"line 4\" in its message", ""},
        {"CHECK_THAT", "text, ContainsSubstring(\"8\") && ContainsSubstring(field)",
         "\"hello\" ( contains: \"8\" and contains: \"key\" )", "text contains \"8\" and \"key\"",
         "\"hello\""},
    };
    for (const Told& one : kTold) {
        INFO(one.check);
        const Assertion told = told_assertion(one.macro, one.check, one.values);
        CHECK(told.expected == one.expected);
        CHECK(told.got == one.got);
    }
}

TEST_CASE("long containers are told by the element where they part") {
    const auto told = [](std::size_t got, std::size_t changed, std::size_t due) {
        const auto list = [](std::size_t size, std::size_t with) {
            std::string text = "{ \"a, b\"";
            for (std::size_t i = 1; i < size; ++i)
                text += ", " + std::to_string(i == with ? 0 : i);
            return text + " }";
        };
        return told_assertion("CHECK", "v == numbers(99)",
                              list(got, changed) + " == " + list(due, due))
            .got;
    };
    CHECK(told(99, 70, 99) == "element 70 is 0, not 70");
    CHECK(told(99, 70, 98) == "element 70 is 0, not 70, of 99 elements, not 98");
    CHECK(told(99, 99, 100) == "99 elements, not 100");
    CHECK(told(3, 1, 3) == "{ \"a, b\", 0, 2 }");
}

TEST_CASE("of a race both threads' lines are told, with what stands there") {
    const Scratch scratch;
    const Exercise exercise{.name = "99-sample", .folder = scratch.folder(), .edit = {"s.hpp"}};
    scratch.file("s.hpp", "int x;\n  x = 1;\nreturn x;\n");
    const Stage stage(exercise, scratch.folder(), scratch.folder() / "work", "exercises/99-sample");
    const std::string mine = stage.source().string() + "/s.hpp";
    const std::string output =
        "WARNING: ThreadSanitizer: data race (pid=7)\n  Read of size 4 at 0x7b70 by thread T3:\n"
        "    #0 f() /usr/include/x.h:9 (a+0x1)\n    #1 g() " +
        mine +
        ":3 (a+0x2)\n\n  Previous atomic write of size 4 at 0x7b70 by thread T2:\n    #0 h() " +
        mine + ":2 (a+0x3)\n\n  Location is global\n    #0 i() " + mine + ":1 (a+0x4)\n";
    const std::string report =
        std::string(kStart) + R"({"event":"ended","why":"an item must be there before it is seen"})"
                              "\n";
    const Explanation told =
        judge("a case", "tsan", {.exit_code = kSanitizerStatus, .output = output},
              read_report(scratch.file("report", report)), stage)
            .explanation;
    CHECK(told.what == "ThreadSanitizer: data race");
    CHECK(told.where == "s.hpp:3");
    CHECK(told.notes ==
          std::vector<std::string>{"the test case: an item must be there before it is seen",
                                   "one thread reads in s.hpp:3: return x;",
                                   "the other one writes in s.hpp:2: x = 1;"});
}

TEST_CASE("a heap that is damaged is said to be") {
    const BuildRun run = judged(
        {.signal = SIGABRT, .output = "free(): invalid pointer\n"},
        std::string(kStart) +
            R"({"event":"failure","kind":"check","macro":"CHECK","check":"n == 3","got":"4 == 3","notes":["why: w"],"file":"s.cpp","line":1})"
            "\n");
    CHECK_THAT(run.explanation.what, ContainsSubstring("the heap is damaged (free(): invalid"));
    CHECK(run.explanation.got == "4");  // what went wrong before is nearer to the cause
    CHECK(run.explanation.why == "w");
}

TEST_CASE("an unwritten function is todo, whatever happened besides") {
    const std::string todo =
        R"({"event":"failure","kind":"threw","check":"","got":"todo: Ring::push","notes":[],"file":"s.cpp","line":1})"
        "\n";
    CHECK(judged({.exit_code = 1}, kStart + todo + kEnd).verdict == Verdict::todo);
    CHECK(judged({.signal = SIGABRT}, kStart + todo).verdict == Verdict::todo);
}

TEST_CASE("a watchdog's promise is what is told") {
    const BuildRun run = judged({.exit_code = 3},
                                std::string(kStart) +
                                    R"({"event":"broken","promise":"pop did not return","why":"w"})"
                                    "\n");
    CHECK(run.verdict == Verdict::timed_out);
    CHECK(run.explanation.what == "pop did not return");
}

TEST_CASE("text beyond ASCII comes through a suite's report") {
    cacheline::support::JsonLine line("failure");
    line.add("got", std::string("zażółć \xff \x7f"));
    const BuildRun run = judged({.exit_code = 1}, kStart + line.text() + kEnd);
    CHECK(run.explanation.what == "zażółć \xff \x7f");
}

TEST_CASE("what takes too long is told with the suite's reason") {
    const BuildRun run =
        judged({.timed_out = true}, std::string(kStart) + R"({"event":"ended","why":"it must end"})"
                                                          "\n");
    CHECK(run.verdict == Verdict::timed_out);
    CHECK(run.explanation.why == "it must end");
}

TEST_CASE("a process is run, timed, and ended with all that it started") {
    CHECK(shell("exit 7").exit_code == 7);
    CHECK(shell("kill -SEGV $$").signal == SIGSEGV);
    CHECK(shell("echo out; echo err >&2").output == "out\nerr\n");
    CHECK(shell("cat").ok());  // there is no input to wait for
    CHECK(shell("env").output.find("HOME=") == std::string::npos);

    const Outcome slow = shell("sleep 30", std::chrono::milliseconds(100));
    CHECK(slow.timed_out);
    CHECK(slow.wall < std::chrono::seconds(5));
    // A child left behind in the background holds the pipe open, and is killed.
    const Outcome left = shell("sleep 30 & exit 0");
    CHECK(left.ok());
    CHECK(left.wall < std::chrono::seconds(5));
    const Outcome flood = shell("yes");
    CHECK(flood.flooded);
    CHECK(flood.output.size() == kKeptOutput);
}

TEST_CASE("jobs may add jobs, and an exception reaches the one who waits") {
    JobQueue queue(2);
    std::atomic<int> count{0};
    queue.add([&] {
        for (int i = 0; i < 10; ++i)
            queue.add([&] { ++count; });
    });
    queue.wait();
    CHECK(count == 10);
    queue.add([] { throw UserError("no disk"); });
    CHECK_THROWS_AS(queue.wait(), UserError);
    queue.add([&] { ++count; });
    queue.wait();
    CHECK(count == 11);
}

TEST_CASE("an exercise is found by name, number and prefix, and the nearest is suggested") {
    std::vector<Exercise> catalog;
    for (const char* name : {"01-layout-optimizer", "02-memory-pool", "06-ring-buffer"})
        catalog.push_back(exercise_called(name));
    for (const char* wanted : {"06-ring-buffer", "ring-buffer", "06", "6", "ring", "06-r"})
        CHECK(find_exercise(catalog, wanted).name == "06-ring-buffer");
    CHECK_THROWS_MATCHES(find_exercise(catalog, "rnig-bufer"), UserError,
                         MessageMatches(ContainsSubstring("Did you mean \"ring-buffer\"?")));
    CHECK_THROWS_MATCHES(find_exercise(catalog, "0"), UserError,
                         MessageMatches(ContainsSubstring("more than one")));
    CHECK_THROWS_AS(find_exercise(catalog, ""), UserError);
}

TEST_CASE("the compiler's first error in the student's file is told, with its line") {
    const Scratch scratch;
    const Exercise exercise{.name = "99-sample", .folder = scratch.folder()};
    const Stage stage(exercise, scratch.folder(), scratch.folder() / "work", "exercises/99-sample");
    const std::string mine = stage.source().string() + "/sample.hpp";
    const Explanation told = explain_build_error(
        "/usr/include/c++/12/vector:1:2: error: a template novel\n" + mine +
            ":7:3: error: 'x' was not declared\n    7 | return x;\n      |        ^\n",
        stage);
    CHECK(told.where == "exercises/99-sample/sample.hpp:7");
    CHECK(told.what == "'x' was not declared");
    REQUIRE(told.notes.size() == 2);
    CHECK(told.notes.front() == "    7 | return x;");
}

TEST_CASE("hints are read by step and shown one after the other") {
    const Scratch scratch;
    scratch.file("hints.md",
                 "# Hints\n\n## fifo\n1. One?\n2. Two,\n   and more.\n\n## bulk\n1. B\n");
    const Exercise exercise{.name = "06-ring-buffer", .folder = scratch.folder()};
    const auto hints = read_hints(exercise);
    CHECK(hints.at("fifo") == std::vector<std::string>{"One?", "Two,\nand more."});
    CHECK(hints.at("bulk") == std::vector<std::string>{"B"});
    const HintMemory memory(scratch.folder() / "state" / "hints.json");
    CHECK(memory.next("e", "fifo", 2) == 1);
    CHECK(memory.next("e", "fifo", 2) == 2);
    CHECK(memory.next("e", "fifo", 2) == 2);
    CHECK(memory.next("e", "bulk", 1) == 1);
}

TEST_CASE("scorecard and JSON tell the same totals") {
    ExerciseGrade grade{.name = "06-ring-buffer", .title = "Lock-free ring buffer"};
    grade.steps = {step_of(30, {Verdict::passed, Verdict::passed, Verdict::failed}),
                   step_of(70, {Verdict::todo})};
    std::ostringstream out;
    print_scorecard(out, {grade}, {});
    CHECK_THAT(out.str(), ContainsSubstring("20/100"));
    CHECK_THAT(out.str(), ContainsSubstring("./workbook hint ring-buffer step"));
    CHECK(to_json({grade}).at("points") == 20.0);
    CHECK(to_json({grade}).at("exercises").at(0).at("steps").at(0).at("cases").size() == 3);
}

TEST_CASE("the scorecard says how long a step takes, and what is left of an exercise") {
    ExerciseGrade grade{.name = "06-ring-buffer", .title = "Lock-free ring buffer"};
    grade.steps = {step_of(30, {Verdict::passed, Verdict::failed}), step_of(40, {Verdict::todo}),
                   step_of(30, {Verdict::passed})};
    grade.steps[0].step.minutes = 30;
    grade.steps[1].step.minutes = 61;
    grade.steps[2].step.minutes = 40;
    std::ostringstream out;
    print_scorecard(out, {grade}, {});
    CHECK_THAT(out.str(), ContainsSubstring("45/100  about 1 h 20 min to go\n"));
    CHECK_THAT(out.str(), ContainsSubstring("1 todo, about 1 h 1 min\n"));
    CHECK_THAT(out.str(), ContainsSubstring("1 failed\n"));
    CHECK(exercise_grade_from_json(to_json({grade}).at("exercises").at(0)) == grade);

    grade.steps.erase(grade.steps.begin(), grade.steps.begin() + 2);
    std::ostringstream complete;
    print_scorecard(complete, {grade}, {});
    CHECK_THAT(complete.str(), !ContainsSubstring("to go"));
}

TEST_CASE("a faulty manifest costs its own exercise alone") {
    const Scratch scratch;
    scratch.file("98-broken.json", R"({"name": "98-broken", "fault": "points add up to 99"})");
    const std::vector<Exercise> catalog = load_catalog(scratch.folder());
    REQUIRE(catalog.size() == 1);
    const ExerciseGrade result =
        grade(catalog.front(), "", "",
              {.sandbox = &kTrusting, .work = scratch.folder(), .references = scratch.folder()});
    CHECK(result.possible() == 0);
    REQUIRE(result.notes.size() == 1);
    CHECK_THAT(result.notes.front(), ContainsSubstring("points add up to 99"));
}

TEST_CASE("an empty or broken catalog says what to do") {
    const Scratch scratch;
    CHECK_THROWS_MATCHES(load_catalog(scratch.folder()), UserError,
                         MessageMatches(ContainsSubstring("cmake --preset grader")));
    scratch.file("98-broken.json", "{");
    CHECK_THROWS_AS(load_catalog(scratch.folder()), UserError);
}

TEST_CASE("a missing file is told by its name") {
    const Scratch scratch;
    const Exercise exercise{.name = "99-sample",
                            .folder = scratch.folder(),
                            .edit = {"sample.hpp"},
                            .steps = {{.id = "answer", .points = 100}},
                            .tests = {{.name = "a case", .step = "answer", .builds = {"release"}}}};
    const ExerciseGrade result = grade(exercise, scratch.folder(), "ada",
                                       {.sandbox = &kTrusting,
                                        .work = scratch.folder() / "work",
                                        .references = scratch.folder() / "references"});
    CHECK(result.earned() == 0);
    CHECK(result.steps.front().cases.front().verdict() == Verdict::not_built);
    CHECK(result.notes == std::vector<std::string>{"ada has no sample.hpp."});
}

TEST_CASE("a failed check is told without Catch2's line breaks, hexadecimals and signals") {
    const std::string failure =
        R"({"event":"failure","check":"sizes == right","file":"/x/suite.cpp","line":7,)";
    const BuildRun wide = judged(
        {.exit_code = 1},
        kStart + failure +
            R"~("got":"{ 1, 512 (0x200) }\n==\n{ 1,\n2 }","notes":["n := 413 (0x19d)","f(0x2)"]})~"
            "\n" +
            kEnd);
    CHECK(wide.explanation.expected == "sizes == right, which is { 1, 2 }");
    CHECK(wide.explanation.got == "{ 1, 512 }");
    CHECK(wide.explanation.notes == std::vector<std::string>{"n = 413", "f(0x2)"});

    const BuildRun crash = judged(
        {.signal = SIGSEGV},
        kStart + failure +
            R"("kind":"fatal","notes":["why: it is not yours","SIGSEGV - Segmentation violation signal"]})"
            "\n");
    CHECK(crash.verdict == Verdict::crashed);
    CHECK(crash.explanation.why == "it is not yours");
    CHECK(crash.explanation.notes.empty());
}

TEST_CASE("the scorecard shows control characters and obeys none") {
    ExerciseGrade grade{.name = "99-sample", .title = "Sample"};
    grade.steps = {step_of(10, {Verdict::failed})};
    grade.steps[0].cases[0].runs[0].explanation = {.expected = "text == \"a\"",
                                                   .got = "\"a\r\x1b[2J\""};
    std::ostringstream out;
    print_scorecard(out, {grade}, {});
    CHECK(out.str().find("\"a␍␛[2J\"") != std::string::npos);
}

TEST_CASE("a note that shows code keeps its lines on the scorecard") {
    ExerciseGrade grade{.name = "99-sample", .title = "Sample"};
    grade.steps = {step_of(10, {Verdict::failed})};
    grade.steps[0].cases[0].runs[0].explanation = {.expected = "a == b",
                                                   .notes = {"in\nstruct R {\n    int f;\n};\n\n"}};
    std::ostringstream out;
    print_scorecard(out, {grade}, {});
    const std::string indent(14, ' ');
    CHECK(out.str().find("note      in\n" + indent + "struct R {\n" + indent + "    int f;\n" +
                         indent + "};\n    hint") != std::string::npos);
}
