#include "speed.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "bench/report_entries.hpp"
#include "diagnosis.hpp"
#include "file_lock.hpp"
#include "files.hpp"
#include "process.hpp"
#include "reference.hpp"

namespace cacheline::grader {

namespace {

constexpr std::size_t kPairs = 9;
constexpr int kRounds = 3;
constexpr std::chrono::seconds kLimit(60);
// Two distances this many times apart are two modes of the machine.
constexpr double kSameMode = 1.6;

struct Sample {
    double time = 0;        // ns, or whatever unit both share
    double round_trip = 0;  // 0: the benchmark has one thread
};

struct Run {
    std::map<std::string, Sample> samples;
    std::string error;
};

struct Pair {
    Sample reference;
    Sample yours;
};

Run run_bench(const Program& program, const std::filesystem::path& folder,
              const std::string& benchmark, std::uint64_t seed) {
    const auto report = folder / "bench.json";
    make_writable_file(report);
    const Outcome outcome = program.sandbox().run(
        {.arguments = {program.executable().string(),
                       "--benchmark_filter=^" + benchmark + "/yours(/|$)",
                       "--benchmark_out=" + report.string(), "--benchmark_out_format=json"},
         .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8",
                         "CACHELINE_SEED=" + std::to_string(seed)},
         .directory = folder,
         .limit = kLimit},
        {.readable = {program.executable()}, .writable = {report}});
    Run result;
    if (!outcome.ok()) {
        result.error = judge("", "bench", outcome, {}, program.stage()).explanation.what;
        return result;
    }
    for (const ReportEntry& one : read_report_entries(read_file(report), result.error))
        result.samples[one.name] = {.time = one.number("real_time").value_or(0),
                                    .round_trip = one.number("round_trip_ns").value_or(0)};
    if (result.samples.empty() && result.error.empty())
        result.error = "the benchmark " + benchmark + " is not in the program";
    return result;
}

bool same_mode(const Pair& pair) {
    const auto [near, far] = std::minmax(pair.reference.round_trip, pair.yours.round_trip);
    return far <= near * kSameMode;
}

SpeedGrade judge_pairs(const std::string& name, const std::vector<Pair>& pairs, double threshold,
                       std::mt19937_64& rng) {
    SpeedGrade grade{.name = name};
    std::vector<double> ratios;
    for (const Pair& pair : pairs)
        if (same_mode(pair) && pair.yours.time > 0)
            ratios.push_back(pair.reference.time / pair.yours.time);
    grade.pairs = ratios.size();
    if (ratios.size() < kPairs) {
        grade.pace = Pace::inconclusive;
        grade.reason = "the machine changed between too many pairs";
        if (ratios.empty()) return grade;
    }
    const Interval interval = bootstrap_median(ratios, rng);
    grade.ratio = interval.median;
    grade.low = interval.low;
    grade.high = interval.high;
    if (grade.reason.empty()) grade.pace = verdict(interval, threshold);
    return grade;
}

}  // namespace

Interval bootstrap_median(std::span<const double> values, std::mt19937_64& rng) {
    constexpr std::size_t kResamples = 2000;
    const auto median = [](std::vector<double>& sorted) {
        std::ranges::sort(sorted);
        return (sorted[(sorted.size() - 1) / 2] + sorted[sorted.size() / 2]) / 2;
    };
    std::vector<double> own(values.begin(), values.end());
    std::vector<double> medians;
    std::vector<double> resample(values.size());
    for (std::size_t i = 0; i < kResamples; ++i) {
        for (double& value : resample)
            value = values[rng() % values.size()];
        medians.push_back(median(resample));
    }
    std::ranges::sort(medians);
    return {.median = median(own),
            .low = medians[kResamples / 40],
            .high = medians[kResamples - 1 - kResamples / 40]};
}

Pace verdict(const Interval& interval, double threshold) {
    if (interval.low >= threshold) return Pace::fast_enough;
    if (interval.high < threshold) return Pace::too_slow;
    return Pace::inconclusive;
}

std::vector<SpeedGrade> measure_speed(const Stage& stage, const Step& step,
                                      const GradingOptions& options) {
    const Exercise& exercise = stage.exercise();
    const auto failed = [&](std::string reason) {
        return std::vector<SpeedGrade>{
            {.name = step.benchmark, .pace = Pace::too_slow, .reason = std::move(reason)}};
    };
    const Reference made(exercise, options);
    const Program reference = made.program("bench");
    const Program yours(stage, "bench", *options.sandbox);
    if (const std::string error = yours.make(); !error.empty())
        return failed("the benchmark does not build with your file: " +
                      explain_build_error(error, stage).what);

    // Who else measures, in another terminal perhaps, waits.
    std::optional<FileLock> clock;
    if (!options.clock.empty()) clock.emplace(options.clock);
    std::mt19937_64 rng(options.seed);
    std::map<std::string, std::vector<Pair>> pairs;
    std::vector<SpeedGrade> grades;
    for (int round = 0; round < kRounds; ++round) {
        for (std::size_t i = 0; i < kPairs; ++i) {
            options.progress("measuring " + exercise.name + ", pair " + std::to_string(i + 1) +
                             " of " + std::to_string(kPairs));
            const std::uint64_t seed = rng();
            Run mine;
            Run theirs;
            if (i % 2 == 1) mine = run_bench(yours, yours.folder(), step.benchmark, seed);
            theirs = run_bench(reference, yours.folder(), step.benchmark, seed);
            if (i % 2 == 0) mine = run_bench(yours, yours.folder(), step.benchmark, seed);
            if (!theirs.error.empty())
                throw UserError("The reference's benchmark fails: " + theirs.error);
            if (!mine.error.empty()) return failed(mine.error);
            for (const auto& [name, sample] : theirs.samples)
                pairs[name].push_back({.reference = sample, .yours = mine.samples[name]});
        }
        grades.clear();
        for (const auto& [name, samples] : pairs)
            grades.push_back(judge_pairs(name, samples, step.ratio, rng));
        if (std::ranges::count(grades, Pace::inconclusive, &SpeedGrade::pace) == 0) break;
    }
    return grades;
}

}  // namespace cacheline::grader
