#pragma once

#include "build.hpp"
#include "grading.hpp"

namespace cacheline::grader {

/// An exercise's reference as the grader has built it. It lies in `options.references`, once for
/// all submissions that are held against it, and lends them the objects that would be no different.
class Reference {
public:
    /// Both arguments outlive it.
    Reference(const Exercise& exercise, const GradingOptions& options);

    [[nodiscard]] const Stage& stage() const { return stage_; }

    /// The program of that name, built unless it is there. Processes take turns at building. Throws
    /// UserError where it does not build.
    [[nodiscard]] Program program(const std::string& name) const;

private:
    const GradingOptions& options_;
    Stage stage_;
};

}  // namespace cacheline::grader
