// workbook-grade diff EXERCISE: the reference against yours, once you have earned it.

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>

#include "commands/commands.hpp"
#include "files.hpp"
#include "own_files.hpp"
#include "process.hpp"
#include "progress.hpp"
#include "scorecard.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

// Two files of a hundred columns fit beside each other; narrower, they are shown one in the other.
constexpr std::size_t kWide = 150;

struct Wishes {
    std::string exercise;
    bool spoil = false;
    std::size_t width = 0;
};

std::string differences(std::vector<std::string> options, const fs::path& yours,
                        const fs::path& reference) {
    // A file that one side lacks is empty there.
    options.insert(options.begin(), {"/usr/bin/diff", "--new-file"});
    options.push_back(yours.string());
    options.push_back(reference.string());
    const Outcome outcome = run({.arguments = options, .environment = {"LC_ALL=C.UTF-8"}});
    if (outcome.exit_code > 1) throw UserError("diff failed: " + outcome.output);
    return outcome.output;
}

// diff puts a mark between the columns, at a place that follows from the width; the lines are
// coloured by it.
std::string side_by_side(const fs::path& yours, const fs::path& reference, std::size_t width,
                         bool colour) {
    const std::string text = differences(
        {"--side-by-side", "--expand-tabs", "--width=" + std::to_string(width)}, yours, reference);
    const std::size_t right = (width + 1 + 3) / 2;  // its first column, as diff computes it
    const std::size_t half = std::min(right - 3, width - right);
    const std::size_t mark = (half + right - 1) / 2 + 1;
    std::string result;
    for (const std::string& line : lines_of(text)) {
        const char* code = nullptr;
        // Columns are characters, and a source's are ASCII but for its comments.
        std::size_t column = 0;
        for (const char c : line) {
            if ((c & 0xC0) == 0x80) continue;
            ++column;
            if (column != mark + 1 && column != mark) continue;
            if (c == '|') code = "33";
            if (c == '<') code = "31";
            if (c == '>') code = "32";
        }
        result += colour && code ? std::string("\033[") + code + "m" + line + "\033[0m" : line;
        result += '\n';
    }
    return result;
}

std::string unified(const std::string& name, const fs::path& yours, const fs::path& reference,
                    bool colour) {
    return differences({"--unified", colour ? "--color=always" : "--color=never",
                        "--label=exercises/" + name, "--label=solutions/" + name},
                       yours, reference);
}

// Through a pager where there is somebody to turn the pages.
void show(const std::string& text) {
    if (isatty(STDOUT_FILENO) != 0 && isatty(STDIN_FILENO) != 0) {
        std::cout << std::flush;
        if (FILE* const pager = popen("less -FRX 2>/dev/null", "w")) {
            fwrite(text.data(), 1, text.size(), pager);
            if (pclose(pager) == 0) return;
        }
    }
    std::cout << text;
}

void diff(const Setting& setting, const Wishes& wishes) {
    const std::vector<Exercise> catalog = load_catalog(setting.catalog);
    const Exercise& exercise = find_exercise(catalog, wishes.exercise);
    const std::string slug(exercise.slug());
    if (!wishes.spoil && !ProgressFile(setting.state / "progress.json").complete(exercise))
        throw UserError("The reference is shown when " + slug +
                        " has all its points; a look before costs you the exercise. A hint: "
                        "./workbook hint " +
                        slug + ". If you want it all the same: ./workbook diff " + slug +
                        " --spoil");
    const bool colour = style_for(isatty(STDOUT_FILENO) != 0).colour;
    const std::size_t width = wishes.width != 0 ? wishes.width : terminal_width();
    std::string text;
    std::vector<std::string> files = written_files(exercise, exercise.solution);
    for (const std::string& file : own_files(exercise, exercise.folder))
        if (std::ranges::count(files, file) == 0) files.push_back(file);
    for (const std::string& file : files) {
        const fs::path yours = exercise.folder / file;
        const fs::path reference = exercise.solution / file;
        const std::string name = exercise.name + "/" + file;
        if (read_file(yours) == read_file(reference)) {
            text += name + ": yours is the reference, letter for letter.\n\n";
            continue;
        }
        text += name + (width >= kWide ? ": yours on the left, the reference on the right\n\n"
                                       : ": - yours, + the reference\n\n");
        text += width >= kWide ? side_by_side(yours, reference, width, colour)
                               : unified(name, yours, reference, colour);
        text += '\n';
    }
    show(text);
}

}  // namespace

Subcommand diff_command(CLI::App& app, const Setting& setting) {
    const auto wishes = std::make_shared<Wishes>();
    CLI::App& command = *app.add_subcommand("diff", "The reference against yours");
    command.fallthrough();
    command.add_option("exercise", wishes->exercise, "Name, number or prefix")->required();
    command.add_flag("--spoil", wishes->spoil, "Show it before the exercise is complete");
    command.add_option("--width", wishes->width, "Columns; the terminal's if not given");
    return {&command, [wishes, &setting] { diff(setting, *wishes); }};
}

}  // namespace cacheline::grader
