#pragma once

#include <random>
#include <span>
#include <vector>

#include "build.hpp"
#include "grade.hpp"
#include "grading.hpp"

namespace cacheline::grader {

/// Measures a submission against the reference: fresh processes in turn (A B, B A, …), fresh inputs
/// for each pair, nine pairs, and twice nine more while the verdict is open. Benchmarks of two
/// threads tell how far apart the cores were, and only pairs of one distance count.
std::vector<SpeedGrade> measure_speed(const Stage& stage, const Step& step,
                                      const GradingOptions& options);

struct Interval {
    double median = 0;
    double low = 0;
    double high = 0;
};

/// The median and its 95% bootstrap percentile interval (Efron 1979), from 2,000 resamples.
/// `values` is not empty.
Interval bootstrap_median(std::span<const double> values, std::mt19937_64& rng);

/// Three values: the whole interval at or above the threshold, below it, or neither.
Pace verdict(const Interval& interval, double threshold);

}  // namespace cacheline::grader
