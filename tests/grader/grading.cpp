#include "grading.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <ranges>

#include "build.hpp"
#include "diagnosis.hpp"
#include "files.hpp"
#include "job_queue.hpp"
#include "process.hpp"
#include "reference.hpp"
#include "replay_audit.hpp"
#include "speed.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

// Above this, what a test case prints is worth a word.
constexpr std::size_t kMuchOutput = 64 << 10;

constexpr const char* kFirstBuild = "release";

// Catch2's test specifications give a meaning to these.
std::string escaped(const std::string& name) {
    std::string text;
    for (const char c : name) {
        if (c == ',' || c == '[' || c == ']' || c == '*' || c == '\\' || c == '"') text += '\\';
        text += c;
    }
    return text;
}

// Known to one process alone; see tests/support/reporter.cpp.
std::string fresh_seal() {
    std::random_device device;
    return std::to_string(device()) + std::to_string(device()) + std::to_string(device());
}

std::vector<std::string> environment_of(const fs::path& report, const std::string& seal,
                                        std::chrono::milliseconds limit) {
    const std::string status = std::to_string(kSanitizerStatus);
    // A sanitizer tells where a crash was; Catch2's handlers, which it keeps out, only that. Those
    // that stay, such as SIGABRT's, allocate: ThreadSanitizer would tell of that, not of the crash.
    const std::string crashes = ":handle_segv=2:handle_sigbus=2:handle_sigfpe=2";
    return {"PATH=/usr/bin:/bin",
            "LC_ALL=C.UTF-8",
            "CACHELINE_REPORT=" + report.string(),
            "CACHELINE_SEAL=" + seal,
            "CACHELINE_LIMIT_MS=" + std::to_string(limit.count()),
            "ASAN_OPTIONS=exitcode=" + status + crashes +
                ":detect_stack_use_after_return=1:allocator_may_return_null=1",
            "LSAN_OPTIONS=exitcode=" + status,
            "UBSAN_OPTIONS=print_stacktrace=1:exitcode=" + status,
            "TSAN_OPTIONS=halt_on_error=1:report_signal_unsafe=0:exitcode=" + status + crashes};
}

BuildRun run_case(const Program& program, const TestCase& test, std::size_t index,
                  const GradingOptions& options) {
    const std::string& build = program.name();
    const fs::path report = program.folder() / ("case-" + std::to_string(index) + ".jsonl");
    const fs::path scratch = program.folder() / ("case-" + std::to_string(index));
    fs::remove_all(scratch);
    fs::create_directories(scratch);
    make_writable_file(report);
    const std::string seal = fresh_seal();
    const auto limit = build == kFirstBuild ? options.case_limit : 4 * options.case_limit;
    const Outcome outcome =
        program.sandbox().run({.arguments = {program.executable().string(), escaped(test.name),
                                             "--reporter", "workbook::out=" + report.string(),
                                             "--rng-seed", std::to_string(options.seed)},
                               .environment = environment_of(report, seal, limit),
                               .directory = scratch,
                               .limit = limit,
                               .fixed_addresses = build == "tsan"},
                              {.readable = {program.executable()},
                               .writable = {report},
                               .limit_addresses = build == kFirstBuild});
    BuildRun result = judge(test.name, build, outcome, read_report(report, seal), program.stage());
    fs::remove_all(scratch);
    return result;
}

/// Grades the steps that test cases decide. A case that fails in the release build earns nothing in
/// another, so the sanitizers' builds come later and run what is left.
class FunctionalGrading {
public:
    FunctionalGrading(const Stage& stage, const GradingOptions& options)
        : stage_(stage), exercise_(stage.exercise()), options_(options), queue_(options.jobs) {
        for (const TestCase& test : exercise_.tests) {
            CaseGrade& grade = cases_.emplace_back();
            grade.name = test.name;
            for (const std::string& build : test.builds)
                if (options_.builds.empty() || std::ranges::count(options_.builds, build) != 0)
                    grade.runs.push_back({.build = build});
            case_runs_ += grade.runs.size();
        }
    }

    std::vector<CaseGrade> run() {
        if (wanted(kFirstBuild)) start(kFirstBuild);
        queue_.wait();
        skip_what_failed();
        for (const std::string& build : exercise_.builds)
            if (build != kFirstBuild && wanted(build)) start(build);
        queue_.wait();
        return std::move(cases_);
    }

private:
    // A program on its way: its last part compiled starts the linker, the linker the test cases.
    struct Making {
        // Instrumented code makes GCC see uninitialised variables where there are none, so only the
        // release build's warnings are errors.
        Making(const Stage& stage, const std::string& build, const GradingOptions& options)
            : program(stage, build, *options.sandbox,
                      options.warnings_are_errors && build == kFirstBuild),
              left(program.source_count()) {}
        Program program;
        std::atomic<std::size_t> left;
        std::mutex mutex;
        std::string error;
    };

    // Asked for, and a test case is left to run in it.
    bool wanted(const std::string& build) const {
        for (const CaseGrade& one : cases_)
            for (const BuildRun& run : one.runs)
                if (run.build == build && run.verdict != Verdict::skipped) return true;
        return false;
    }

    void skip_what_failed() {
        for (CaseGrade& one : cases_) {
            if (one.runs.empty() || one.runs.front().build != kFirstBuild) continue;
            // Of a crash, a sanitizer may tell the cause.
            const Verdict verdict = one.runs.front().verdict;
            if (verdict == Verdict::passed || verdict == Verdict::crashed) continue;
            for (BuildRun& run : one.runs | std::views::drop(1)) {
                run.verdict = Verdict::skipped;
                run.explanation.what = "not run: it did not pass in the release build";
                --case_runs_;
            }
        }
    }

    void start(const std::string& build) {
        Making& making = makings_.emplace_back(stage_, build, options_);
        for (std::size_t i = 0; i < making.program.source_count(); ++i) {
            queue_.add([this, &making, i] {
                const std::string error = making.program.compile(i);
                if (!error.empty()) {
                    const std::lock_guard lock(making.mutex);
                    making.error += error;
                }
                if (--making.left == 0) finish(making);
            });
        }
    }

    void finish(Making& making) {
        if (making.error.empty()) making.error = making.program.link();
        const std::string& build = making.program.name();
        options_.progress("built " + exercise_.name + ", " + build);
        const Explanation broken =
            making.error.empty() ? Explanation{} : explain_build_error(making.error, stage_);
        for (std::size_t i = 0; i < exercise_.tests.size(); ++i) {
            const auto run = std::ranges::find(cases_[i].runs, build, &BuildRun::build);
            if (run == cases_[i].runs.end() || run->verdict == Verdict::skipped) continue;
            if (making.error.empty()) {
                queue_.add([this, &making, i, run = &*run] {
                    *run = run_case(making.program, exercise_.tests[i], i, options_);
                    options_.progress("ran " + std::to_string(++case_runs_done_) + " of " +
                                      std::to_string(case_runs_) + " test cases, " +
                                      exercise_.name);
                });
            } else {
                run->verdict = Verdict::not_built;
                run->explanation = broken;
            }
        }
    }

    const Stage& stage_;
    const Exercise& exercise_;
    const GradingOptions& options_;
    std::vector<CaseGrade> cases_;
    std::deque<Making> makings_;
    std::size_t case_runs_ = 0;
    std::atomic<std::size_t> case_runs_done_{0};
    JobQueue queue_;  // last: its jobs use all of the above
};

bool all_full(const ExerciseGrade& grade) {
    return std::ranges::all_of(grade.steps, [](const StepGrade& step) {
        return !step.step.benchmark.empty() || step.full();
    });
}

// Says once, for the whole exercise, why nothing could be built.
void note_build_errors(ExerciseGrade& grade) {
    for (const StepGrade& step : grade.steps)
        for (const CaseGrade& one : step.cases)
            if (one.verdict() == Verdict::not_built) {
                const Explanation& explanation = one.decisive().explanation;
                std::string note = "It does not build: ";
                if (!explanation.where.empty()) note += explanation.where + ": ";
                grade.notes.push_back(note + explanation.what);
                for (const std::string& line : explanation.notes)
                    grade.notes.push_back(line);
                if (!explanation.why.empty()) grade.notes.push_back("(" + explanation.why + ")");
                return;
            }
}

void note_much_output(ExerciseGrade& grade) {
    for (const StepGrade& step : grade.steps)
        for (const CaseGrade& one : step.cases)
            for (const BuildRun& run : one.runs)
                if (run.output_bytes > kMuchOutput) {
                    grade.notes.push_back("\"" + one.name + "\" printed " +
                                          std::to_string(run.output_bytes >> 10) +
                                          " kB; output in the code under test costs time.");
                    return;
                }
}

}  // namespace

ExerciseGrade grade(const Exercise& exercise, const fs::path& submission, const std::string& shown,
                    const GradingOptions& options) {
    ExerciseGrade result{.name = exercise.name, .title = exercise.title};
    if (!exercise.fault.empty()) {
        result.notes = {"This exercise can't be graded: " + exercise.fault};
        return result;
    }
    const Reference reference(exercise, options);
    Stage stage(exercise, submission, options.work / exercise.name, shown);
    stage.borrow_from(reference.stage());

    std::vector<CaseGrade> cases;
    if (stage.faults().empty()) {
        cases = FunctionalGrading(stage, options).run();
    } else {
        result.notes = stage.faults();
        for (const TestCase& test : exercise.tests) {
            cases.push_back({.name = test.name,
                             .runs = {{.build = kFirstBuild,
                                       .verdict = Verdict::not_built,
                                       .explanation = {.what = result.notes.front()}}}});
        }
    }
    for (const Step& step : exercise.steps) {
        StepGrade& graded = result.steps.emplace_back();
        graded.step = step;
        for (std::size_t i = 0; i < cases.size(); ++i)
            if (exercise.tests[i].step == step.id) graded.cases.push_back(std::move(cases[i]));
    }
    if (stage.faults().empty()) note_build_errors(result);
    note_much_output(result);

    if (options.audit_seed && stage.faults().empty() && result.earned() != 0)
        audit(stage, result, options);

    leave_speed_out(result);
    if (options.speed || !all_full(result)) grade_speed(stage, options, result);
    return result;
}

void leave_speed_out(ExerciseGrade& graded) {
    for (StepGrade& step : graded.steps)
        if (!step.step.benchmark.empty())
            step.speeds = {
                {.name = step.step.benchmark, .reason = "speed is left out of this run"}};
}

void grade_speed(const Stage& stage, const GradingOptions& options, ExerciseGrade& graded) {
    for (StepGrade& step : graded.steps) {
        if (step.step.benchmark.empty()) continue;
        if (all_full(graded)) {
            step.speeds = measure_speed(stage, step.step, options);
        } else {
            // Speed without correctness is worth nothing, and these points stay in reach.
            step.speeds = {{.name = step.step.benchmark,
                            .pace = Pace::too_slow,
                            .reason = "measured when every other step has its points"}};
        }
    }
}

}  // namespace cacheline::grader
