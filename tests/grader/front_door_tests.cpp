// Unit tests of what the student's commands are made of.

#include <unistd.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <sstream>

#include "bench/contest_report.hpp"
#include "bench/report_entries.hpp"
#include "hints.hpp"
#include "progress.hpp"

using namespace cacheline::grader;
using Catch::Matchers::ContainsSubstring;

namespace {

class ScratchFile {
public:
    ScratchFile()
        : path_(std::filesystem::temp_directory_path() /
                ("cacheline-" + std::to_string(getpid()) + ".json")) {}
    ~ScratchFile() { std::filesystem::remove(path_); }
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

Figure figure(const std::string& who, double q1, double median, double q3, bool higher = true) {
    return {.name = {.name = "Transfer", .who = who, .arguments = "1024"},
            .unit = {.name = higher ? "Mitems/s" : "ns/pair", .higher_is_better = higher},
            .median = median,
            .q1 = q1,
            .q3 = q3,
            .runs = 5};
}

// An exercise of two steps of 50 points, each of one test case.
ExerciseGrade grade_with(int passed) {
    ExerciseGrade grade{.name = "99-sample", .title = "Sample"};
    for (int i = 0; i < 2; ++i) {
        StepGrade step{.step = {.id = i == 0 ? "first" : "second", .title = "", .points = 50}};
        step.cases = {{.name = "case",
                       .runs = {{.build = "release",
                                 .verdict = i < passed ? Verdict::passed : Verdict::failed}}}};
        grade.steps.push_back(step);
    }
    return grade;
}

}  // namespace

TEST_CASE("a benchmark's name is taken apart, without what the library appends") {
    CHECK(parse_benchmark_name("Transfer/yours/1024/iterations:1/manual_time") ==
          BenchmarkName{"Transfer", "yours", "1024"});
    CHECK(parse_benchmark_name("Search/yours/4") == BenchmarkName{"Search", "yours", "4"});
    CHECK(parse_benchmark_name("Vector/baseline") == BenchmarkName{"Vector", "baseline", ""});
    CHECK(parse_benchmark_name("Sum/eigen/4096/16/min_time:0.030") ==
          BenchmarkName{"Sum", "eigen", "4096/16"});
}

TEST_CASE("the figure is told in the unit that matters") {
    std::string error;
    const auto all = read_benchmark_report(R"({"benchmarks": [
        {"name": "A/yours", "real_time": 3.5, "time_unit": "us"},
        {"name": "B/yours", "real_time": 1, "time_unit": "ns", "bytes_per_second": 2.5e9},
        {"name": "C/yours", "real_time": 1, "time_unit": "ns", "items_per_second": 4e6},
        {"name": "D/yours", "real_time": 1, "items_per_second": 4e6, "ns_per_pair": 12.5},
        {"name": "E/yours", "error_occurred": true, "error_message": "wrong sum"}]})",
                                           error);
    REQUIRE(all.size() == 4);
    CHECK(all[0].unit == Unit{"µs", false});
    CHECK(all[0].value == 3.5);
    CHECK(all[1].unit == Unit{"GB/s", true});
    CHECK(all[1].value == 2.5);
    CHECK(all[2].unit == Unit{"Mitems/s", true});
    CHECK(all[2].value == 4);
    CHECK(all[3].unit == Unit{"ns/pair", false});
    CHECK(all[3].value == 12.5);
    CHECK(error == "E/yours: wrong sum");

    error.clear();
    CHECK(read_benchmark_report("{", error).empty());
    CHECK(error == "the benchmark ended without a report");
}

TEST_CASE("a benchmark's report may be anything") {
    for (const char* const text :
         {"", "[]", "{}", R"({"benchmarks": 7})", R"({"benchmarks": [7, null, []]})",
          R"({"benchmarks": {"name": "Sum"}})"}) {
        INFO(text);
        std::string error;
        CHECK(read_report_entries(text, error).empty());
    }
    std::string error;
    const auto entries = read_report_entries(
        R"({"benchmarks": [{"name": 7, "time_unit": [], "real_time": "soon", "round_trip_ns": 3},
                           {"name": "Sum", "error_occurred": "yes", "error_message": {}}]})",
        error);
    REQUIRE(entries.size() == 1);
    CHECK(entries.front().name.empty());
    CHECK_FALSE(entries.front().number("real_time"));
    CHECK(entries.front().number("round_trip_ns") == 3);
    CHECK(error == "Sum: wrong result");
}

TEST_CASE("several runs are told by their median and quartiles") {
    const Figure odd = summarize({}, {}, {5, 1, 3, 2, 4});
    CHECK(odd.q1 == 2);
    CHECK(odd.median == 3);
    CHECK(odd.q3 == 4);
    CHECK(odd.runs == 5);
    const Figure even = summarize({}, {}, {1, 2, 3, 4});
    CHECK(even.median == 2.5);
    CHECK(even.q1 == 1.75);
    CHECK(summarize({}, {}, {7}).q3 == 7);
}

TEST_CASE("a figure has three significant digits") {
    CHECK(figure_text(0) == "0");
    CHECK(figure_text(0.01234) == "0.0123");
    CHECK(figure_text(1.234) == "1.23");
    CHECK(figure_text(123.4) == "123");
    CHECK(figure_text(12345) == "12345");
}

TEST_CASE("the bars' verdict is a sentence that the quartiles bear out") {
    const Figure baseline = figure("baseline", 9, 10, 11);
    const Figure reference = figure("reference", 95, 100, 105);
    CHECK_THAT(contest_verdict({baseline, figure("yours", 90, 98, 101), reference}, 0.8),
               ContainsSubstring("No difference from the reference") &&
                   ContainsSubstring("9.80 times the baseline's"));
    CHECK_THAT(contest_verdict({baseline, figure("yours", 49, 50, 51), reference}, 0.8),
               ContainsSubstring("Slower than the reference, 0.50 times its speed") &&
                   ContainsSubstring("ask for 0.80 times the reference's: not yet."));
    // Less is better: twice the time is half the speed.
    CHECK_THAT(contest_verdict(
                   {figure("yours", 40, 40, 40, false), figure("reference", 20, 20, 20, false)}, 0),
               ContainsSubstring("Slower than the reference, 0.50 times its speed"));
    CHECK_THAT(contest_verdict(
                   {figure("yours", 120, 120, 120), reference, figure("boost", 200, 200, 200)}, 0),
               ContainsSubstring("Faster than the reference") &&
                   ContainsSubstring("the fastest is boost"));
    CHECK(contest_verdict({baseline, reference}, 0.8).empty());
}

TEST_CASE("the bars stand in one order and are as long as their figures") {
    const Exercise exercise{.name = "06-ring-buffer", .title = "Ring"};
    Contest contest;
    contest.figures = {figure("zebra", 20, 20, 20), figure("reference", 40, 40, 40),
                       figure("baseline", 10, 10, 10), figure("yours", 30, 30, 30)};
    std::ostringstream out;
    print_contest(out, exercise, contest, {});
    const std::string text = out.str();
    CHECK(text.find("baseline") < text.find("yours"));
    CHECK(text.find("yours") < text.find("reference"));
    CHECK(text.find("reference") < text.find("zebra"));
    CHECK_THAT(text, ContainsSubstring(std::string(39, '#') + "|") &&
                         ContainsSubstring(" " + std::string(9, '#') + "|"));

    const auto json = contest_json("06-ring-buffer", contest, {.cpu = "cpu"}, "2026-06-01");
    CHECK(json["benchmarks"].size() == 4);
    CHECK(json["benchmarks"][0]["who"] == "baseline");
    CHECK(json["benchmarks"][0]["arguments"] == "1024");
    CHECK(json["recorded"] == "2026-06-01");

    const std::string recorded = recording_text(json);
    CHECK(nlohmann::ordered_json::parse(recorded) == json);
    CHECK(std::ranges::count(recorded, '{') == 6);
    CHECK_THAT(recorded, ContainsSubstring("\n    {\"name\":\"Transfer\""));
}

TEST_CASE("ways to use an implementation are told by its name and stand beside it") {
    CHECK(contender_name("yours", "reference") == "reference");
    CHECK(contender_name("yours-locked", "reference") == "reference-locked");
    CHECK(contender_name("yoursaround", "reference") == "yoursaround");
    CHECK(contender_name("boost", "reference") == "boost");

    Contest contest;
    contest.figures = {figure("boost", 1, 1, 1), figure("reference-locked", 1, 1, 1),
                       figure("reference", 1, 1, 1), figure("yours-locked", 1, 1, 1),
                       figure("yours", 1, 1, 1)};
    const auto json = contest_json("x", contest, {}, "");
    std::string order;
    for (const auto& one : json.at("benchmarks"))
        order += one.at("who").get<std::string>() + " ";
    CHECK(order == "yours yours-locked reference reference-locked boost ");
}

TEST_CASE("progress keeps the best and celebrates once") {
    const ScratchFile file;
    const ProgressFile progress(file.path());
    const Exercise exercise{
        .name = "99-sample", .title = "Sample", .steps = {{.id = "first"}, {.id = "second"}}};
    CHECK(progress.record({grade_with(1)}, "2026-06-01").empty());
    CHECK(progress.open_step(exercise) == "second");
    CHECK_FALSE(progress.complete(exercise));
    CHECK(progress.summary({exercise}, &exercise) ==
          "0 of 1 exercises complete, at best 50 of 100 points; sample 50 (2026-06-01)");

    // A run that left builds out says nothing of the best.
    CHECK(progress.record({grade_with(2)}, "2026-06-02", false).empty());
    CHECK_FALSE(progress.complete(exercise));
    CHECK(progress.open_step(exercise).empty());

    CHECK(progress.record({grade_with(2)}, "2026-06-03").size() == 1);
    CHECK(progress.complete(exercise));
    CHECK(progress.record({grade_with(2)}, "2026-06-04").empty());

    // Worse again: the best stays, with its day.
    CHECK(progress.record({grade_with(0)}, "2026-06-05").empty());
    CHECK(progress.complete(exercise));
    CHECK(progress.open_step(exercise) == "first");
    CHECK_THAT(progress.summary({exercise}, &exercise),
               ContainsSubstring("sample 100 (2026-06-03)"));
}

TEST_CASE("hints are forgotten by step or by exercise") {
    const ScratchFile file;
    const HintMemory memory(file.path());
    CHECK(memory.next("99-sample", "first", 3) == 1);
    CHECK(memory.next("99-sample", "first", 3) == 2);
    CHECK(memory.next("99-sample", "second", 3) == 1);
    CHECK(memory.next("98-other", "first", 3) == 1);
    memory.forget("99-sample", "first");
    CHECK(memory.next("99-sample", "first", 3) == 1);
    CHECK(memory.next("99-sample", "second", 3) == 2);
    memory.forget("99-sample", "");
    CHECK(memory.next("99-sample", "second", 3) == 1);
    CHECK(memory.next("98-other", "first", 3) == 2);
}
