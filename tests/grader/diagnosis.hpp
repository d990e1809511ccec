#pragma once

#include <string>
#include <vector>

#include "grade.hpp"
#include "process.hpp"

namespace cacheline::grader {

class Stage;

/// The compiler's or linker's first error, if possible in the student's file, with its line; the
/// rest of what it said stays out of the way.
Explanation explain_build_error(const std::string& output, const Stage& stage);

/// One line of the report that the suites' reporter writes (tests/support/reporter.cpp).
struct ReportEvent {
    std::string event;
    std::string name, kind, macro, check, got, file, promise, why;
    std::vector<std::string> notes;
    long line = 0;
    std::size_t assertions = 0;
    std::size_t failures = 0;
};

/// Reads a report; lines that are not its own are passed over, and so is an end without the seal
/// that its process was given.
std::vector<ReportEvent> read_report(const std::filesystem::path& file,
                                     const std::string& seal = {});

/// What a finished process and its report say of the test case `name`.
BuildRun judge(const std::string& name, const std::string& build, const Outcome& outcome,
               const std::vector<ReportEvent>& report, const Stage& stage);

/// The exit status that the sanitizers are told to end with.
inline constexpr int kSanitizerStatus = 86;

}  // namespace cacheline::grader
