#pragma once

// A world for tests of the grader that is over in milliseconds: two exercises in the shell's
// language, and a compiler that puts their parts together. What goes wrong in it goes wrong for one
// student, the victim, in one exercise.

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "batch.hpp"
#include "scratch.hpp"

namespace cacheline::grader {

class FakeWorld {
public:
    explicit FakeWorld(const std::vector<std::string>& students = {"ada", "victim", "zoe"}) {
        script("compiler", kCompiler);
        script("bwrap", kBwrap);
        for (const std::string& student : students)
            hand_in(student, ": " + student + "\n" + kRight);
        exercises_ = {make_exercise("50-fake", "fake.hpp")};
    }

    /// A second exercise, of which everybody hands in the reference, other.hpp. Nothing goes wrong
    /// in it.
    void add_exercise() {
        exercises_.push_back(make_exercise("51-other", "other.hpp"));
        for (const auto& student : std::filesystem::directory_iterator(path("submissions")))
            std::filesystem::copy(path("solutions/51-other/other.hpp"), student.path());
    }

    [[nodiscard]] std::filesystem::path path(const std::string& name) const {
        return scratch_.folder() / name;
    }

    void hand_in(const std::string& student, const std::string& text) const {
        scratch_.file("submissions/" + student + "/fake.hpp", text);
    }

    /// Shell code that is run first, for the victim alone, in "compiler", "suite.cpp", "replay.cpp"
    /// or "bwrap".
    void inject(const std::string& where, const std::string& code) const {
        scratch_.file(where + ".fault", code);
    }

    /// A step that a benchmark decides, and that no test case belongs to.
    void add_speed_step() {
        exercises_.front().steps.push_back(
            {.id = "speed", .title = "Speed", .points = 20, .benchmark = "Answer"});
        exercises_.front().steps.front().points = 80;
    }

    /// A second build, which differs in nothing but its name.
    void add_sanitizer() {
        Exercise& exercise = exercises_.front();
        exercise.builds.emplace_back("asan");
        exercise.recipes["asan"] = exercise.recipes["release"];
        for (TestCase& test : exercise.tests)
            test.builds.emplace_back("asan");
    }

    BatchOptions options() const {
        return {.submissions = path("submissions"),
                .out = path("out"),
                .work = path("work"),
                .sandbox = &kTrusting,
                .seed = 7};
    }

    std::vector<StudentGrade> grade(const BatchOptions& options) const {
        return grade_batch(exercises_, options);
    }
    std::vector<StudentGrade> grade() const { return grade(options()); }

    static constexpr const char* kRight = "answer() { echo 42; }\n";

private:
    static inline const Sandbox kTrusting = Sandbox::trusting();

    // The script's end: an event whose seal comes from the environment.
    static constexpr const char* kSuite = R"sh(
case $0 in */victim/50-fake/*) [ ! -r "$ROOT/suite.cpp.fault" ] || . "$ROOT/suite.cpp.fault" ;; esac
printf '{"event":"case","name":"%s"}\n' "$1" > "$CACHELINE_REPORT"
failures=0
if [ "$(answer)" != 42 ]; then
    failures=1
    printf '{"event":"failure","kind":"check","check":"answer == 42"}\n' >> "$CACHELINE_REPORT"
fi
printf '{"event":"end","assertions":1,"failures":%s,"seal":"%s"}\n' $failures "$CACHELINE_SEAL" \
    >> "$CACHELINE_REPORT"
exit $failures
)sh";
    static constexpr const char* kReplay = R"sh(
case $0 in */victim/50-fake/*) [ ! -r "$ROOT/replay.cpp.fault" ] || . "$ROOT/replay.cpp.fault" ;; esac
printf 'answer\t%s\n' "$(answer)" > "$2"
)sh";
    // An object is an empty one of the assembler's with the script behind it.
    static constexpr const char* kCompiler = R"sh(
out= source= folder= objects= how=link dependencies=/dev/null
while [ $# -gt 0 ]; do
    case $1 in
        -o) out=$2; shift ;;
        -c) how=compile; source=$2; shift ;;
        -E) how=preprocess ;;
        -x) shift ;;
        -MF) dependencies=$2; shift ;;
        -I*) folder=${folder:-${1#-I}} ;;
        -*) ;;
        *.o) objects="$objects $1" ;;
        *) source=$1 ;;
    esac
    shift
done
case $out in */victim/50-fake/*) [ ! -r "$ROOT/compiler.fault" ] || . "$ROOT/compiler.fault" ;; esac
case $how in
    preprocess) echo "# 1 \"$source\"" > "$out" ;;
    compile)
        as -o "$out" /dev/null
        included=$(sed -n 's/^#include "\(.*\)"$/\1/p' "$source")
        printf '\n#script\n' | cat - "$folder"/*.hpp ${included:-"$source"} >> "$out"
        echo "$out: $source $included" "$folder"/*.hpp > "$dependencies"
        ;;
    link)
        printf '#!/bin/sh\nROOT=%s\n' "$ROOT" > "$out"
        sed -n '/^#script$/,$p' $objects | grep -av '^#script$' >> "$out"
        chmod 755 "$out"
        ;;
esac
)sh";
    static constexpr const char* kBwrap = R"sh(
case "$*" in */victim/50-fake/*) [ ! -r "$ROOT/bwrap.fault" ] || . "$ROOT/bwrap.fault" ;; esac
exec /usr/bin/bwrap "$@"
)sh";

    Exercise make_exercise(const std::string& name, const char* file) const {
        scratch_.file("exercises/" + name + "/" + file, "answer() { echo todo; }\n");
        scratch_.file("solutions/" + name + "/" + file, kRight);
        scratch_.file("tests/" + name + "/suite.cpp", kSuite);
        scratch_.file("tests/" + name + "/replay.cpp", kReplay);
        const auto recipe = [&](const char* source) {
            return Recipe{.sources = {path("tests/" + name) / source},
                          .readable = {scratch_.folder()},
                          .link = {scratch_.folder().string()}};
        };
        return {.name = name,
                .title = "Fake",
                .folder = path("exercises/" + name),
                .solution = path("solutions/" + name),
                .corpus = path("tests/" + name + "/submissions"),
                .compiler = path("compiler").string(),
                .edit = {file},
                .builds = {"release"},
                .steps = {{.id = "answer", .title = "The answer", .points = 100}},
                .tests = {test("it is known"), test("it stays")},
                .recipes = {{"release", recipe("suite.cpp")}, {"replay", recipe("replay.cpp")}}};
    }

    static TestCase test(const char* name) {
        return {.name = name, .step = "answer", .source = "", .builds = {"release"}};
    }

    void script(const std::string& name, const std::string& text) const {
        const std::filesystem::path file = scratch_.file(
            name, "#!/bin/sh\nLC_ALL=C\nROOT=" + scratch_.folder().string() + "\n" + text);
        std::filesystem::permissions(file, std::filesystem::perms::owner_all |
                                               std::filesystem::perms::others_read |
                                               std::filesystem::perms::others_exec);
    }

    Scratch scratch_;
    std::vector<Exercise> exercises_;
};

inline const StudentGrade& of(const std::vector<StudentGrade>& grades, const std::string& student) {
    return *std::ranges::find(grades, student, &StudentGrade::student);
}

}  // namespace cacheline::grader
