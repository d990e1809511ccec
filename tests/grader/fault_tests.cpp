// Faults of the grader's own world: never a point, always an error, and nobody else's.

#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "fake_world.hpp"
#include "file_lock.hpp"
#include "files.hpp"
#include "reports/gradebook.hpp"

namespace fs = std::filesystem;
using namespace cacheline::grader;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

constexpr int kAll = 10000;  // of one exercise's points

bool full(const StudentGrade& grade) {
    const int all = kAll * static_cast<int>(grade.exercises.size());
    return grade.error.empty() && all != 0 && grade.earned() == all && grade.possible() == all;
}

// Each of its test cases is an error.
bool is_error(const ExerciseGrade& exercise) {
    for (const StepGrade& step : exercise.steps)
        for (const CaseGrade& one : step.cases)
            if (one.verdict() != Verdict::error) return false;
    return exercise.earned() == 0 && !exercise.steps.empty();
}

// The whole grade is an error, or each of its exercises.
bool is_error(const StudentGrade& grade) {
    return !grade.error.empty() ||
           (!grade.exercises.empty() &&
            std::ranges::all_of(grade.exercises, [](const auto& one) { return is_error(one); }));
}

// The victim's one exercise is an error, and nothing else of the batch.
void check_only_the_exercise(const std::vector<StudentGrade>& grades) {
    REQUIRE(grades.size() == 2);
    CHECK(full(of(grades, "zoe")));
    const StudentGrade& victim = of(grades, "victim");
    INFO("the victim's error: " << victim.error);
    REQUIRE(victim.exercises.size() == 2);
    CHECK(is_error(victim.exercises.front()));
    CHECK(victim.exercises.front().possible() == kAll);
    CHECK(victim.exercises.back().earned() == kAll);
}

// The victim's whole grade is an error.
void check_only_the_victim_as_a_whole(const std::vector<StudentGrade>& grades) {
    REQUIRE(grades.size() == 2);
    CHECK(full(of(grades, "zoe")));
    CHECK(of(grades, "victim").earned() == 0);
    CHECK(is_error(of(grades, "victim")));
}

// Something that fails while one student is graded.
struct Fault {
    const char* name;
    const char* where;
    const char* code;
};

const std::vector<Fault> kFaults = {
    {"the compiler is gone", "compiler", "exit 127"},
    {"the compiler may not be run", "compiler", "exit 126"},
    {"the compiler is killed", "compiler", "kill -KILL $$"},
    {"the compiler is asked to end", "compiler", "kill -TERM $$"},
    {"the compiler crashes", "compiler", "kill -SEGV $$"},
    {"the compiler aborts", "compiler", "kill -ABRT $$"},
    {"the compiler meets a full disk", "compiler", "echo 'No space left on device' >&2; exit 1"},
    {"a part of the compiler is killed", "compiler",
     "echo 'g++: fatal error: Killed signal terminated program cc1plus' >&2; exit 1"},
    {"the compiler leaves nothing", "compiler", "exit 0"},
    {"the compiler leaves an empty object", "compiler",
     "if [ $how = compile ]; then : > $out; exit 0; fi"},
    {"the compiler leaves a folder", "compiler",
     "if [ $how = compile ]; then mkdir $out; exit 0; fi"},
    {"the compiler leaves a link to nowhere", "compiler", "ln -s nowhere $out; exit 0"},
    {"the preprocessor is killed", "compiler", "if [ $how = preprocess ]; then kill -KILL $$; fi"},
    {"the preprocessor leaves nothing", "compiler",
     "if [ $how = preprocess ]; then rm $out; exit 0; fi"},
    {"the linker is gone", "compiler", "if [ $how = link ]; then exit 127; fi"},
    {"the linker is killed", "compiler", "if [ $how = link ]; then kill -KILL $$; fi"},
    {"the linker leaves nothing", "compiler", "if [ $how = link ]; then exit 0; fi"},
    {"the linker leaves no program", "compiler",
     "if [ $how = link ]; then printf 'no program' > $out; exit 0; fi"},
    {"the linker leaves a folder", "compiler", "if [ $how = link ]; then mkdir $out; exit 0; fi"},
    {"the linker meets a full disk", "compiler",
     "if [ $how = link ]; then echo 'ld: final link failed: No space left on device'; exit 1; fi"},
    {"the test is killed", "suite.cpp", "kill -KILL $$"},
    {"the test's interpreter is gone", "suite.cpp", "exit 127"},
    {"the test may not be run", "suite.cpp", "exit 126"},
    {"the report breaks off in its first line", "suite.cpp",
     "printf '{\"event\":\"case\",\"na' > $CACHELINE_REPORT; exit 0"},
    {"the report breaks off in its last line", "suite.cpp",
     "printf '{\"event\":\"case\",\"name\":\"%s\"}\\n{\"event\":\"end\",\"assertions\":1,' \"$1\" "
     "> "
     "$CACHELINE_REPORT; exit 0"},
    {"the report has bytes of something else", "suite.cpp",
     "printf '\\377\\376\\000' > $CACHELINE_REPORT; exit 0"},
    {"the report vanishes", "suite.cpp", "rm $CACHELINE_REPORT; exit 0"},
    {"the report becomes a folder", "suite.cpp",
     "rm $CACHELINE_REPORT; mkdir $CACHELINE_REPORT; exit 0"},
    {"the replay is killed", "replay.cpp", "kill -KILL $$"},
    {"the replay's interpreter is gone", "replay.cpp", "exit 127"},
    {"the replay may not be run", "replay.cpp", "exit 126"},
    {"the transcript vanishes", "replay.cpp", "rm $2; exit 0"},
    {"the transcript becomes a folder", "replay.cpp", "rm $2; mkdir $2; exit 0"},
};

const std::vector<Fault> kSandboxFaults = {
    {"it fails at its start", "bwrap",
     "echo 'bwrap: No permissions to create new namespace'; exit 1"},
    {"it ends well and has done nothing", "bwrap", "exit 0"},
    {"it is killed", "bwrap", "kill -KILL $$"},
    {"it is asked to end", "bwrap", "kill -TERM $$"},
    {"it crashes", "bwrap", "kill -SEGV $$"},
    {"it is another program", "bwrap", "exec /usr/bin/true"},
    {"it ends as if the command was killed", "bwrap", "exit 137"},
    {"it does not know its options", "bwrap", "exec /usr/bin/bwrap --no-such-option \"$@\""},
    {"it may not be run", "bwrap", "exit 126"},
    {"a folder that it should show is gone", "bwrap",
     "exec /usr/bin/bwrap --ro-bind /no/such/folder /x \"$@\""},
};

void in_place_of(const fs::path& path, const char* what) {
    fs::create_directories(path.parent_path());
    const std::string kind = what;
    if (kind == "a file")
        write_file(path, "in the way");
    else if (kind == "a folder")
        fs::create_directories(path / "in" / "the way");
    else
        fs::create_symlink(kind == "a full disk" ? "/dev/full" : "/no/such/folder/file", path);
}

// Something in the way of a file that the grader writes for one student.
struct Obstacle {
    const char* what;
    std::string path;
};

const std::vector<Obstacle> kObstacles = {
    {"a file", "out/students/victim"},
    {"a link to nowhere", "out/students/victim"},
    {"a folder", "out/students/victim/grade.json"},
    {"a full disk", "out/students/victim/grade.json." + std::to_string(getpid())},
    {"a folder", "out/students/victim/grade.json." + std::to_string(getpid())},
    {"a file", "work/victim"},
    {"a link to nowhere", "work/victim"},
    {"a full disk", "work/victim/key"},
    {"a folder", "work/victim/key"},
    {"a file", "work/victim/50-fake"},
    {"a file", "work/victim/50-fake/source"},
    {"a folder", "work/victim/50-fake/source/fake.hpp"},
    {"a file", "work/victim/50-fake/release"},
    {"a folder", "work/victim/50-fake/release/release.cpp.o"},
    {"a folder", "work/victim/50-fake/release/release.cpp.o.command"},
    {"a folder", "work/victim/50-fake/release/50-fake"},
    {"a folder", "work/victim/50-fake/release/case-0.jsonl"},
    {"a folder", "work/victim/50-fake/fake.hpp.preprocessed"},
    {"a file", "work/victim/50-fake/replay"},
    {"a folder", "work/victim/50-fake/replay/transcript.txt"},
};

}  // namespace

TEST_CASE("a fault while one exercise is graded is that one's error and no other's") {
    const Fault& fault = GENERATE(from_range(kFaults));
    INFO(fault.name);
    FakeWorld world({"victim", "zoe"});
    world.add_exercise();
    world.inject(fault.where, fault.code);
    check_only_the_exercise(world.grade());
}

TEST_CASE("a sandbox that fails gives no points and no verdict on the code") {
    const Fault& fault = GENERATE(from_range(kSandboxFaults));
    INFO(fault.name);
    FakeWorld world({"victim", "zoe"});
    world.add_exercise();
    world.inject(fault.where, fault.code);
    const Sandbox sandbox = Sandbox::through(world.path("bwrap"));
    BatchOptions options = world.options();
    options.sandbox = &sandbox;
    check_only_the_exercise(world.grade(options));
}

TEST_CASE("what can't be written is an error") {
    const Obstacle& obstacle = GENERATE(from_range(kObstacles));
    INFO(obstacle.what << " in place of " << obstacle.path);
    FakeWorld world({"victim", "zoe"});
    world.add_exercise();
    in_place_of(world.path(obstacle.path), obstacle.what);
    if (obstacle.path.find("50-fake") == std::string::npos)
        check_only_the_victim_as_a_whole(world.grade());
    else
        check_only_the_exercise(world.grade());
}

TEST_CASE("a sandbox that vanishes half-way costs nobody a point in the end") {
    const FakeWorld world;
    const Sandbox sandbox = Sandbox::through(world.path("bwrap"));
    BatchOptions options = world.options();
    options.sandbox = &sandbox;
    options.progress = [&](const std::string& text) {
        if (text.starts_with("graded 1")) fs::rename(world.path("bwrap"), world.path("elsewhere"));
    };
    const std::vector<StudentGrade> broken = world.grade(options);
    CHECK(full(of(broken, "ada")));
    for (const char* const student : {"victim", "zoe"}) {
        CHECK(of(broken, student).earned() == 0);
        CHECK_THAT(of(broken, student).error, ContainsSubstring("sandbox failed"));
    }
    // What was an error is tried again.
    fs::rename(world.path("elsewhere"), world.path("bwrap"));
    options.progress = [](const std::string&) {};
    for (const StudentGrade& grade : world.grade(options))
        CHECK(full(grade));
}

TEST_CASE("a reference that does not build or pass stops everything") {
    const FakeWorld world;
    const auto [file, text] = GENERATE(
        table<std::string, std::string>({{"solutions/50-fake/fake.hpp", "answer() { echo 7; }"},
                                         {"compiler", "#!/bin/sh\nexit 127\n"},
                                         {"compiler", "#!/bin/sh\nexit 1\n"},
                                         {"tests/50-fake/suite.cpp", "exit 0"}}));
    write_file(world.path(file), text);
    CHECK_THROWS_AS(world.grade(), UserError);
    CHECK_FALSE(fs::exists(world.path("out/students")));
}

TEST_CASE("a submission that vanishes or changes its kind is an error") {
    const FakeWorld world;
    const bool becomes_a_file = GENERATE(false, true);
    BatchOptions options = world.options();
    options.progress = [&](const std::string& text) {
        if (!text.starts_with("graded 1")) return;
        fs::remove_all(world.path("submissions/victim"));
        if (becomes_a_file) write_file(world.path("submissions/victim"), "no folder");
    };
    const std::vector<StudentGrade> grades = world.grade(options);
    CHECK(full(of(grades, "ada")));
    CHECK(full(of(grades, "zoe")));
    CHECK(of(grades, "victim").earned() == 0);
    CHECK(is_error(of(grades, "victim")));
}

TEST_CASE("two graders do not work on one folder") {
    const FakeWorld world;
    fs::create_directories(world.path("out"));
    const std::optional<FileLock> other = FileLock::attempt(world.path("out/.lock"));
    REQUIRE(other);
    CHECK_THROWS_MATCHES(world.grade(), UserError,
                         MessageMatches(ContainsSubstring("Another grader")));
    CHECK_FALSE(fs::exists(world.path("out/students")));
}

TEST_CASE("without descriptors there is an error and no crash") {
    const FakeWorld world;
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    BatchOptions options = world.options();
    options.progress = [&](const std::string& text) {
        const rlimit few{.rlim_cur = 3, .rlim_max = before.rlim_max};
        setrlimit(RLIMIT_NOFILE, text.starts_with("graded 1") ? &few : &before);
    };
    const std::vector<StudentGrade> grades = world.grade(options);
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK(full(of(grades, "ada")));
    CHECK(of(grades, "victim").earned() == 0);
    CHECK(is_error(of(grades, "victim")));
    CHECK(full(of(grades, "zoe")));
}

TEST_CASE("an exercise that met a fault is tried again") {
    FakeWorld world({"victim"});
    world.add_exercise();
    world.inject("compiler", "exit 127");
    const StudentGrade broken = world.grade().front();
    CHECK_THAT(broken.error, ContainsSubstring("50-fake: the grader failed"));
    CHECK(broken.earned() == kAll);
    world.inject("compiler", ":");
    CHECK(full(world.grade().front()));
}

TEST_CASE("an error is no points in the gradebook") {
    const FakeWorld world;
    world.inject("compiler", "exit 127");
    const std::string book = gradebook(world.grade());
    CHECK_THAT(book, ContainsSubstring("ada,100,100,100,100,,,\r\n"));
    CHECK_THAT(book, ContainsSubstring("victim,0,100,0,0,,,"));
}
