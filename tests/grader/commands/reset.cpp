// workbook-grade reset EXERCISE: the stub again, with the student's files kept beside it.

#include <algorithm>
#include <iostream>
#include <memory>

#include "commands/commands.hpp"
#include "files.hpp"
#include "own_files.hpp"
#include "process.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

std::string git(const fs::path& folder, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"/usr/bin/env", "git", "-C", folder.string()});
    const char* const home = std::getenv("HOME");
    const Outcome outcome =
        run({.arguments = std::move(arguments),
             .environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C.UTF-8",
                             std::string("HOME=") + (home ? home : "/")}});
    return outcome.ok() ? outcome.output : std::string();
}

std::size_t todos_in(const std::string& text) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find("todo(\"", at)) != std::string::npos; ++at)
        ++count;
    return count;
}

// The texts of the exercise's files in one commit, and how many functions are still to write.
struct Version {
    std::vector<std::string> texts;
    std::size_t todos = 0;
};

// Of all versions that git has, the newest among those with the most left to do: a student's own
// commits only ever write functions.
Version shipped(const Exercise& exercise) {
    std::vector<std::string> log{"log", "--format=%H", "--max-count=1000", "--"};
    log.insert(log.end(), exercise.edit.begin(), exercise.edit.end());
    Version best;
    for (const std::string& commit : lines_of(git(exercise.folder, log))) {
        Version version;
        for (const std::string& file : exercise.edit) {
            version.texts.push_back(git(exercise.folder, {"show", commit + ":./" + file}));
            version.todos += todos_in(version.texts.back());
        }
        if (version.todos > best.todos) best = std::move(version);
    }
    return best;
}

fs::path free_name(const fs::path& file) {
    for (int i = 1;; ++i) {
        const fs::path kept = file.string() + ".before-reset-" + std::to_string(i);
        if (!fs::exists(kept)) return kept;
    }
}

// Under another name, which no compiler reads; says which.
void set_aside(const fs::path& file) {
    const fs::path kept = free_name(file);
    fs::rename(file, kept);
    std::cout << "Yours is now " << kept.filename().string() << ", beside it. ";
}

void reset(const Setting& setting, const std::string& wanted) {
    const std::vector<Exercise> catalog = load_catalog(setting.catalog);
    const Exercise& exercise = find_exercise(catalog, wanted);
    const Version stub = shipped(exercise);
    if (stub.todos == 0)
        throw UserError("Git has no version of exercises/" + exercise.name +
                        " with its functions still to write, so nothing was changed. Take the "
                        "stub from where you have the workbook from.");
    for (std::size_t i = 0; i < exercise.edit.size(); ++i) {
        const fs::path file = exercise.folder / exercise.edit[i];
        const std::string shown = "exercises/" + exercise.name + "/" + file.filename().string();
        if (read_file(file) == stub.texts[i]) {
            std::cout << shown << " is the stub already.\n";
            continue;
        }
        if (fs::exists(file)) set_aside(file);
        write_file(file, stub.texts[i]);
        std::cout << shown << " is the stub again.\n";
    }
    // What the student has added is no part of the stub.
    for (const std::string& file : own_files(exercise, exercise.folder)) {
        set_aside(exercise.folder / file);
        std::cout << "exercises/" << exercise.name << "/" << file << " is gone.\n";
    }
}

}  // namespace

Subcommand reset_command(CLI::App& app, const Setting& setting) {
    const auto exercise = std::make_shared<std::string>();
    CLI::App& command = *app.add_subcommand("reset", "The stub again; your file is kept beside it");
    command.fallthrough();
    command.add_option("exercise", *exercise, "Name, number or prefix")->required();
    return {&command, [exercise, &setting] { reset(setting, *exercise); }};
}

}  // namespace cacheline::grader
