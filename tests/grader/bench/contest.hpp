#pragma once

#include <functional>
#include <string>
#include <vector>

#include "build.hpp"

namespace cacheline::grader {

/// The unit that a benchmark's figures are told in.
struct Unit {
    std::string name;  ///< "GB/s", "Mitems/s", "ns/pair", "ms", …
    bool higher_is_better = false;

    bool operator==(const Unit&) const = default;
};

/// A benchmark's name taken apart: "Transfer/yours/1024/iterations:1/manual_time" measures
/// "Transfer" of "yours" with "1024". What Google Benchmark appends is dropped.
struct BenchmarkName {
    std::string name;
    std::string who;
    std::string arguments;

    bool operator==(const BenchmarkName&) const = default;
};
BenchmarkName parse_benchmark_name(const std::string& full);

/// One figure of one process.
struct Measurement {
    BenchmarkName name;
    Unit unit;
    double value = 0;
};

/// Reads the report that a program of Google Benchmark wrote. The figure is the counter
/// "ns_per_pair" where there is one, else bytes or items per second, else the time. What a
/// benchmark reported as its error stands in `error`.
std::vector<Measurement> read_benchmark_report(const std::string& json, std::string& error);

/// The median and the quartiles of several runs in fresh processes.
struct Figure {
    BenchmarkName name;
    Unit unit;
    double median = 0;
    double q1 = 0;
    double q3 = 0;
    std::size_t runs = 0;
};

/// `values` is not empty. Between two values it interpolates.
Figure summarize(BenchmarkName name, Unit unit, std::vector<double> values);

/// What a page calls the contender `who` of a program of `implementation`: "yours" is the
/// implementation itself, "yours-locked" a way to use it, both are others in each program.
std::string contender_name(const std::string& who, const std::string& implementation);

struct Contest {
    std::vector<Figure> figures;  ///< by benchmark, in the program's order
    std::string yours_error;      ///< why there are no figures of the student's file
    double round_trip_ns = 0;     ///< between two cores, the median; 0: there is one core
    double least_round_trip = 0;  ///< over all runs
    double most_round_trip = 0;
};

/// One more implementation, and what to measure it by.
struct Rung {
    std::string who;
    std::filesystem::path folder;  ///< with all the files that a student edits
    std::string benchmarks;        ///< a regular expression of their names
};

struct ContestOptions {
    const Sandbox* sandbox;
    std::filesystem::path work;
    std::filesystem::path submission;  ///< empty: without the student's file
    std::string shown;                 ///< its path as people know it
    std::string benchmark;             ///< only this one; empty: all
    std::vector<Rung> rungs;           ///< from the plain way to the reference
    std::size_t runs = 5;
    std::function<void(const std::string&)> progress = [](const std::string&) {};
};

/// Runs an exercise's benchmarks for the reference ("reference"), for the student's file ("yours"),
/// for each rung and for everyone else, each in a fresh process, `runs` times in turn. Throws
/// UserError if the reference or a rung can't be measured.
Contest hold_contest(const Exercise& exercise, const ContestOptions& options);

/// All that one program of Google Benchmark measures, `runs` times. Throws UserError if it fails.
Contest measure_program(const std::filesystem::path& executable, std::size_t runs);

}  // namespace cacheline::grader
