#include "bench/contest.hpp"

#include <algorithm>
#include <list>
#include <optional>
#include <random>
#include <thread>

#include "bench/report_entries.hpp"
#include "diagnosis.hpp"
#include "files.hpp"
#include "process.hpp"
#include "support/core_distance.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::minutes kLimit(5);

// A stub ends at its first todo(), which no benchmark catches.
std::string todo_in(const std::string& output) {
    if (output.find("cacheline::Todo") == std::string::npos) return {};
    const std::string mark = "what():";
    const std::size_t at = output.find(mark);
    const std::size_t from =
        at == std::string::npos ? at : output.find_first_not_of(' ', at + mark.size());
    if (from == std::string::npos) return "a function is not written yet";
    return output.substr(from, output.find('\n', from) - from);
}

// Who runs in a process: the same program serves the implementation and everyone else.
constexpr const char* kImplementation = "/yours(-[^/]*)?(/|$)";
constexpr const char* kImplementationAlone = "/yours(/|$)";

bool is_appendix(const std::string& part) {
    if (part == "real_time" || part == "manual_time" || part == "process_time") return true;
    for (const char* const key :
         {"iterations:", "min_time:", "min_warmup_time:", "repeats:", "threads:"})
        if (part.starts_with(key)) return true;
    return false;
}

double quantile(const std::vector<double>& sorted, double share) {
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    const double rest = place - static_cast<double>(below);
    return sorted[below] * (1 - rest) + sorted[above] * rest;
}

struct Run {
    std::vector<Measurement> measurements;
    std::string error;
};

Outcome run_benchmark(const fs::path& executable, const std::string& filter, std::uint64_t seed,
                      const fs::path& report) {
    fs::remove(report);
    return run({.arguments = {executable.string(), "--benchmark_filter=" + filter,
                              "--benchmark_out=" + report.string(), "--benchmark_out_format=json"},
                .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8",
                                "CACHELINE_SEED=" + std::to_string(seed)},
                .directory = executable.parent_path(),
                .limit = kLimit});
}

/// One program of a contest.
struct Entrant {
    Entrant(const Exercise& exercise, const ContestOptions& options, std::string name,
            const fs::path& folder, const std::string& shown)
        : who(std::move(name)),
          stage(exercise, folder, options.work / who / exercise.name, shown),
          program(stage, "peers", *options.sandbox) {}

    [[nodiscard]] Run run(const std::string& filter, std::uint64_t seed) const {
        const fs::path report = program.folder() / "contest.json";
        const Outcome outcome = run_benchmark(program.executable(), filter, seed, report);
        Run result;
        if (outcome.ok())
            result.measurements = read_benchmark_report(read_file(report), result.error);
        else if (result.error = todo_in(outcome.output); result.error.empty())
            result.error = judge("", "bench", outcome, {}, stage).explanation.what;
        return result;
    }

    std::string who;
    Stage stage;
    Program program;
};

/// The samples of all runs, by benchmark in the order in which they came.
class Samples {
public:
    void add(const Run& run, const std::string& implementation) {
        for (Measurement one : run.measurements) {
            one.name.who = contender_name(one.name.who, implementation);
            const auto known = std::ranges::find(entries_, one.name, &Entry::name);
            if (known == entries_.end())
                entries_.push_back({.name = one.name, .unit = one.unit, .values = {one.value}});
            else
                known->values.push_back(one.value);
        }
    }

    [[nodiscard]] bool empty() const { return entries_.empty(); }

    [[nodiscard]] std::vector<Figure> figures() const {
        std::vector<Figure> all;
        for (const Entry& entry : entries_)
            all.push_back(summarize(entry.name, entry.unit, entry.values));
        return all;
    }

private:
    struct Entry {
        BenchmarkName name;
        Unit unit;
        std::vector<double> values;
    };
    std::vector<Entry> entries_;
};

class RoundTrips {
public:
    void measure() {
        if (std::thread::hardware_concurrency() > 1)
            values_.push_back(support::core_round_trip_ns());
    }

    void tell(Contest& contest) const {
        if (values_.empty()) return;
        contest.round_trip_ns = summarize({}, {}, values_).median;
        const auto [least, most] = std::ranges::minmax(values_);
        contest.least_round_trip = least;
        contest.most_round_trip = most;
    }

private:
    std::vector<double> values_;
};

}  // namespace

BenchmarkName parse_benchmark_name(const std::string& full) {
    BenchmarkName result;
    std::vector<std::string> parts;
    for (std::size_t at = 0; at <= full.size();) {
        const std::size_t slash = std::min(full.find('/', at), full.size());
        parts.push_back(full.substr(at, slash - at));
        at = slash + 1;
    }
    std::erase_if(parts, is_appendix);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (i == 0)
            result.name = parts[i];
        else if (i == 1)
            result.who = parts[i];
        else
            result.arguments += (i == 2 ? "" : "/") + parts[i];
    }
    return result;
}

std::vector<Measurement> read_benchmark_report(const std::string& text, std::string& error) {
    std::vector<Measurement> all;
    for (const ReportEntry& one : read_report_entries(text, error)) {
        Measurement result{.name = parse_benchmark_name(one.name)};
        if (const auto time = one.number("ns_per_pair")) {
            result.unit = {.name = "ns/pair"};
            result.value = *time;
        } else if (const auto bytes = one.number("bytes_per_second")) {
            result.unit = {.name = "GB/s", .higher_is_better = true};
            result.value = *bytes / 1e9;
        } else if (const auto items = one.number("items_per_second")) {
            result.unit = {.name = "Mitems/s", .higher_is_better = true};
            result.value = *items / 1e6;
        } else {
            result.unit = {.name = one.time_unit == "us" ? "µs" : one.time_unit};
            result.value = one.number("real_time").value_or(0);
        }
        all.push_back(std::move(result));
    }
    return all;
}

Figure summarize(BenchmarkName name, Unit unit, std::vector<double> values) {
    std::ranges::sort(values);
    return {.name = std::move(name),
            .unit = std::move(unit),
            .median = quantile(values, 0.5),
            .q1 = quantile(values, 0.25),
            .q3 = quantile(values, 0.75),
            .runs = values.size()};
}

std::string contender_name(const std::string& who, const std::string& implementation) {
    const std::string self = "yours";
    if (who != self && !who.starts_with(self + "-")) return who;
    return implementation + who.substr(self.size());
}

Contest hold_contest(const Exercise& exercise, const ContestOptions& options) {
    if (!exercise.recipes.contains("peers")) throw UserError(exercise.name + " has no benchmark.");
    Contest contest;
    const auto must_build = [&](const Entrant& entrant, const std::string& whose) {
        options.progress("building " + whose + " benchmark");
        if (const std::string error = entrant.program.make(); !error.empty())
            throw UserError("The benchmark of " + entrant.who + " does not build:\n" + error);
    };
    const Entrant reference(exercise, options, "reference", exercise.solution, "the reference");
    must_build(reference, "the reference's");

    std::optional<Entrant> yours;
    if (!options.submission.empty()) {
        yours.emplace(exercise, options, "yours", options.submission, options.shown);
        options.progress("building your benchmark");
        std::string error;
        if (!yours->stage.faults().empty())
            contest.yours_error = yours->stage.faults().front();
        else if (error = yours->program.make(); !error.empty())
            contest.yours_error =
                "it does not build: " + explain_build_error(error, yours->stage).what;
    }

    std::list<Entrant> rungs;
    for (const Rung& rung : options.rungs) {
        rungs.emplace_back(exercise, options, rung.who, rung.folder, rung.who);
        must_build(rungs.back(), rung.who + "'s");
    }

    const std::string implementation =
        "^" + (options.benchmark.empty() ? "[^/]+" : options.benchmark) + kImplementation;
    // A filter that starts with a minus takes what it does not match. With a benchmark's name
    // before it that form is not to be had; there it helps that no peer's name starts with "yo".
    const std::string others = options.benchmark.empty()
                                   ? std::string("-") + kImplementation
                                   : "^" + options.benchmark + "/([^y]|y[^o])";
    Samples samples;
    const auto fails = [](const Entrant& entrant, const Run& run) {
        throw UserError("The benchmark of " + entrant.who + " fails: " + run.error);
    };
    std::vector<std::function<void(std::uint64_t)>> turns{
        [&](std::uint64_t seed) {
            if (!yours || !contest.yours_error.empty()) return;
            const Run run = yours->run(implementation, seed);
            contest.yours_error = run.error;
            if (run.error.empty()) samples.add(run, yours->who);
        },
        [&](std::uint64_t seed) {
            const Run run = reference.run(implementation, seed);
            if (!run.error.empty()) fails(reference, run);
            samples.add(run, reference.who);
        },
        // A peer that fails is missing from the figures; the rest stand.
        [&](std::uint64_t seed) { samples.add(reference.run(others, seed), reference.who); },
    };
    // A rung may well be wrong where the reference is right: what it did measure stands.
    for (std::size_t i = 0; const Entrant& rung : rungs) {
        const std::string filter =
            "^(" + options.rungs[i++].benchmarks + ")" + kImplementationAlone;
        turns.emplace_back([&, filter](std::uint64_t seed) {
            const Run run = rung.run(filter, seed);
            if (run.measurements.empty()) fails(rung, run);
            samples.add(run, rung.who);
        });
    }

    RoundTrips round_trips;
    std::random_device device;
    for (std::size_t i = 0; i < options.runs; ++i) {
        options.progress("measuring " + exercise.name + ", run " + std::to_string(i + 1) + " of " +
                         std::to_string(options.runs));
        const std::uint64_t seed = device();
        for (const auto& turn : turns)
            turn(seed);
        // Each goes first in turn, so that none has the warmer machine.
        std::ranges::rotate(turns, turns.begin() + 1);
        round_trips.measure();
    }
    if (samples.empty())
        throw UserError(exercise.name + " has no benchmark \"" + options.benchmark + "\".");
    contest.figures = samples.figures();
    round_trips.tell(contest);
    return contest;
}

Contest measure_program(const fs::path& executable, std::size_t runs) {
    const fs::path report = executable.string() + ".json";
    Samples samples;
    RoundTrips round_trips;
    for (std::size_t i = 0; i < runs; ++i) {
        const Outcome outcome = run_benchmark(executable, ".", i + 1, report);
        Run run;
        if (outcome.ok()) run.measurements = read_benchmark_report(read_file(report), run.error);
        if (!outcome.ok() || !run.error.empty())
            throw UserError(executable.string() + " fails: " + run.error + outcome.output);
        samples.add(run, "yours");
        round_trips.measure();
    }
    Contest contest{.figures = samples.figures()};
    round_trips.tell(contest);
    return contest;
}

}  // namespace cacheline::grader
