// workbook-grade submit: the archive that an instructor's grader takes.

#include <unistd.h>

#include <atomic>
#include <deque>
#include <iostream>
#include <memory>

#include "build.hpp"
#include "commands/commands.hpp"
#include "diagnosis.hpp"
#include "job_queue.hpp"
#include "process.hpp"
#include "work_folder.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

struct Wishes {
    std::vector<std::string> exercises;
    fs::path out = "submission.tar.gz";
};

/// One exercise's release build: the grade's, so that after a grade there is nothing to compile.
struct Check {
    Check(const Exercise& chosen, const WorkFolder& work, const Sandbox& sandbox)
        : exercise(&chosen),
          stage(chosen, chosen.folder, work.path() / chosen.name, "exercises/" + chosen.name),
          program(stage, "release", sandbox),
          left(program.source_count()) {}

    const Exercise* exercise;
    Stage stage;
    Program program;
    std::atomic<std::size_t> left;
    std::mutex mutex;
    std::string error;
};

void make(Check& check, JobQueue& queue, Progress& progress) {
    for (std::size_t i = 0; i < check.program.source_count(); ++i)
        queue.add([&check, &progress, i] {
            std::string error = check.program.compile(i);
            const std::lock_guard lock(check.mutex);
            check.error += error;
            if (--check.left != 0) return;
            if (check.error.empty()) check.error = check.program.link();
            progress("built " + check.exercise->name);
        });
}

std::string told(const Check& check) {
    const Explanation fault = explain_build_error(check.error, check.stage);
    std::string text = check.exercise->name + " does not build: ";
    if (!fault.where.empty()) text += fault.where + ": ";
    text += fault.what;
    for (const std::string& note : fault.notes)
        text += "\n    " + note;
    return text;
}

void submit(const Setting& setting, const Wishes& wishes) {
    const std::vector<Exercise> catalog = load_catalog(setting.catalog);
    std::vector<const Exercise*> chosen;
    for (const std::string& name : wishes.exercises)
        chosen.push_back(&find_exercise(catalog, name));
    if (chosen.empty())
        for (const Exercise& exercise : catalog)
            if (exercise.fault.empty()) chosen.push_back(&exercise);

    const Sandbox sandbox = Sandbox::trusting();
    const WorkFolder work(setting.work / "grade");
    Progress progress(isatty(STDERR_FILENO) != 0);
    std::deque<Check> checks;
    std::string faults;
    std::vector<std::string> members;
    {
        JobQueue queue(setting.jobs);
        for (const Exercise* exercise : chosen) {
            Check& check = checks.emplace_back(*exercise, work, sandbox);
            for (const std::string& fault : check.stage.faults())
                faults += fault + '\n';
            for (const std::string& file : check.stage.written())
                members.push_back(exercise->name + "/" + file);
            if (check.stage.faults().empty()) make(check, queue, progress);
        }
        queue.wait();
    }
    progress.clear();
    for (const Check& check : checks)
        if (!check.error.empty()) faults += told(check) + '\n';
    if (!faults.empty())
        throw UserError(faults +
                        "No archive was made: what does not build gets no points. Mend it, or "
                        "submit the others by name: ./workbook submit EXERCISE…");

    const fs::path out = fs::absolute(wishes.out);
    std::vector<std::string> arguments{"/usr/bin/env",
                                       "tar",
                                       "--create",
                                       "--gzip",
                                       "--file=" + out.string(),
                                       "--owner=student",
                                       "--group=student",
                                       "--directory",
                                       chosen.front()->folder.parent_path().string()};
    arguments.insert(arguments.end(), members.begin(), members.end());
    const Outcome outcome =
        run({.arguments = arguments, .environment = {"PATH=/usr/local/bin:/usr/bin:/bin"}});
    if (!outcome.ok())
        throw UserError("tar could not write " + out.string() + ": " + outcome.output);
    std::cout << wishes.out.string() << " holds " << members.size()
              << (members.size() == 1 ? " file of " : " files of ") << chosen.size()
              << (chosen.size() == 1 ? " exercise" : " exercises")
              << ", all of which build. Hand it in.\n";
}

}  // namespace

Subcommand submit_command(CLI::App& app, const Setting& setting) {
    const auto wishes = std::make_shared<Wishes>();
    CLI::App& command =
        *app.add_subcommand("submit", "Make the archive to hand in, of what builds");
    command.fallthrough();
    command.add_option("exercises", wishes->exercises,
                       "Names, numbers or prefixes; none means all");
    command.add_option("--out", wishes->out, "The archive's name, ending in .tar.gz");
    return {&command, [wishes, &setting] { submit(setting, *wishes); }};
}

}  // namespace cacheline::grader
