#include "commands/editor.hpp"

#include <nlohmann/json.hpp>

#include "commands/commands.hpp"
#include "files.hpp"
#include "own_files.hpp"

namespace cacheline::grader {

namespace {

std::vector<std::string> arguments_for(const Exercise& exercise, const std::string& file) {
    const Recipe& recipe = exercise.recipes.at("release");
    std::vector<std::string> arguments{exercise.compiler};
    arguments.insert(arguments.end(), recipe.options.begin(), recipe.options.end());
    for (const std::string& definition : recipe.definitions)
        arguments.push_back("-D" + definition);
    // Highway compiles a file once for each target by including it in itself, which clangd can't
    // follow; for one target it need not.
    arguments.emplace_back("-DHWY_COMPILE_ONLY_STATIC");
    arguments.push_back("-I" + exercise.folder.string());
    for (const std::filesystem::path& include : recipe.includes)
        arguments.push_back("-I" + include.string());
    // A header that is opened by itself is no program: `#pragma once` is right there.
    arguments.emplace_back(is_source(file) ? "-xc++" : "-xc++-header");
    arguments.insert(arguments.end(), {"-fsyntax-only", (exercise.folder / file).string()});
    return arguments;
}

}  // namespace

void write_compile_commands(const std::vector<Exercise>& catalog) {
    nlohmann::ordered_json commands = nlohmann::ordered_json::array();
    for (const Exercise& exercise : catalog) {
        if (!exercise.fault.empty()) continue;
        for (const std::string& file : written_files(exercise, exercise.folder))
            commands.push_back({{"directory", exercise.folder.string()},
                                {"file", (exercise.folder / file).string()},
                                {"arguments", arguments_for(exercise, file)}});
    }
    const std::filesystem::path file = root_of(catalog.front()) / "compile_commands.json";
    const std::string text = commands.dump(2) + '\n';
    if (read_file(file) != text) write_file(file, text);
}

Subcommand setup_command(CLI::App& app, const Setting& setting) {
    CLI::App& command = *app.add_subcommand("setup", "Write what editors need");
    return {&command, [&setting] { write_compile_commands(load_catalog(setting.catalog)); }};
}

}  // namespace cacheline::grader
