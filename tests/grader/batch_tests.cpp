// A batch: what is reused, how shards are joined, and that the same gives the same.

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "batch_reports.hpp"
#include "fake_world.hpp"
#include "files.hpp"

namespace fs = std::filesystem;
using namespace cacheline::grader;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

namespace {

std::string grade_text(const FakeWorld& world, const std::string& student,
                       const std::string& out = "out") {
    return read_file(world.path(out + "/students/" + student + "/grade.json"));
}

// How often the compiler has run so far, for the victim.
std::size_t compilations(const FakeWorld& world) {
    return read_file(world.path("count")).size();
}

void count_compilations(const FakeWorld& world) {
    world.inject("compiler", "printf x >> $ROOT/count");
}

BatchOptions shard(const FakeWorld& world, std::size_t number, std::size_t of,
                   const std::string& out) {
    BatchOptions options = world.options();
    options.shard = number;
    options.shards = of;
    options.out = world.path(out);
    return options;
}

void grade_two_shards(const FakeWorld& world) {
    REQUIRE(world.grade(shard(world, 1, 2, "one")).size() == 2);
    REQUIRE(world.grade(shard(world, 2, 2, "two")).size() == 1);
}

auto merging(const FakeWorld& world) {
    return merge_shards({world.path("one"), world.path("two")}, world.path("all"));
}

}  // namespace

TEST_CASE("what is finished is not done again") {
    const FakeWorld world;
    count_compilations(world);
    const std::vector<StudentGrade> first = world.grade();
    const std::size_t once = compilations(world);
    REQUIRE(once > 0);
    CHECK(world.grade() == first);
    CHECK(compilations(world) == once);
}

TEST_CASE("what has changed is done again: the submission, the suite, the reference or the seed") {
    const FakeWorld world;
    count_compilations(world);
    BatchOptions options = world.options();
    REQUIRE(world.grade(options).size() == 3);
    const std::size_t once = compilations(world);
    const int what = GENERATE(0, 1, 2, 3);
    if (what == 0) world.hand_in("victim", "answer() { echo 7; }\n");
    if (what == 1)
        write_file(world.path("tests/50-fake/suite.cpp"),
                   "# new\n" + read_file(world.path("tests/50-fake/suite.cpp")));
    if (what == 2)
        write_file(world.path("solutions/50-fake/fake.hpp"), ": new\nanswer() { echo 42; }\n");
    if (what == 3) options.seed = 8;
    const std::vector<StudentGrade> again = world.grade(options);
    CHECK(compilations(world) > once);
    CHECK(of(again, "victim").earned() == (what == 0 ? 0 : 10000));
}

TEST_CASE("a grade on disk that is damaged is made anew") {
    const FakeWorld world;
    const std::vector<StudentGrade> first = world.grade();
    const std::string good = grade_text(world, "victim");
    const fs::path file = world.path("out/students/victim/grade.json");
    const auto replaced = [&](const std::string& from, const std::string& to) {
        std::string text = good;
        return text.replace(text.find(from), from.size(), to);
    };
    const std::vector<std::string> damages = {"",
                                              "{",
                                              "null",
                                              "[1, 2]",
                                              "\xff\xfe",
                                              good.substr(0, good.size() / 2),
                                              std::string(100'000, '['),
                                              replaced("\"points\": 100.0", "\"points\": 99.0"),
                                              replaced("\"version\": 1", "\"version\": 2"),
                                              replaced("\"passed\"", "\"perfect\""),
                                              replaced("\"seed\": \"7\"", "\"seed\": \"seven\""),
                                              grade_text(world, "ada")};
    for (const std::string& damaged : damages) {
        INFO(damaged.substr(0, 200));
        write_file(file, damaged);
        CHECK(world.grade() == first);
        CHECK(read_file(file) == good);
    }
}

TEST_CASE("a run that was killed goes on where it was") {
    const FakeWorld world;
    count_compilations(world);
    BatchOptions options = world.options();
    // Killed while it wrote the last grade.
    world.grade(options);
    const std::size_t once = compilations(world);
    write_file(world.path("out/students/zoe/grade.json"), "{\"version\": 1, \"stu");
    write_file(world.path("out/students/zoe/grade.json.123"), "{\"version\": 1, \"stu");
    const std::vector<StudentGrade> again = world.grade();
    CHECK(compilations(world) == once);
    CHECK(of(again, "zoe").earned() == 10000);
}

TEST_CASE(
    "a run that draws its own seed leaves what is finished, and gives it to what has changed") {
    const FakeWorld world;
    count_compilations(world);
    BatchOptions options = world.options();
    options.any_seed = true;
    const std::vector<StudentGrade> first = world.grade(options);
    const std::size_t once = compilations(world);
    options.seed = 8;
    CHECK(world.grade(options) == first);
    CHECK(compilations(world) == once);
    world.hand_in("victim", "answer() { echo 7; }\n");
    const std::vector<StudentGrade> second = world.grade(options);
    CHECK(of(second, "ada") == of(first, "ada"));
    CHECK(of(second, "ada").seed == 7);
    CHECK(of(second, "victim").seed == 8);
}

TEST_CASE("the same files are graded once, whoever hands them in") {
    const FakeWorld world({"ada", "twin", "victim"});
    count_compilations(world);
    for (const char* const student : {"twin", "victim"})
        world.hand_in(student, FakeWorld::kRight);
    const std::vector<StudentGrade> grades = world.grade();
    CHECK(compilations(world) == 0);
    CHECK(of(grades, "victim").exercises == of(grades, "twin").exercises);
    CHECK(of(grades, "victim").earned() == 10000);
    // On any number of threads, and whoever comes first.
    BatchOptions options = world.options();
    options.jobs = 3;
    options.out = world.path("again");
    CHECK(world.grade(options) == grades);
}

TEST_CASE("a fault of the grader's while it graded the same files for another is not shared") {
    const FakeWorld world({"victim", "zoe"});
    for (const char* const student : {"victim", "zoe"})
        world.hand_in(student, FakeWorld::kRight);
    world.inject("compiler", "exit 127");
    const std::vector<StudentGrade> grades = world.grade();
    CHECK(of(grades, "victim").earned() == 0);
    CHECK_FALSE(of(grades, "victim").error.empty());
    CHECK(of(grades, "zoe").earned() == 10000);
}

TEST_CASE("a test case that fails in the release build is not run in another") {
    FakeWorld world({"ada", "crash", "victim"});
    world.add_sanitizer();
    world.hand_in("victim", "answer() { echo 7; }\n");
    world.hand_in("crash", "answer() { kill -SEGV $$; }\n");
    const std::vector<StudentGrade> grades = world.grade();
    const auto last_run = [&](const char* student) {
        const std::vector<BuildRun>& runs =
            of(grades, student).exercises.front().steps.front().cases.front().runs;
        REQUIRE(runs.size() == 2);
        return runs.back().verdict;
    };
    CHECK(last_run("ada") == Verdict::passed);
    CHECK(last_run("victim") == Verdict::skipped);
    CHECK(last_run("crash") == Verdict::crashed);  // it may say why
    CHECK(of(grades, "ada").earned() == 10000);
    CHECK(of(grades, "victim").earned() == 0);
}

TEST_CASE("the same batch gives the same bytes, on any number of jobs") {
    const FakeWorld one;
    const FakeWorld two;
    one.grade();
    BatchOptions options = two.options();
    options.jobs = 3;
    two.grade(options);
    for (const char* const student : {"ada", "victim", "zoe"})
        CHECK(grade_text(one, student).substr(grade_text(one, student).find("\"points\"")) ==
              grade_text(two, student).substr(grade_text(two, student).find("\"points\"")));
    const std::string before = grade_text(two, "ada");
    fs::remove_all(two.path("out"));
    fs::remove_all(two.path("work"));
    two.grade(options);
    CHECK(grade_text(two, "ada") == before);
}

TEST_CASE("shards share out the students and are joined to the whole") {
    const FakeWorld world;
    grade_two_shards(world);
    const std::vector<StudentGrade> all = merging(world);
    REQUIRE(all.size() == 3);
    CHECK(all.front().student == "ada");
    for (const StudentGrade& grade : all)
        CHECK(grade.earned() == 10000);
    world.grade();
    for (const char* const student : {"ada", "victim", "zoe"})
        CHECK(grade_text(world, student, "all") == grade_text(world, student));
}

TEST_CASE("an archive that leads out in one exercise is graded in the others, and only there") {
    FakeWorld world({"ada"});
    world.add_exercise();
    write_file(world.path("hostile"), FakeWorld::kRight);
    REQUIRE(run({.arguments = {"/usr/bin/tar", "-czPf", world.path("submissions/eve.tar.gz"),
                               "--transform=s|^hostile|../50-fake/fake.hpp|", "-C", world.path("."),
                               "hostile", "-C", world.path("submissions/ada"), "fake.hpp",
                               "other.hpp"}})
                .ok());
    const std::vector<StudentGrade> grades = world.grade();
    const StudentGrade& eve = of(grades, "eve");
    CHECK(eve.error.empty());
    CHECK(eve.attacked());
    REQUIRE(eve.exercises.size() == 2);
    CHECK(eve.exercises.front().earned() == 0);
    CHECK(eve.exercises.front().possible() == 10000);
    REQUIRE(eve.exercises.front().notes.size() == 1);
    CHECK_THAT(eve.exercises.front().notes.front(), ContainsSubstring("leads out of the archive"));
    CHECK(eve.exercises.back().earned() == 10000);
    CHECK(world.grade() == grades);  // final: not tried again
    // Without that path it is another submission, though all that is graded is the same.
    REQUIRE(run({.arguments = {"/usr/bin/tar", "-czf", world.path("submissions/eve.tar.gz"), "-C",
                               world.path("submissions/ada"), "fake.hpp", "other.hpp"}})
                .ok());
    CHECK(of(world.grade(), "eve").earned() == 20000);
}

TEST_CASE("speed that is left out counts on neither side, for right answers and wrong ones") {
    FakeWorld world({"ada"});
    world.add_speed_step();
    world.hand_in("victim", "answer() { echo 7; }\n");
    fs::create_directories(world.path("submissions/zoe"));
    write_file(world.path("submissions/zoe/notes.txt"), "nothing else");
    BatchOptions options = world.options();
    options.speed = false;
    const std::vector<StudentGrade> grades = world.grade(options);
    CHECK(of(grades, "ada").earned() == 8000);
    CHECK(of(grades, "victim").earned() == 0);
    for (const StudentGrade& grade : grades)
        CHECK(grade.possible() == 8000);
}

TEST_CASE("a student's name may be anything that a folder's can") {
    const std::string name =
        GENERATE("Kim \"Lee\" O'Hara", "=1+1", "two words", "\u00dcnal", "a\\b", "$(id)");
    INFO(name);
    const FakeWorld world({name});
    world.hand_in(name, FakeWorld::kRight);
    const Sandbox sandbox = Sandbox::through(world.path("bwrap"));
    BatchOptions options = world.options();
    options.sandbox = &sandbox;
    const StudentGrade grade = world.grade(options).front();
    CHECK(grade.student == name);
    CHECK(grade.error.empty());
    CHECK(grade.earned() == 10000);
    CHECK(grade.flags.empty());
}

TEST_CASE("joining shards fails where a student is missing, doubled, unknown or another") {
    const FakeWorld world;
    grade_two_shards(world);
    const std::string students = "/students/";
    SECTION("missing") {
        CHECK_THROWS_MATCHES(merge_shards({world.path("one")}, world.path("all")), UserError,
                             MessageMatches(ContainsSubstring("victim")));
    }
    SECTION("a shard twice") {
        CHECK_THROWS_MATCHES(
            merge_shards({world.path("one"), world.path("one")}, world.path("all")), UserError,
            MessageMatches(ContainsSubstring("twice")));
    }
    SECTION("doubled") {
        fs::copy(world.path("one/students/ada"), world.path("two/students/ada"),
                 fs::copy_options::recursive);
        CHECK_THROWS_MATCHES(merging(world), UserError, MessageMatches(ContainsSubstring("ada")));
    }
    SECTION("unknown") {
        fs::copy(world.path("one/students/ada"), world.path("two/students/eve"),
                 fs::copy_options::recursive);
        CHECK_THROWS_MATCHES(merging(world), UserError, MessageMatches(ContainsSubstring("eve")));
    }
    SECTION("another's grade") {
        fs::copy_file(world.path("one/students/ada/grade.json"),
                      world.path("two/students/victim/grade.json"),
                      fs::copy_options::overwrite_existing);
        CHECK_THROWS_MATCHES(merging(world), UserError, MessageMatches(ContainsSubstring("ada")));
    }
    SECTION("a grade that is cut off") {
        write_file(world.path("two/students/victim/grade.json"), "{\"version\"");
        CHECK_THROWS_MATCHES(merging(world), UserError,
                             MessageMatches(ContainsSubstring("victim")));
    }
    SECTION("a grade that is gone") {
        fs::remove(world.path("two/students/victim/grade.json"));
        CHECK_THROWS_AS(merging(world), UserError);
    }
    SECTION("no shard") {
        fs::remove(world.path("two/batch.json"));
        CHECK_THROWS_MATCHES(merging(world), UserError,
                             MessageMatches(ContainsSubstring("batch.json")));
    }
    SECTION("an index that is damaged") {
        write_file(world.path("two/batch.json"), "{\"students\": 7}");
        CHECK_THROWS_AS(merging(world), UserError);
    }
    SECTION("a shard of another batch") {
        world.hand_in("eve", FakeWorld::kRight);
        world.grade(shard(world, 2, 2, "two"));
        CHECK_THROWS_MATCHES(merging(world), UserError,
                             MessageMatches(ContainsSubstring("another batch")));
    }
    CHECK_FALSE(fs::exists(world.path("all" + students)));
}

TEST_CASE("a shard's number is K/N") {
    BatchOptions options{};
    parse_shard("2/8", options);
    CHECK(options.shard == 2);
    CHECK(options.shards == 8);
    for (const char* const wrong :
         {"", "2", "0/8", "9/8", "-1/8", "2/8/1", "a/b", "1/0", "9999999/9999999"})
        CHECK_THROWS_AS(parse_shard(wrong, options), UserError);
}

TEST_CASE("two submissions of one name are told, and none is lost") {
    const FakeWorld world;
    write_file(world.path("submissions/ada.zip"), "");
    CHECK_THROWS_MATCHES(world.grade(), UserError,
                         MessageMatches(ContainsSubstring("two submissions of ada")));
}

TEST_CASE("an empty folder of submissions is told") {
    const FakeWorld world;
    fs::remove_all(world.path("submissions"));
    CHECK_THROWS_AS(world.grade(), UserError);
    fs::create_directories(world.path("submissions"));
    CHECK_THROWS_MATCHES(world.grade(), UserError,
                         MessageMatches(ContainsSubstring("no submission")));
}

TEST_CASE("the random seed of a batch is used whole, and repeats it") {
    const FakeWorld world;
    BatchOptions options = world.options();
    options.seed = 0xFEDC'BA98'7654'3210;
    CHECK(of(world.grade(options), "ada").seed == options.seed);
    CHECK_THAT(grade_text(world, "ada"), ContainsSubstring("\"seed\": \"18364758544493064720\""));
}

TEST_CASE("Classroom 50 is told when the commit was made") {
    const FakeWorld world({"ada"});
    write_file(world.path("event.json"),
               R"({"head_commit": {"timestamp": "2026-06-01T14:32:01+02:00"}})");
    for (const char* const name : {"CLASSROOM", "ASSIGNMENT", "ASSIGNMENT_TYPE", "OWNER",
                                   "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL", "REVIEW_URL"})
        setenv(name, "x", 1);
    setenv("GITHUB_EVENT_PATH", world.path("event.json").c_str(), 1);
    write_student_reports(world.grade().front(), world.path("reports"));
    CHECK_THAT(read_file(world.path("reports/classroom50.json")),
               ContainsSubstring("2026-06-01T14:32:01+02:00"));
}
