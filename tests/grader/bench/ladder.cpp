#include "bench/ladder.hpp"

#include <nlohmann/json.hpp>

#include "corpus.hpp"
#include "files.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

std::vector<Rung> ladder_of(const Exercise& exercise, const fs::path& ladders,
                            const fs::path& work) {
    std::vector<Rung> rungs;
    if (!fs::exists(ladders)) return rungs;
    try {
        const auto all = nlohmann::json::parse(read_file(ladders));
        if (!all.contains(exercise.name)) return rungs;
        const auto& ladder = all.at(exercise.name);
        for (const std::string name : ladder.at("rungs")) {
            const fs::path submission = exercise.corpus / name;
            if (!fs::is_directory(submission))
                throw UserError(ladders.string() + ": " + exercise.name + " has no submission \"" +
                                name + "\".");
            rungs.push_back({.who = submission.filename().string(),
                             .folder = work / submission.filename(),
                             .benchmarks = ladder.at("benchmarks")});
            assemble(exercise, submission, rungs.back().folder);
        }
    } catch (const nlohmann::json::exception& error) {
        throw UserError(ladders.string() + " can't be read: " + error.what());
    }
    return rungs;
}

}  // namespace cacheline::grader
