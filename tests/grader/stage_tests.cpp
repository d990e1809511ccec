// What the compiler gets to see of a submission.

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "files.hpp"
#include "scratch.hpp"
#include "stage.hpp"

namespace fs = std::filesystem;
using namespace cacheline::grader;
using Catch::Matchers::ContainsSubstring;

namespace {

/// A sample exercise, and a submission to it in the making.
class Work {
public:
    Work() {
        exercise_ = {.name = "99-sample",
                     .folder = scratch_.folder() / "exercises" / "99-sample",
                     .edit = {"sample.hpp", "sample.cpp"},
                     .given = {"types.hpp"}};
        scratch_.file("exercises/99-sample/types.hpp", "given");
        write("sample.hpp", "mine");
        write("sample.cpp", "mine");
    }

    void write(const std::string& name, const std::string& text) {
        scratch_.file("ada/" + name, text);
    }
    void remove(const std::string& name) { fs::remove(scratch_.folder() / "ada" / name); }
    [[nodiscard]] Stage stage() const {
        return {exercise_, scratch_.folder() / "ada", scratch_.folder() / "work", "ada"};
    }

private:
    Scratch scratch_;
    Exercise exercise_;
};

}  // namespace

TEST_CASE("a stage holds what the student wrote and what is given, and follows both") {
    Work work;
    work.write("helper.hpp", "more of mine");
    work.write("types.hpp", "not theirs to change");
    work.write("notes.txt", "no C++");
    const Stage stage = work.stage();
    CHECK(stage.faults().empty());
    CHECK(stage.written() == std::vector<std::string>{"sample.hpp", "sample.cpp", "helper.hpp"});
    CHECK(read_file(stage.source() / "helper.hpp") == "more of mine");
    CHECK(read_file(stage.source() / "types.hpp") == "given");
    CHECK_FALSE(fs::exists(stage.source() / "notes.txt"));

    work.remove("helper.hpp");
    CHECK_FALSE(fs::exists(work.stage().source() / "helper.hpp"));
}

TEST_CASE("a file that is missing, and one that hides a system header, are told") {
    Work work;
    work.remove("sample.cpp");
    work.write("string.h", "mine");
    const Stage stage = work.stage();
    REQUIRE(stage.faults().size() == 2);
    CHECK(stage.faults().front() == "ada has no sample.cpp.");
    CHECK_THAT(stage.faults().back(),
               ContainsSubstring("string.h") && ContainsSubstring("another name"));
}
