#include "batch.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <regex>
#include <set>
#include <shared_mutex>

#include "build.hpp"
#include "file_lock.hpp"
#include "files.hpp"
#include "grading.hpp"
#include "inspection.hpp"
#include "job_queue.hpp"
#include "joined.hpp"
#include "nearest.hpp"
#include "reference.hpp"
#include "shared_grades.hpp"
#include "state_file.hpp"
#include "submission.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

namespace {

// No student's name begins with a dot.
constexpr const char* kReferences = ".references";
constexpr const char* kJoined = ".joined";

std::vector<fs::path> files_below(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code none;
    for (fs::recursive_directory_iterator it(folder, none), end; !none && it != end;
         it.increment(none))
        if (it->is_regular_file(none)) files.push_back(it->path());
    std::ranges::sort(files);
    return files;
}

// One line a file: "hash  name"; the name relative to where all of them lie.
std::string hashes(const std::vector<fs::path>& files) {
    if (files.empty()) return {};
    std::vector<std::string> arguments{"/usr/bin/sha256sum", "--"};
    for (const fs::path& file : files)
        arguments.push_back(file.string());
    const Outcome outcome = run({.arguments = std::move(arguments)});
    if (!outcome.ok()) throw UserError("Can't hash files: " + outcome.output);
    return outcome.output;
}

std::string hash_of_text(const std::string& text, const fs::path& scratch) {
    write_file(scratch, text);
    return hashes({scratch}).substr(0, 64);
}

// The student's name for a folder whose path a compiler prints and others read: a quotation mark or
// a space would be spelled in another way there.
std::string plain_name(const std::string& student) {
    constexpr std::size_t kLongest = 100;
    std::string plain = student.substr(0, kLongest);
    for (char& c : plain)
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '_' && c != '.')
            c = '_';
    if (plain == student) return plain;
    return plain + "~" + std::to_string(std::hash<std::string>()(student));
}

fs::path grade_file(const fs::path& out, const std::string& student) {
    return out / "students" / student / "grade.json";
}

class BatchGrading {
public:
    BatchGrading(const std::vector<Exercise>& exercises, const BatchOptions& options)
        : options_(options), key_(grader_key(exercises, options)) {
        for (const Exercise& exercise : exercises)
            exercises_.push_back(exercise.fault.empty() ? joined(exercise, options.work / kJoined)
                                                        : exercise);
    }

    std::vector<StudentGrade> run() {
        const std::vector<fs::path> all = list_submissions(options_.submissions);
        if (all.empty())
            throw UserError("There is no submission in " + options_.submissions.string() +
                            ": a folder, .zip or .tar.gz for each student.");
        std::vector<fs::path> mine;
        for (std::size_t i = options_.shard - 1; i < all.size(); i += options_.shards)
            mine.push_back(all[i]);
        grades_.resize(mine.size());
        write_index(all);
        prepare_references();
        {
            JobQueue queue(options_.jobs);
            for (std::size_t i = 0; i < mine.size(); ++i)
                queue.add([this, &mine, i] {
                    grades_[i] = grade_one(mine[i]);
                    report_progress(mine.size());
                });
            queue.wait();
        }
        std::ranges::sort(grades_, {}, &StudentGrade::student);
        return std::move(grades_);
    }

private:
    // Who belongs to the batch, so that merging can prove that nobody is lost.
    void write_index(const std::vector<fs::path>& all) const {
        json students = json::array();
        std::set<std::string> names;
        for (const fs::path& path : all) {
            const std::string name = student_of(path);
            if (!names.insert(name).second)
                throw UserError("There are two submissions of " + name + " in " +
                                options_.submissions.string() + ". Keep one.");
            students.push_back(name);
        }
        write_state(options_.out / "batch.json", {{"version", 1},
                                                  {"shard", options_.shard},
                                                  {"shards", options_.shards},
                                                  {"students", std::move(students)}});
    }

    static std::string student_of(const fs::path& path) { return Submission::student_name(path); }

    void prepare_references() {
        JobQueue queue(options_.jobs);
        for (const Exercise& exercise : exercises_)
            if (exercise.fault.empty())
                queue.add([this, &exercise] { prepare_reference(exercise); });
        queue.wait();
    }

    // What does not depend on a submission is made once: the reference's objects, for inspection,
    // and the number of assertions of each of its test cases.
    void prepare_reference(const Exercise& exercise) {
        options_.progress("preparing " + exercise.name);
        GradingOptions options = grading_options(kReferences);
        options.speed = false;
        options.audit_seed.reset();
        const ExerciseGrade reference =
            grade(exercise, exercise.solution, "the reference", options);
        if (reference.earned() != reference.possible())
            throw UserError("The reference of " + exercise.name +
                            " does not pass its own suite here, so nothing can be graded "
                            "against it: " +
                            first_loss(reference) + "\nRun ./workbook " +
                            std::string(exercise.slug()) + " --submission solutions to see more.");
        Symbols symbols = symbols_of(Reference(exercise, options).stage(), *options_.sandbox);
        const std::lock_guard lock(prepared_);
        symbols_[exercise.name] = std::move(symbols);
        for (const StepGrade& step : reference.steps)
            for (const CaseGrade& one : step.cases)
                for (const BuildRun& run : one.runs)
                    assertions_[{exercise.name, one.name, run.build}] = run.assertions;
    }

    static std::string first_loss(const ExerciseGrade& graded) {
        for (const StepGrade& step : graded.steps)
            for (const CaseGrade& one : step.cases)
                if (const std::string loss = one.loss(); !loss.empty()) return loss + '.';
        return "no test case failed.";
    }

    GradingOptions grading_options(const std::string& student) const {
        return {.sandbox = options_.sandbox,
                .work = options_.work / plain_name(student),
                .references = options_.work / kReferences,
                .clock = options_.clock,
                .jobs = 1,
                .speed = options_.speed,
                .seed = static_cast<std::uint32_t>(options_.seed),
                .audit_seed = options_.seed,
                .case_limit = options_.case_limit};
    }

    StudentGrade grade_one(const fs::path& path) {
        StudentGrade result{.student = student_of(path), .seed = options_.seed};
        try {
            grade_into(path, result);
        } catch (const std::exception& error) {
            result.exercises.clear();
            result.error = std::string("the grader failed: ") + error.what();
            result.key.clear();  // tried again next time
        }
        try {
            write_state(grade_file(options_.out, result.student), to_json(result));
        } catch (const std::exception& error) {
            result.error = std::string("the grade can't be written: ") + error.what();
            result.exercises.clear();
        }
        std::error_code ignored;
        fs::remove_all(options_.work / plain_name(result.student), ignored);
        return result;
    }

    void grade_into(const fs::path& path, StudentGrade& result) {
        const Submission submission(path, *options_.sandbox);
        const fs::path work = options_.work / plain_name(result.student);
        fs::create_directories(work);
        result.flags = submission.flags();
        result.error = submission.error();

        std::map<std::string, std::vector<std::string>> refused;
        std::map<std::string, std::string> files;  // what they are called and hold
        std::string content;
        for (const Flag& flag : result.flags)
            content += flag.what + ' ' + flag.file + '\n';
        for (const Exercise& exercise : exercises_) {
            const fs::path folder = work / "submission" / exercise.name;
            refused[exercise.name] = submission.lay_out(exercise, folder, exercises_);
            std::string& mine = files[exercise.name] = exercise.name + '\n';
            for (const fs::path& file : files_below(folder))
                mine += hashes({file}).substr(0, 64) + "  " + file.filename().string() + '\n';
            content += join(refused[exercise.name], "\n") + mine;
        }
        if (reuse(result, content, work) || !result.error.empty()) return;

        for (const Exercise& exercise : exercises_) {
            const Flag* const hostile = submission.leading_out(exercise);
            ExerciseGrade graded = hostile == nullptr ? grade_alone(exercise, files[exercise.name],
                                                                    work / "submission", result)
                                                      : ungraded(exercise);
            if (hostile != nullptr) reject(graded, *hostile);
            for (const std::string& reason : refused[exercise.name])
                graded.notes.push_back(reason);
            if (!options_.speed) leave_speed_out(graded);
            result.exercises.push_back(std::move(graded));
        }
    }

    // What fails in the grader's world here costs this exercise alone, until it is tried again.
    ExerciseGrade grade_alone(const Exercise& exercise, const std::string& files,
                              const fs::path& submission, StudentGrade& result) {
        try {
            SharedGrades::Graded made = shared_.get(files, [&] {
                return grade_files(exercise, submission / exercise.name,
                                   grading_options(result.student));
            });
            std::ranges::move(made.flags, std::back_inserter(result.flags));
            return std::move(made.grade);
        } catch (const std::exception& error) {
            const std::string what = std::string("the grader failed: ") + error.what();
            if (!result.error.empty()) result.error += "; ";
            result.error += exercise.name + ": " + what;
            result.key.clear();
            ExerciseGrade none = ungraded(exercise);
            reject(none, {.what = what});
            return none;
        }
    }

    SharedGrades::Graded grade_files(const Exercise& exercise, const fs::path& folder,
                                     GradingOptions options) {
        const bool speed = std::exchange(options.speed, false);
        SharedGrades::Graded made;
        ExerciseGrade& graded = made.grade;
        {
            const std::shared_lock others(machine_);
            graded = grade(exercise, folder, exercise.name, options);
            compare_assertions(graded);
            if (exercise.fault.empty()) {
                const Stage stage(exercise, folder, options.work / exercise.name, exercise.name);
                for (Flag& flag : inspect(stage, symbols_.at(exercise.name), *options_.sandbox)) {
                    if (flag.attack) reject(graded, flag);
                    made.flags.push_back(std::move(flag));
                }
            }
        }
        if (speed && graded.earned() != 0) {
            const std::unique_lock alone(machine_);  // a clock needs the machine for itself
            const Stage stage(exercise, folder, options.work / exercise.name, exercise.name);
            grade_speed(stage, options, graded);
        }
        return made;
    }

    // A test case that checked less than it does for the reference did not run as written.
    void compare_assertions(ExerciseGrade& graded) const {
        for (StepGrade& step : graded.steps)
            for (CaseGrade& one : step.cases)
                for (BuildRun& run : one.runs) {
                    if (run.verdict != Verdict::passed) continue;
                    const auto wanted = assertions_.find({graded.name, one.name, run.build});
                    if (wanted != assertions_.end() && wanted->second == run.assertions) continue;
                    run.verdict = Verdict::error;
                    run.explanation.what =
                        "it made " + std::to_string(run.assertions) + " checks, the reference " +
                        std::to_string(wanted == assertions_.end() ? 0 : wanted->second);
                }
    }

    // The exercise with nothing in it judged yet: no point is earned.
    static ExerciseGrade ungraded(const Exercise& exercise) {
        ExerciseGrade grade{.name = exercise.name, .title = exercise.title};
        for (const Step& step : exercise.steps) {
            grade.steps.push_back({.step = step});
            for (const TestCase& test : exercise.tests) {
                if (test.step != step.id) continue;
                CaseGrade& one =
                    grade.steps.back().cases.emplace_back(CaseGrade{.name = test.name});
                for (const std::string& build : test.builds)
                    one.runs.push_back({.build = build});
            }
        }
        return grade;
    }

    // A flag that has no honest use ends the exercise.
    static void reject(ExerciseGrade& graded, const Flag& flag) {
        for (StepGrade& step : graded.steps) {
            step.speeds.clear();
            step.audit.clear();
            for (CaseGrade& one : step.cases)
                for (BuildRun& run : one.runs) {
                    run.verdict = Verdict::error;
                    run.explanation = {.what = flag.what};
                }
        }
        std::string place = flag.file;
        if (flag.line > 0) place += ":" + std::to_string(flag.line);
        graded.notes.push_back("Not graded: " + place + (place.empty() ? "" : ": ") + flag.what);
    }

    // Gives `result` its key, and the grade of an earlier run if that has the same.
    bool reuse(StudentGrade& result, const std::string& content, const fs::path& work) const {
        const auto key_with = [&](std::uint64_t seed) {
            return hash_of_text(key_ + "seed " + std::to_string(seed) + '\n' + content,
                                work / "key");
        };
        result.key = key_with(result.seed);
        std::ifstream in(grade_file(options_.out, result.student));
        const json known = json::parse(in, nullptr, false);
        if (known.is_discarded()) return false;
        try {
            StudentGrade before = student_grade_from_json(known);
            const std::uint64_t seed = options_.any_seed ? before.seed : result.seed;
            if (before.key != key_with(seed) || before.student != result.student) return false;
            result = std::move(before);
            return true;
        } catch (const std::exception&) {
            return false;  // a broken or older file is graded again
        }
    }

    void report_progress(std::size_t total) {
        const std::size_t done = ++done_;
        const auto spent = std::chrono::steady_clock::now() - start_;
        const auto left =
            std::chrono::duration_cast<std::chrono::seconds>(spent / done * (total - done));
        options_.progress("graded " + std::to_string(done) + " of " + std::to_string(total) + ", " +
                          std::to_string(left.count() / 60) + " min " +
                          std::to_string(left.count() % 60) + " s left");
    }

    std::vector<Exercise> exercises_;
    const BatchOptions& options_;
    std::string key_;
    SharedGrades shared_;
    std::mutex prepared_;
    std::map<std::tuple<std::string, std::string, std::string>, std::size_t> assertions_;
    std::map<std::string, Symbols> symbols_;  // of the references
    std::vector<StudentGrade> grades_;
    std::shared_mutex machine_;
    std::atomic<std::size_t> done_{0};
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

void parse_shard(const std::string& text, BatchOptions& options) {
    static const std::regex pattern(R"((\d{1,6})/(\d{1,6}))");
    std::smatch match;
    if (std::regex_match(text, match, pattern)) {
        options.shard = std::stoul(match[1]);
        options.shards = std::stoul(match[2]);
        if (options.shard >= 1 && options.shard <= options.shards) return;
    }
    throw UserError("--shard is \"" + text + "\"; it must be K/N with K from 1 to N, such as 2/8.");
}

std::string grader_key(const std::vector<Exercise>& exercises, const BatchOptions& options) {
    std::vector<fs::path> files{fs::read_symlink("/proc/self/exe")};
    for (const Exercise& exercise : exercises) {
        if (!exercise.fault.empty()) continue;
        for (const auto& [name, recipe] : exercise.recipes) {
            files.insert(files.end(), recipe.sources.begin(), recipe.sources.end());
            files.insert(files.end(), recipe.objects.begin(), recipe.objects.end());
        }
        for (const fs::path& folder : {exercise.folder, exercise.solution})
            for (const fs::path& file : files_below(folder))
                files.push_back(file);
    }
    return hashes(files) + "speed " + std::to_string(options.speed) + '\n';
}

std::vector<StudentGrade> grade_batch(const std::vector<Exercise>& exercises,
                                      const BatchOptions& options) {
    if (!fs::is_directory(options.submissions))
        throw UserError("There is no folder " + options.submissions.string() + ".");
    // Held as long as this grader works on the folder.
    const std::optional<FileLock> lock = FileLock::attempt(options.out / ".lock");
    if (!lock)
        throw UserError("Another grader is at work on " + options.out.string() +
                        ". Wait for it, or use another --out.");
    return BatchGrading(exercises, options).run();
}

namespace {

std::optional<std::set<std::string>> students_in(const nlohmann::json& index) {
    try {
        return index.at("students").get<std::set<std::string>>();
    } catch (const json::exception&) {
        return {};
    }
}

}  // namespace

std::vector<StudentGrade> merge_shards(const std::vector<fs::path>& shards, const fs::path& out) {
    std::set<std::string> expected;
    std::map<std::string, fs::path> seen;
    std::vector<StudentGrade> grades;
    for (const fs::path& shard : shards) {
        const nlohmann::json index = read_state(shard / "batch.json");
        if (!index.contains("students"))
            throw UserError(shard.string() + " is no grader's output: it has no batch.json.");
        const std::optional<std::set<std::string>> students = students_in(index);
        if (!students)
            throw UserError((shard / "batch.json").string() + " is damaged. Run that shard again.");
        if (!expected.empty() && *students != expected)
            throw UserError(shard.string() + " belongs to another batch than the first shard.");
        expected = *students;
        std::error_code none;
        for (const auto& folder : fs::directory_iterator(shard / "students", none)) {
            const std::string student = folder.path().filename().string();
            if (!expected.contains(student))
                throw UserError(student + " is in " + shard.string() +
                                ", but not in the batch. Remove it, or grade the right folder.");
            if (const auto [it, fresh] = seen.emplace(student, shard); !fresh)
                throw UserError(student + " is graded twice: in " + it->second.string() +
                                " and in " + shard.string() + ".");
            std::ifstream in(folder.path() / "grade.json");
            try {
                grades.push_back(student_grade_from_json(json::parse(in)));
                if (grades.back().student != student)
                    throw UserError("it is the grade of " + grades.back().student);
            } catch (const std::exception& error) {
                throw UserError((folder.path() / "grade.json").string() +
                                " can't be read: " + error.what() + ". Run that shard again.");
            }
        }
    }
    std::vector<std::string> missing;
    for (const std::string& student : expected)
        if (!seen.contains(student)) missing.push_back(student);
    if (!missing.empty())
        throw UserError("Not graded in any shard: " + join(missing, ", ") +
                        ". Run the missing shards first.");
    std::ranges::sort(grades, {}, &StudentGrade::student);
    for (const StudentGrade& grade : grades)
        write_state(grade_file(out, grade.student), to_json(grade));
    return grades;
}

}  // namespace cacheline::grader
