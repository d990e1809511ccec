#pragma once

// The subcommands of workbook-grade, one file each.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "catalog.hpp"

namespace cacheline::grader {

/// Where this program finds and leaves its things.
struct Setting {
    std::filesystem::path catalog;
    std::filesystem::path work;
    std::filesystem::path state;
    std::size_t jobs = std::max(1U, std::thread::hardware_concurrency());
};

/// What `app` parses and what it then does. `setting` is read when it runs, not before.
struct Subcommand {
    CLI::App* app;
    std::function<void()> run;
};

Subcommand annotations_command(CLI::App& app, const Setting& setting);
Subcommand bench_command(CLI::App& app, const Setting& setting);
Subcommand diff_command(CLI::App& app, const Setting& setting);
Subcommand hint_command(CLI::App& app, const Setting& setting);
Subcommand reset_command(CLI::App& app, const Setting& setting);
Subcommand setup_command(CLI::App& app, const Setting& setting);
Subcommand submit_command(CLI::App& app, const Setting& setting);
Subcommand watch_command(CLI::App& app, const Setting& setting);

/// Counts one more hint as shown and returns its text; without a step, of the first that is not
/// done.
std::string next_hint(const Setting& setting, const Exercise& exercise, std::string step = {});

/// One line on stderr that is written over on a terminal; elsewhere only the builds, a line each.
/// Thread-safe.
class Progress {
public:
    explicit Progress(bool terminal) : terminal_(terminal) {}

    void operator()(const std::string& text);
    void clear() const;

private:
    bool terminal_;
    std::mutex mutex_;
};

/// The day here, YYYY-MM-DD.
std::string today();

/// The top of the workbook: where exercises/ is.
std::filesystem::path root_of(const Exercise& exercise);

}  // namespace cacheline::grader
