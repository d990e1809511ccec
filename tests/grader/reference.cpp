#include "reference.hpp"

#include "file_lock.hpp"

namespace cacheline::grader {

namespace {

// A stage copies files, which others may be about to compile.
Stage staged(const Exercise& exercise, const GradingOptions& options) {
    const FileLock lock(options.references / (exercise.name + ".lock"));
    return {exercise, exercise.solution, options.references / exercise.name, "the reference"};
}

}  // namespace

Reference::Reference(const Exercise& exercise, const GradingOptions& options)
    : options_(options), stage_(staged(exercise, options)) {}

Program Reference::program(const std::string& name) const {
    Program program(stage_, name, *options_.sandbox);
    const FileLock lock(stage_.lock());
    if (const std::string error = program.make(); !error.empty())
        throw UserError("The reference's " + name + " program does not build:\n" + error);
    return program;
}

}  // namespace cacheline::grader
