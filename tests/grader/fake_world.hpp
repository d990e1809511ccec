#pragma once

// A world for tests of the grader that is over in milliseconds: an exercise in the shell's
// language, and a compiler that puts its parts together. What goes wrong in it goes wrong for one
// student, the victim.

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
        scratch_.file("exercises/50-fake/fake.hpp", "answer() { echo todo; }\n");
        scratch_.file("solutions/50-fake/fake.hpp", kRight);
        scratch_.file("tests/50-fake/suite.cpp", kSuite);
        scratch_.file("tests/50-fake/replay.cpp", kReplay);
        script("compiler", kCompiler);
        script("bwrap", kBwrap);
        for (const std::string& student : students)
            hand_in(student, ": " + student + "\n" + kRight);
        const auto recipe = [&](const char* source) {
            return Recipe{.sources = {path("tests/50-fake") / source},
                          .readable = {scratch_.folder()},
                          .link = {scratch_.folder().string()}};
        };
        exercise_ = {
            .name = "50-fake",
            .title = "Fake",
            .folder = path("exercises/50-fake"),
            .solution = path("solutions/50-fake"),
            .corpus = path("tests/50-fake/submissions"),
            .compiler = path("compiler").string(),
            .edit = {"fake.hpp"},
            .builds = {"release"},
            .steps = {{.id = "answer", .title = "The answer", .points = 100}},
            .tests = {test("it is known"), test("it stays")},
            .recipes = {{"release", recipe("suite.cpp")}, {"replay", recipe("replay.cpp")}}};
    }

    [[nodiscard]] std::filesystem::path path(const std::string& name) const {
        return scratch_.folder() / name;
    }
    [[nodiscard]] const Exercise& exercise() const { return exercise_; }

    void hand_in(const std::string& student, const std::string& text) const {
        scratch_.file("submissions/" + student + "/fake.hpp", text);
    }

    /// Shell code that is run first, for the victim alone, in "compiler", "suite.cpp", "replay.cpp"
    /// or "bwrap".
    void inject(const std::string& where, const std::string& code) const {
        scratch_.file(where + ".fault", code);
    }

    BatchOptions options() const {
        return {.submissions = path("submissions"),
                .out = path("out"),
                .work = path("work"),
                .sandbox = &kTrusting,
                .seed = 7};
    }

    std::vector<StudentGrade> grade(const BatchOptions& options) const {
        return grade_batch({exercise_}, options);
    }
    std::vector<StudentGrade> grade() const { return grade(options()); }

    static constexpr const char* kRight = "answer() { echo 42; }\n";

private:
    static inline const Sandbox kTrusting = Sandbox::trusting();

    // The script's end: an event whose seal comes from the environment.
    static constexpr const char* kSuite = R"sh(
case $0 in */victim/*) [ ! -r "$ROOT/suite.cpp.fault" ] || . "$ROOT/suite.cpp.fault" ;; esac
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
case $0 in */victim/*) [ ! -r "$ROOT/replay.cpp.fault" ] || . "$ROOT/replay.cpp.fault" ;; esac
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
case $out in */victim/*) [ ! -r "$ROOT/compiler.fault" ] || . "$ROOT/compiler.fault" ;; esac
case $how in
    preprocess) echo "# 1 \"$source\"" > "$out" ;;
    compile)
        as -o "$out" /dev/null
        printf '\n#script\n' | cat - "$folder/fake.hpp" "$source" >> "$out"
        echo "$out: $source $folder/fake.hpp" > "$dependencies"
        ;;
    link)
        printf '#!/bin/sh\nROOT=%s\n' "$ROOT" > "$out"
        sed -n '/^#script$/,$p' $objects | grep -av '^#script$' >> "$out"
        chmod 755 "$out"
        ;;
esac
)sh";
    static constexpr const char* kBwrap = R"sh(
case "$*" in */victim/*) [ ! -r "$ROOT/bwrap.fault" ] || . "$ROOT/bwrap.fault" ;; esac
exec /usr/bin/bwrap "$@"
)sh";

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
    Exercise exercise_;
};

inline const StudentGrade& of(const std::vector<StudentGrade>& grades, const std::string& student) {
    return *std::ranges::find(grades, student, &StudentGrade::student);
}

}  // namespace cacheline::grader
