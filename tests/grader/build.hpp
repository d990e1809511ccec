#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "catalog.hpp"
#include "grade.hpp"
#include "sandbox.hpp"
#include "stage.hpp"

namespace cacheline::grader {

/// One program of a recipe, made step by step so that its parts can be compiled side by side.
class Program {
public:
    /// `name` is the recipe's: release, asan, tsan, bench or replay. The sandbox outlives the
    /// program.
    Program(const Stage& stage, std::string name, const Sandbox& sandbox,
            bool warnings_are_errors = false);

    [[nodiscard]] std::size_t source_count() const { return sources_.size(); }

    /// Compiles source `i` unless nothing that it was made of has changed. Returns nothing if it
    /// went well. Different sources may be compiled at once.
    std::string compile(std::size_t i) const;

    /// Links what was compiled; the same answer.
    std::string link() const;

    /// All of it, one after the other.
    std::string make() const;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const Stage& stage() const { return *stage_; }
    [[nodiscard]] const Sandbox& sandbox() const { return *sandbox_; }
    [[nodiscard]] std::filesystem::path folder() const { return stage_->work() / name_; }
    [[nodiscard]] std::filesystem::path executable() const {
        return folder() / stage_->exercise().name;
    }

private:
    [[nodiscard]] std::filesystem::path object(std::size_t i) const;
    [[nodiscard]] std::vector<std::string> compile_command(std::size_t i) const;
    [[nodiscard]] bool compiled(std::size_t i) const;
    [[nodiscard]] bool borrow(std::size_t i) const;
    [[nodiscard]] std::string run_compiler(const std::filesystem::path& output,
                                           const std::vector<std::string>& arguments,
                                           std::vector<std::filesystem::path> readable) const;

    const Stage* stage_;
    const Sandbox* sandbox_;
    std::string name_;
    bool warnings_are_errors_;
    const Recipe* recipe_;
    std::vector<std::filesystem::path> sources_;
};

}  // namespace cacheline::grader
