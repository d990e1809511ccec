// workbook-grade bench EXERCISE: baseline, yours, reference and peers as bars.

#include <unistd.h>

#include <iostream>
#include <memory>

#include "bench/contest_report.hpp"
#include "commands/commands.hpp"
#include "files.hpp"
#include "state_file.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

struct Wishes {
    std::string exercise;
    std::string benchmark;
    fs::path submission;
    fs::path json;
    fs::path svg;
    bool record = false;
    std::size_t runs = 5;
};

void bench(const Setting& setting, const Wishes& wishes) {
    const std::vector<Exercise> catalog = load_catalog(setting.catalog);
    const Exercise& exercise = find_exercise(catalog, wishes.exercise);
    if (!exercise.fault.empty()) throw UserError(exercise.fault);
    const bool own = wishes.submission.empty();
    const fs::path folder = own ? exercise.folder : wishes.submission;
    const Sandbox sandbox = Sandbox::trusting();
    Progress progress(isatty(STDERR_FILENO) != 0);
    const Contest contest = hold_contest(
        exercise, {.sandbox = &sandbox,
                   .work = setting.work / "bench",
                   // The record is of the workbook, whatever its reader has written so far.
                   .submission = wishes.record ? fs::path() : folder,
                   .shown = own ? "exercises/" + exercise.name : folder.string(),
                   .benchmark = wishes.benchmark,
                   .runs = wishes.runs,
                   .progress = [&](const std::string& text) { progress(text); }});
    progress.clear();
    print_contest(std::cout, exercise, contest, style_for(isatty(STDOUT_FILENO) != 0));

    const auto json = [&] {
        return contest_json(exercise, contest, this_machine(exercise.compiler), today());
    };
    if (!wishes.json.empty()) write_state(wishes.json, json());
    if (!wishes.svg.empty()) write_file(wishes.svg, contest_svg(exercise, contest));
    if (wishes.record) {
        const fs::path file = root_of(exercise) / "docs" / "data" / (exercise.name + ".json");
        write_state(file, json());
        std::cout << "Recorded in " << fs::relative(file).string() << ".\n";
    }
}

}  // namespace

Subcommand bench_command(CLI::App& app, const Setting& setting) {
    const auto wishes = std::make_shared<Wishes>();
    CLI::App& command =
        *app.add_subcommand("bench", "Measure baseline, yours, reference and peers side by side");
    command.fallthrough();
    command.add_option("exercise", wishes->exercise, "Name, number or prefix")->required();
    command.add_option("--only", wishes->benchmark,
                       "This benchmark alone: the name before the first / in bench.cpp");
    command.add_option("--runs", wishes->runs, "Fresh processes for each contender")
        ->check(CLI::Range(1, 1000));
    command.add_option("--json", wishes->json, "Write the figures to this file as well");
    command.add_option("--svg", wishes->svg, "Draw the bars to this file as well");
    command.add_flag("--record", wishes->record,
                     "Leave yours out, and write docs/data/<exercise>.json, which the docs show");
    command.add_option("--submission", wishes->submission,
                       "Folder to measure in place of yours; it runs without a sandbox");
    return {&command, [wishes, &setting] { bench(setting, *wishes); }};
}

}  // namespace cacheline::grader
