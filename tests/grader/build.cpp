#include "build.hpp"

#include <algorithm>
#include <sstream>

#include "file_lock.hpp"
#include "files.hpp"
#include "own_files.hpp"
#include "process.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

// A template bomb ends by it; a suite on a machine with other work to do must not.
constexpr std::chrono::seconds kCompilerLimit(300);

// The files named in a compiler's dependency file ("a.o: a.cpp \<newline> b.hpp").
std::vector<fs::path> dependencies(const fs::path& file) {
    std::istringstream in(read_file(file));
    std::vector<fs::path> paths;
    std::string word;
    in >> word;  // the target
    while (in >> word)
        if (word != "\\") paths.emplace_back(word);
    return paths;
}

bool up_to_date(const fs::path& output, const std::string& command,
                const std::vector<fs::path>& inputs) {
    std::error_code gone;
    const auto made = fs::last_write_time(output, gone);
    if (gone || read_file(output.string() + ".command") != command) return false;
    return std::ranges::all_of(inputs, [&](const fs::path& input) {
        const auto changed = fs::last_write_time(input, gone);
        return !gone && changed <= made;
    });
}

std::string text_of(const std::vector<std::string>& arguments) {
    std::string text;
    for (const std::string& argument : arguments)
        text += argument + '\n';
    return text;
}

template <typename To, typename From>
void append(To& to, const From& from) {
    to.insert(to.end(), from.begin(), from.end());
}

// The suites and what they may include; the corpora beside them hold right answers and are left
// out.
std::vector<fs::path> suite_files(const Exercise& exercise) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(exercise.corpus.parent_path()))
        if (entry.path() != exercise.corpus) paths.push_back(entry.path());
    return paths;
}

}  // namespace

Program::Program(const Stage& stage, std::string name, const Sandbox& sandbox,
                 bool warnings_are_errors)
    : stage_(&stage),
      sandbox_(&sandbox),
      name_(std::move(name)),
      warnings_are_errors_(warnings_are_errors),
      recipe_(&stage.exercise().recipes.at(name_)),
      sources_(recipe_->sources) {
    fs::create_directories(folder());
    // The sandbox's user is not the grader's.
    if (sandbox.confines()) fs::permissions(folder(), fs::perms::all);
    for (const std::string& file : stage.written())
        if (is_source(file)) sources_.push_back(stage.source() / file);
}

// A submission may have a source of the same name as one of the suite's.
fs::path Program::object(std::size_t i) const {
    const char* const owner = i < recipe_->sources.size() ? "" : "written-";
    return folder() / (owner + sources_[i].filename().string() + ".o");
}

std::vector<std::string> Program::compile_command(std::size_t i) const {
    const fs::path output = object(i);
    std::vector<std::string> arguments{stage_->exercise().compiler};
    append(arguments, recipe_->options);
    if (warnings_are_errors_) arguments.emplace_back("-Werror");
    for (const std::string& definition : recipe_->definitions)
        arguments.push_back("-D" + definition);
    arguments.push_back("-I" + stage_->source().string());
    for (const fs::path& include : recipe_->includes)
        arguments.push_back("-I" + include.string());
    // A student's own .cpp must name the headers that it needs.
    if (i < recipe_->sources.size()) append(arguments, recipe_->precompiled);
    append(arguments, std::vector<std::string>{"-fdiagnostics-color=never", "-MD", "-MF",
                                               output.string() + ".d", "-c", sources_[i].string(),
                                               "-o", output.string()});
    return arguments;
}

bool Program::compiled(std::size_t i) const {
    return up_to_date(object(i), text_of(compile_command(i)),
                      dependencies(object(i).string() + ".d"));
}

// A compiler given the same bytes makes the same object. The names are the same in every stage, so
// the files that the lender's compiler has read are those that ours would read.
bool Program::borrow(std::size_t i) const {
    if (stage_->lender() == nullptr) return false;
    const FileLock lock(stage_->lender()->lock());
    Program lender(*stage_->lender(), name_, *sandbox_, true);
    // Either side may have sources that the other lacks.
    std::size_t at = 0;
    while (at < lender.source_count() && lender.object(at).filename() != object(i).filename())
        ++at;
    if (at == lender.source_count()) return false;
    if (!lender.compiled(at)) {
        lender.warnings_are_errors_ = false;
        if (warnings_are_errors_ || !lender.compiled(at)) return false;
    }
    const fs::path theirs = lender.object(at);
    const std::string source = stage_->lender()->source().string() + '/';
    for (const fs::path& read : dependencies(theirs.string() + ".d"))
        if (read.string().starts_with(source) &&
            read_file(read) != read_file(stage_->source() / read.string().substr(source.size())))
            return false;
    std::string inputs = read_file(theirs.string() + ".d");
    replace_all(inputs, lender.folder().string(), folder().string());
    replace_all(inputs, source, stage_->source().string() + '/');
    fs::copy_file(theirs, object(i), fs::copy_options::overwrite_existing);
    write_file(object(i).string() + ".d", inputs);
    write_file(object(i).string() + ".command", text_of(compile_command(i)));
    return true;
}

std::string Program::compile(std::size_t i) const {
    if (compiled(i) || borrow(i)) return {};
    std::vector<fs::path> readable = recipe_->readable;
    readable.push_back(stage_->source());
    if (i < recipe_->sources.size()) append(readable, suite_files(stage_->exercise()));
    return run_compiler(object(i), compile_command(i), std::move(readable));
}

std::string Program::run_compiler(const fs::path& output, const std::vector<std::string>& arguments,
                                  std::vector<fs::path> readable) const {
    // Left by another user of the sandbox, they could not be written over.
    fs::remove(output.string() + ".command");
    fs::remove(output);
    fs::remove(output.string() + ".d");
    const Outcome outcome =
        sandbox_->run({.arguments = arguments,
                       .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"},
                       .directory = folder(),
                       .limit = kCompilerLimit},
                      {.readable = std::move(readable), .writable = {folder()}});
    // What no source can bring about is not the submission's fault.
    const bool no_room = outcome.output.find("No space left on device") != std::string::npos;
    const bool killed = outcome.output.find("Killed signal terminated") != std::string::npos;
    if (!outcome.over_a_limit() && (outcome.signal != 0 || outcome.exit_code == 126 ||
                                    outcome.exit_code == 127 || no_room || killed))
        throw UserError("The compiler could not do its work: " + outcome.output.substr(0, 1000));
    if (outcome.timed_out)
        return "the compiler did not end within " + std::to_string(kCompilerLimit.count()) + " s";
    if (outcome.overgrown) return "the compiler took more memory than it may have";
    if (outcome.ok() && fs::exists(output)) {
        write_file(output.string() + ".command", text_of(arguments));
        return {};
    }
    if (outcome.ok()) throw UserError("The compiler ended well and left nothing.");
    if (outcome.output.empty())
        return "the compiler ended with status " + std::to_string(outcome.exit_code);
    return outcome.output;
}

std::string Program::link() const {
    std::vector<std::string> arguments{stage_->exercise().compiler};
    append(arguments, recipe_->options);
    std::vector<fs::path> inputs;
    for (std::size_t i = 0; i < sources_.size(); ++i)
        inputs.push_back(object(i));
    append(inputs, recipe_->objects);
    for (const fs::path& input : inputs)
        arguments.push_back(input.string());
    append(arguments, recipe_->link);
    arguments.insert(arguments.end(), {"-o", executable().string()});
    const std::string command = text_of(arguments);
    if (up_to_date(executable(), command, inputs)) return {};
    // The libraries outside /usr, if they were fetched.
    std::vector<fs::path> readable = inputs;
    for (const std::string& word : recipe_->link)
        if (word.starts_with('/') && !word.starts_with("/usr/")) readable.emplace_back(word);
    return run_compiler(executable(), arguments, std::move(readable));
}

std::string Program::make() const {
    std::string error;
    for (std::size_t i = 0; i < source_count() && error.empty(); ++i)
        error = compile(i);
    return error.empty() ? link() : error;
}

}  // namespace cacheline::grader
