#include "replay_audit.hpp"

#include <signal.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "diagnosis.hpp"
#include "files.hpp"
#include "reference.hpp"

namespace cacheline::grader {
namespace {

constexpr std::chrono::seconds kLimit(60);
// Ten times what the longest of our scripts prints: a submission's may be anything.
constexpr std::uintmax_t kLongestTranscript = 32 << 20;

// A step's lines, one after the other.
using Transcripts = std::map<std::string, std::string>;

Transcripts read_transcripts(const std::filesystem::path& file) {
    Transcripts transcripts;
    std::error_code gone;
    const std::uintmax_t size = std::filesystem::file_size(file, gone);
    if (gone) throw UserError("The replay's transcript is gone.");
    if (size > kLongestTranscript) return transcripts;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);)
        if (const std::size_t tab = line.find('\t'); tab != std::string::npos)
            transcripts[line.substr(0, tab)] += line.substr(tab) + '\n';
    return transcripts;
}

struct Replayed {
    Transcripts transcripts;
    bool ended_well = false;
};

Replayed replay(const Program& program, const std::filesystem::path& folder, std::uint64_t seed,
                const std::string& only) {
    const auto file = folder / "transcript.txt";
    make_writable_file(file);
    std::vector<std::string> arguments{program.executable().string(), std::to_string(seed),
                                       file.string()};
    if (!only.empty()) arguments.push_back(only);
    const Outcome outcome =
        program.sandbox().run({.arguments = std::move(arguments),
                               .environment = {"LC_ALL=C.UTF-8"},
                               .directory = folder,
                               .limit = kLimit},
                              {.readable = {program.executable()}, .writable = {file}});
    // A replay that goes on for ever is the submission's fault, one that somebody ends is not.
    if (!outcome.over_a_limit() &&
        (outcome.signal == SIGKILL || outcome.exit_code == 126 || outcome.exit_code == 127))
        throw UserError("The replay could not be run, or was killed: " +
                        outcome.output.substr(0, 1000));
    return {.transcripts = read_transcripts(file), .ended_well = outcome.ok()};
}

// A step that ends the process must not cost the steps behind it.
Transcripts replay_all(const Program& program, const std::vector<StepGrade>& steps,
                       std::uint64_t seed) {
    Replayed whole = replay(program, program.folder(), seed, "");
    if (whole.ended_well) return std::move(whole.transcripts);
    Transcripts transcripts;
    for (const StepGrade& step : steps) {
        Replayed one = replay(program, program.folder(), seed, step.step.id);
        if (one.ended_well) transcripts.merge(one.transcripts);
    }
    return transcripts;
}

}  // namespace

void audit(const Stage& stage, ExerciseGrade& grade, const GradingOptions& options) {
    const Exercise& exercise = stage.exercise();
    if (!exercise.recipes.contains("replay")) return;
    options.progress("replaying " + exercise.name);
    const Reference reference(exercise, options);
    const Program yours(stage, "replay", *options.sandbox);
    const Replayed expected =
        replay(reference.program("replay"), yours.folder(), *options.audit_seed, "");
    if (!expected.ended_well)
        throw UserError("The reference's replay of " + exercise.name + " does not end well.");

    const std::string error = yours.make();
    const Transcripts came =
        error.empty() ? replay_all(yours, grade.steps, *options.audit_seed) : Transcripts{};
    for (StepGrade& step : grade.steps) {
        const auto wanted = expected.transcripts.find(step.step.id);
        if (wanted == expected.transcripts.end()) continue;
        const auto found = came.find(step.step.id);
        if (found != came.end() && found->second == wanted->second) continue;
        step.audit = error.empty()
                         ? "replayed with seed " + std::to_string(*options.audit_seed) +
                               ", it computes something else than the reference"
                         : "its replay does not build: " + explain_build_error(error, stage).what;
    }
}

}  // namespace cacheline::grader
