// workbook-grade bench EXERCISE: baseline, yours, reference and peers as bars.

#include <unistd.h>

#include <iostream>
#include <memory>

#include "bench/contest_report.hpp"
#include "bench/ladder.hpp"
#include "commands/commands.hpp"
#include "files.hpp"
#include "state_file.hpp"
#include "work_folder.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

// Enough for quartiles, and for a page.
constexpr std::size_t kRuns = 5;
constexpr std::size_t kRecordedRuns = 7;

struct Wishes {
    std::string exercise;
    std::string benchmark;
    fs::path submission;
    fs::path json;
    fs::path svg;
    fs::path machine;
    bool record = false;
    std::size_t runs = 0;

    [[nodiscard]] std::size_t how_many() const {
        if (runs != 0) return runs;
        return record ? kRecordedRuns : kRuns;
    }
};

void write_recording(const fs::path& file, const nlohmann::ordered_json& contest) {
    write_file(file, recording_text(contest));
    std::cout << "Recorded in " << fs::relative(file).string() << ".\n";
}

void bench(const Setting& setting, const Wishes& wishes, const Exercise& exercise) {
    if (!exercise.fault.empty()) throw UserError(exercise.fault);
    const bool own = wishes.submission.empty();
    const fs::path folder = own ? exercise.folder : wishes.submission;
    const fs::path docs = root_of(exercise) / "docs";
    const Sandbox sandbox = Sandbox::trusting();
    const WorkFolder work(setting.work / "bench");
    Progress progress(isatty(STDERR_FILENO) != 0);
    ContestOptions options{.sandbox = &sandbox,
                           .work = work.path(),
                           .submission = folder,
                           .shown = own ? "exercises/" + exercise.name : folder.string(),
                           .benchmark = wishes.benchmark,
                           .runs = wishes.how_many(),
                           .progress = [&](const std::string& text) { progress(text); }};
    if (wishes.record) {
        // The record is of the workbook, whatever its reader has written so far.
        options.submission.clear();
        options.rungs =
            ladder_of(exercise, docs / "ladders.json", options.work / "ladder" / exercise.name);
    }
    const Contest contest = hold_contest(exercise, options);
    progress.clear();
    print_contest(std::cout, exercise, contest, style_for(isatty(STDOUT_FILENO) != 0));

    const auto json = [&] {
        return contest_json(exercise.name, contest, this_machine(exercise.compiler), today());
    };
    if (!wishes.json.empty()) write_state(wishes.json, json());
    if (!wishes.svg.empty()) write_file(wishes.svg, contest_svg(exercise, contest));
    if (wishes.record) write_recording(docs / "data" / (exercise.name + ".json"), json());
}

void bench(const Setting& setting, const Wishes& wishes) {
    const std::vector<Exercise> catalog = load_catalog(setting.catalog);
    if (!wishes.exercise.empty()) {
        bench(setting, wishes, find_exercise(catalog, wishes.exercise));
        return;
    }
    if (!wishes.record)
        throw UserError("Which exercise? For example: ./workbook bench ring-buffer");
    for (const Exercise& exercise : catalog)
        bench(setting, wishes, exercise);
    if (wishes.machine.empty()) return;
    const Contest contest = measure_program(fs::absolute(wishes.machine), wishes.how_many());
    const Exercise& any = catalog.front();
    write_recording(root_of(any) / "docs" / "data" / "machine.json",
                    contest_json("machine", contest, this_machine(any.compiler), today()));
}

}  // namespace

Subcommand bench_command(CLI::App& app, const Setting& setting) {
    const auto wishes = std::make_shared<Wishes>();
    CLI::App& command =
        *app.add_subcommand("bench", "Measure baseline, yours, reference and peers side by side");
    command.fallthrough();
    command.add_option("exercise", wishes->exercise, "Name, number or prefix");
    command.add_option("--only", wishes->benchmark,
                       "This benchmark alone: the name before the first / in bench.cpp");
    command.add_option("--runs", wishes->runs, "Fresh processes for each contender")
        ->check(CLI::Range(1, 1000));
    command.add_option("--json", wishes->json, "Write the figures to this file as well");
    command.add_option("--svg", wishes->svg, "Draw the bars to this file as well");
    command.add_flag("--record", wishes->record,
                     "Leave yours out, take the ladder of docs/ladders.json in, and write "
                     "docs/data/<exercise>.json, which the docs show; without an exercise: of all");
    command.add_option("--machine", wishes->machine,
                       "With --record of all: the program whose figures are of the machine itself");
    command.add_option("--submission", wishes->submission,
                       "Folder to measure in place of yours; it runs without a sandbox");
    return {&command, [wishes, &setting] { bench(setting, *wishes); }};
}

}  // namespace cacheline::grader
