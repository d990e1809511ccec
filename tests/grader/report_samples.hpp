#pragma once

// Made-up grades for the tests of the reports.

#include <string>
#include <utility>
#include <vector>

#include "reports/student_grade.hpp"

namespace cacheline::grader::samples {

/// What a hostile submission would put into a name or message: markup, ends of sections, workflow
/// commands, formulas, control characters, direction overrides, bytes that are not UTF-8.
inline std::string hostile() {
    using namespace std::string_literals;
    return "=cmd|' /C calc'!A0\n::error file=a.cpp,line=1::forged\r\n##[error]forged\n"
           "<script>alert(1)</script> ]]> </testsuite> --> \"quoted\" 'single' & | ` \\ $x$ "
           "[link](http://evil.example) **bold** \0 \x01 \x1b[2J \x7f \u202Eabc\u2066 \u0085 "
           "\xff\xfe \xc0\xaf \xed\xa0\x80 \xf5\x80\x80\x80 \xe2\x82 \uFEFF,;\t% %0A"s;
}

inline StepGrade step(std::string id, int points, const std::vector<Verdict>& verdicts,
                      const Explanation& explanation = {}) {
    StepGrade grade{.step = {.id = id, .title = "The step " + id, .points = points}};
    for (const Verdict verdict : verdicts) {
        const std::string name = "case " + std::to_string(grade.cases.size() + 1) + " of " + id;
        BuildRun passed{.build = "release", .verdict = Verdict::passed, .assertions = 12};
        BuildRun last{.build = "asan", .verdict = verdict, .assertions = 3, .output_bytes = 7};
        if (verdict != Verdict::passed) last.explanation = explanation;
        grade.cases.push_back({.name = name, .runs = {std::move(passed), std::move(last)}});
    }
    return grade;
}

inline StepGrade speed_step(const SpeedGrade& speed) {
    return {.step = {.id = "speed",
                     .title = "Speed",
                     .points = 20,
                     .benchmark = speed.name,
                     .ratio = 0.9},
            .speeds = {speed}};
}

/// Every kind of verdict, with points that do not divide evenly.
inline StudentGrade mixed(const std::string& name, const std::string& text = "plain text") {
    using enum Verdict;
    const Explanation explanation{.what = text,
                                  .expected = "buffer.size() == 3: " + text,
                                  .got = "4 == 3 " + text,
                                  .why = "Readers rely on it. " + text,
                                  .where = "suite.cpp:41",
                                  .notes = {"a note", text}};
    ExerciseGrade ring{.name = "06-ring-buffer", .title = "Lock-free ring buffer"};
    ring.steps = {step("fifo", 20, {passed, passed, failed}, explanation),
                  step("bounds", 40, {passed, crashed, timed_out, todo, skipped, error, not_built},
                       explanation),
                  step("order", 20, {passed}),
                  speed_step({.name = "hand-over",
                              .pace = Pace::too_slow,
                              .ratio = 0.71234567890123,
                              .low = 0.7,
                              .high = 0.75,
                              .pairs = 9,
                              .reason = text})};
    ExerciseGrade pool{.name = "02-memory-pool", .title = "Memory pool"};
    pool.steps = {step("reuse", 80, {passed, passed}),
                  speed_step({.name = "churn", .pace = Pace::inconclusive, .reason = text})};
    pool.notes = {"\"case 1\" printed 70 kB.", text};
    StepGrade audited = step("lanes", 100, {passed, passed, passed});
    audited.audit = "The transcript differs in line 7. " + text;
    ExerciseGrade simd{.name = "04-simd-sum", .title = "SIMD sum", .steps = {std::move(audited)}};
    return {.student = name,
            .exercises = {std::move(pool), std::move(simd), std::move(ring)},
            .flags = {{false, "06-ring-buffer", "ring_buffer.hpp", 12, "a macro leaks: " + text},
                      {true, "04-simd-sum", text, 0, "calls execve"}},
            .seed = 18'446'744'073'709'551'557U,
            .key = "5f2b"};
}

inline StudentGrade not_graded(const std::string& name, const std::string& why) {
    return {.student = name, .error = why, .seed = 7, .key = "0"};
}

}  // namespace cacheline::grader::samples
