#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "catalog.hpp"
#include "reports/student_grade.hpp"
#include "sandbox.hpp"

namespace cacheline::grader {

struct BatchOptions {
    std::filesystem::path submissions;  ///< a folder or archive for each student
    std::filesystem::path out;    ///< grades and reports; what is finished there is not redone
    std::filesystem::path work;   ///< programs under construction
    std::filesystem::path clock;  ///< a lock that whoever measures holds; empty: no such lock
    const Sandbox* sandbox;
    std::size_t jobs = 1;    ///< students at once
    std::size_t shard = 1;   ///< this part, from 1 …
    std::size_t shards = 1;  ///< … of so many
    bool speed = true;
    /// For each test case; a sanitizer's build has four times as long.
    std::chrono::milliseconds case_limit = std::chrono::seconds(20);
    std::uint64_t seed = 0;  ///< of replays and random cases
    /// Leave what was graded with another seed as it is, as a run without `--seed` does: it goes on
    /// where an earlier one was killed, and what has changed since meets a seed that is new.
    bool any_seed = false;
    std::function<void(const std::string&)> progress = [](const std::string&) {};
};

/// Reads "K/N" into the shard's two numbers. Throws UserError unless 1 <= K <= N.
void parse_shard(const std::string& text, BatchOptions& options);

/// Grades this shard's students and returns them by name. What goes wrong with one of them, the
/// submission's fault or the grader's, is that one's `error` and never the others'. Throws
/// UserError where nothing can be done at all: no submissions, or another grader at work on `out`.
std::vector<StudentGrade> grade_batch(const std::vector<Exercise>& exercises,
                                      const BatchOptions& options);

/// Joins the outputs of all shards into `out`, after a proof that each student of each shard's
/// batch is there exactly once. Throws UserError that names who is missing, doubled or unknown.
std::vector<StudentGrade> merge_shards(const std::vector<std::filesystem::path>& shards,
                                       const std::filesystem::path& out);

/// Hash of everything but the submission and the seed that a grade depends on.
std::string grader_key(const std::vector<Exercise>& exercises, const BatchOptions& options);

}  // namespace cacheline::grader
