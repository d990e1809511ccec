// workbook-grade: builds, runs and scores implementations of the exercises.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <optional>
#include <random>

#include "batch.hpp"
#include "batch_reports.hpp"
#include "commands/commands.hpp"
#include "commands/editor.hpp"
#include "grading.hpp"
#include "json_report.hpp"
#include "progress.hpp"
#include "scorecard.hpp"
#include "state_file.hpp"
#include "work_folder.hpp"

namespace fs = std::filesystem;
using namespace cacheline::grader;

namespace {

struct Arguments : Setting {
    fs::path submission;
    fs::path json;
    std::vector<std::string> exercises;
    std::vector<std::string> commands;
    std::string step;
    bool fast = false;
    bool trust = false;
    bool no_speed = false;
    fs::path submissions;
    fs::path out;
    std::string shard = "1/1";
    std::vector<fs::path> shards;
    std::optional<std::uint64_t> seed;
};

// A folder may be one exercise's, or hold a folder for each.
fs::path implementation_of(const Exercise& exercise, const fs::path& submission) {
    if (submission.empty()) return exercise.folder;
    return fs::is_directory(submission / exercise.name) ? submission / exercise.name : submission;
}

std::string shown_path(const Exercise& exercise, const fs::path& submission) {
    if (submission.empty()) return "exercises/" + exercise.name;
    return implementation_of(exercise, submission).lexically_normal().string();
}

void grade_all(const Arguments& arguments) {
    const std::vector<Exercise> catalog = load_catalog(arguments.catalog);
    std::vector<const Exercise*> chosen;
    for (const std::string& name : arguments.exercises)
        chosen.push_back(&find_exercise(catalog, name, arguments.commands));
    if (chosen.empty())
        for (const Exercise& exercise : catalog)
            chosen.push_back(&exercise);
    std::vector<Exercise> narrow;
    if (!arguments.step.empty()) {
        if (chosen.size() != 1 ||
            std::ranges::count(chosen.front()->steps, arguments.step, &Step::id) == 0)
            throw UserError("--step takes the id of one exercise's step.");
        chosen = {&narrow.emplace_back(narrowed(*chosen.front(), {arguments.step}))};
    }
    if (!arguments.submission.empty() && !fs::is_directory(arguments.submission))
        throw UserError("There is no folder " + arguments.submission.string() + ".");

    Progress progress(isatty(STDERR_FILENO) != 0);
    // One's own files need no walls; a folder from somebody else does.
    const Sandbox sandbox =
        arguments.trust || arguments.submission.empty()
            ? Sandbox::trusting()
            : Sandbox::confining(fs::read_symlink("/proc/self/exe"), catalog.front().solution);
    const WorkFolder work(arguments.work / "grade");
    GradingOptions options{.sandbox = &sandbox,
                           .work = work.path(),
                           .references = arguments.work / "references",
                           .clock = arguments.work / "clock.lock",
                           .jobs = arguments.jobs,
                           .speed = !arguments.no_speed && !arguments.fast,
                           .seed = static_cast<std::uint32_t>(arguments.seed.value_or(1)),
                           .progress = [&](const std::string& text) { progress(text); }};
    if (arguments.fast) options.builds = {"release"};
    std::vector<ExerciseGrade> grades;
    for (const Exercise* exercise : chosen)
        grades.push_back(grade(*exercise, implementation_of(*exercise, arguments.submission),
                               shown_path(*exercise, arguments.submission), options));
    progress.clear();
    // A quick look keeps the points of speed in sight; who asked for none of it does not.
    if (arguments.no_speed) std::ranges::for_each(grades, leave_speed_out);

    Style style = style_for(isatty(STDOUT_FILENO) != 0);
    if (chosen.size() == 1) style.failures = 5;
    print_scorecard(std::cout, grades, style);
    if (arguments.fast) std::cout << "(release build only: sanitizers and speed are left out)\n";
    if (!arguments.json.empty()) write_state(arguments.json, to_json(grades));
    if (!arguments.submission.empty() || !arguments.step.empty()) return;
    write_compile_commands(catalog);
    const ProgressFile file(arguments.state / "progress.json");
    for (const ExerciseGrade* complete : file.record(grades, today(), !arguments.fast)) {
        std::cout << '\n';
        print_celebration(std::cout, *complete, today(), style);
    }
    std::cout << "Progress: "
              << file.summary(catalog, chosen.size() == 1 ? chosen.front() : nullptr) << '\n';
}

std::vector<Exercise> chosen_exercises(const Arguments& arguments) {
    std::vector<Exercise> catalog = load_catalog(arguments.catalog);
    if (arguments.exercises.empty()) return catalog;
    std::vector<Exercise> chosen;
    for (const std::string& name : arguments.exercises)
        chosen.push_back(find_exercise(catalog, name));
    return chosen;
}

Sandbox sandbox_for_strangers(const Arguments& arguments, const Exercise& secret) {
    if (arguments.trust) return Sandbox::trusting();
    return Sandbox::confining(fs::read_symlink("/proc/self/exe"), secret.solution);
}

std::uint64_t secret_seed() {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

void grade_submissions(const Arguments& arguments) {
    if (arguments.out.empty()) throw UserError("Where to? Add --out DIR.");
    const std::vector<Exercise> exercises = chosen_exercises(arguments);
    const Sandbox sandbox = sandbox_for_strangers(arguments, exercises.front());
    Progress progress(isatty(STDERR_FILENO) != 0);
    const WorkFolder work(arguments.work / "batch");
    BatchOptions options{.submissions = arguments.submissions,
                         .out = arguments.out,
                         .work = work.path(),
                         .clock = arguments.work / "clock.lock",
                         .sandbox = &sandbox,
                         .jobs = arguments.jobs,
                         .speed = !arguments.no_speed,
                         .seed = arguments.seed.value_or(secret_seed()),
                         .any_seed = !arguments.seed,
                         .progress = [&](const std::string& text) { progress(text); }};
    parse_shard(arguments.shard, options);
    write_batch_reports(grade_batch(exercises, options), arguments.out, std::cout);
}

}  // namespace

int main(int argc, char* argv[]) {
    const fs::path home = fs::read_symlink("/proc/self/exe").parent_path();
    Arguments arguments;
    arguments.catalog = home / "catalog";
    arguments.work = home / "work";
    arguments.state = ".workbook";

    CLI::App app("Builds, runs and scores implementations of the workbook's exercises.");
    app.add_option("exercise", arguments.exercises, "Name, number or prefix; none means all");
    app.add_option("--submission", arguments.submission,
                   "Folder to grade: one exercise's files, or a folder for each exercise");
    app.add_option("--json", arguments.json, "Write the grade to this file as well");
    app.add_option("--step", arguments.step, "This step of the exercise alone, by its id");
    app.add_flag("--fast", arguments.fast, "The release build only, without sanitizers and speed");
    app.add_option("--submissions", arguments.submissions,
                   "Folder with a folder, .zip or .tar.gz for each student: grades them all");
    app.add_option("--out", arguments.out, "Where a batch's grades and reports go");
    app.add_option("--shard", arguments.shard, "K/N: the K-th of N parts of the batch");
    app.add_flag("--trust", arguments.trust, "Run submissions without a sandbox");
    app.add_flag("--no-speed", arguments.no_speed, "Leave out the steps that a benchmark decides");
    app.add_option("--jobs", arguments.jobs, "Compilers and test cases at once")
        ->check(CLI::Range(1, 1024));
    app.add_option("--seed", arguments.seed, "Seed of random cases and replays: repeats a grade");
    app.add_option("--work", arguments.work, "Where programs are built");
    app.add_option("--catalog", arguments.catalog, "What CMake has written of the exercises");
    app.add_option("--state", arguments.state, "Where progress and the hints shown are kept");
    struct {
        int port = 0;
        int pid = 0;
        fs::path outside;
        fs::path secret;
    } walls;
    CLI::App& probe = *app.add_subcommand("probe", "")->group("");  // the sandbox's self-test
    probe.add_option("port", walls.port);
    probe.add_option("pid", walls.pid);
    probe.add_option("outside", walls.outside);
    probe.add_option("secret", walls.secret);
    CLI::App& merge = *app.add_subcommand("merge", "Join the outputs of all shards of a batch");
    merge.fallthrough();
    merge.add_option("shard-outputs", arguments.shards, "The shards' --out folders")->required();
    const std::vector<Subcommand> subcommands{
        annotations_command(app, arguments), bench_command(app, arguments),
        diff_command(app, arguments),        hint_command(app, arguments),
        reset_command(app, arguments),       setup_command(app, arguments),
        submit_command(app, arguments),      watch_command(app, arguments)};
    // Those of the launcher could be meant too.
    arguments.commands = {"docs", "gradescope", "help", "merge", "test"};
    for (const Subcommand& one : subcommands)
        arguments.commands.push_back(one.app->get_name());
    std::ranges::sort(arguments.commands);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int status = app.exit(error);
        return status == 0 ? 0 : 2;
    }
    try {
        if (probe.parsed()) return probe_walls(walls.port, walls.pid, walls.outside, walls.secret);
        const auto chosen = std::ranges::find_if(
            subcommands, [](const Subcommand& one) { return one.app->parsed(); });
        if (chosen != subcommands.end())
            chosen->run();
        else if (merge.parsed())
            write_batch_reports(merge_shards(arguments.shards, arguments.out), arguments.out,
                                std::cout);
        else if (!arguments.submissions.empty())
            grade_submissions(arguments);
        else
            grade_all(arguments);
        return 0;
    } catch (const UserError& error) {
        std::cerr << error.what() << '\n';
        return 2;
    } catch (const std::exception& error) {
        std::cerr << "workbook-grade failed: " << error.what() << '\n';
        return 1;
    }
}
