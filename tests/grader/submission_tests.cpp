// Reading what a student has handed in, whatever it is.

#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "files.hpp"
#include "own_files.hpp"
#include "process.hpp"
#include "scratch.hpp"
#include "submission.hpp"

namespace fs = std::filesystem;
using namespace cacheline::grader;
using Catch::Matchers::ContainsSubstring;

namespace {

const Sandbox kTrusting = Sandbox::trusting();

const Exercise kRing{.name = "06-ring-buffer", .edit = {"ring_buffer.hpp"}};
const Exercise kAllocator{
    .name = "05-allocator", .edit = {"allocator.hpp", "global_new.cpp"}, .given = {"report.hpp"}};
const std::vector<Exercise> kCatalog{kAllocator, kRing};

// A student's folder in the making, which can be handed in as it is or packed.
class HandIn {
public:
    HandIn() { fs::create_directories(folder()); }

    [[nodiscard]] fs::path folder() const { return scratch_.folder() / "ada"; }
    HandIn& with(const std::string& name, const std::string& text = "text") {
        scratch_.file("ada/" + name, text);
        return *this;
    }
    [[nodiscard]] fs::path packed(const std::string& ending) const {
        fs::path archive = scratch_.folder() / ("ada" + ending);
        std::vector<std::string> arguments{"/usr/bin/bsdtar", "-caf", archive.string(), "-C",
                                           folder().string(), "."};
        REQUIRE(run({.arguments = arguments}).ok());
        return archive;
    }
    // What of it is laid out for the exercise, as "name=text" lines.
    std::string laid_out(const Submission& submission, const Exercise& exercise) {
        refused_ = submission.lay_out(exercise, scratch_.folder() / "out", kCatalog);
        std::string all;
        for (const std::string& file : written_files(exercise, scratch_.folder() / "out"))
            if (fs::exists(scratch_.folder() / "out" / file))
                all += file + "=" + read_file(scratch_.folder() / "out" / file) + "\n";
        return all;
    }
    [[nodiscard]] const std::vector<std::string>& refused() const { return refused_; }

private:
    Scratch scratch_;
    std::vector<std::string> refused_;
};

}  // namespace

TEST_CASE("a file is found in the workbook's layout or flat, in a folder or an archive") {
    const std::string name =
        GENERATE("ring_buffer.hpp", "06-ring-buffer/ring_buffer.hpp", "ring-buffer/ring_buffer.hpp",
                 "exercises/06-ring-buffer/ring_buffer.hpp", "ada's work (final)/ring_buffer.hpp",
                 "a/b/c/06-ring-buffer/ring_buffer.hpp");
    const std::string ending = GENERATE("", ".zip", ".tar.gz", ".tgz");
    INFO(name << ' ' << ending);
    HandIn work;
    work.with(name, "mine").with("README.md").with("06-ring-buffer/.git/config");
    const Submission submission(ending.empty() ? work.folder() : work.packed(ending), kTrusting);
    CHECK(submission.error().empty());
    CHECK(work.laid_out(submission, kRing) == "ring_buffer.hpp=mine\n");
    CHECK(work.refused().empty());
    CHECK(Submission::student_name(work.folder().string() + ending) == "ada");
}

TEST_CASE("the layout goes before what lies flat, and exercises do not mix") {
    HandIn work;
    work.with("06-ring-buffer/ring_buffer.hpp", "right")
        .with("ring_buffer.hpp", "old")
        .with("07-parallel-processor/ring_buffer.hpp", "other");
    const Submission submission(work.folder(), kTrusting);
    CHECK(work.laid_out(submission, kRing) == "ring_buffer.hpp=right\n");
}

TEST_CASE("some of an exercise's files are taken without the others") {
    HandIn work;
    work.with("global_new.cpp", "half");
    const Submission submission(work.folder(), kTrusting);
    CHECK(work.laid_out(submission, kAllocator) == "global_new.cpp=half\n");
}

TEST_CASE("files that a student has added beside the exercise's come with them") {
    const std::string ending = GENERATE("", ".zip", ".tar.gz");
    HandIn work;
    work.with("05-allocator/allocator.hpp", "mine")
        .with("05-allocator/global_new.cpp", "new")
        .with("05-allocator/places.hpp", "a header")
        .with("05-allocator/places.cc", "a source")
        .with("05-allocator/report.hpp", "a given file that was changed")
        .with("05-allocator/notes.txt", "notes")
        .with("05-allocator/old/allocator2.hpp", "elsewhere")
        .with("06-ring-buffer/ring_buffer.hpp", "ring")
        .with("06-ring-buffer/pause.hpp", "of another exercise");
    const Submission submission(ending.empty() ? work.folder() : work.packed(ending), kTrusting);
    CHECK(work.laid_out(submission, kAllocator) ==
          "allocator.hpp=mine\nglobal_new.cpp=new\nplaces.cc=a source\nplaces.hpp=a header\n");
    CHECK(work.refused().empty());
    CHECK(work.laid_out(submission, kRing) ==
          "ring_buffer.hpp=ring\npause.hpp=of another exercise\n");
}

TEST_CASE("added files come flat as well; of several exercises' files only headers do") {
    HandIn work;
    work.with("ring_buffer.hpp", "ring").with("pause.hpp", "p").with("pause.cpp", "q");
    CHECK(work.laid_out(Submission(work.folder(), kTrusting), kRing) ==
          "ring_buffer.hpp=ring\npause.cpp=q\npause.hpp=p\n");
    CHECK(work.refused().empty());

    work.with("allocator.hpp", "mine").with("global_new.cpp", "new").with("report.hpp", "given");
    const Submission mixed(work.folder(), kTrusting);
    CHECK(work.laid_out(mixed, kRing) == "ring_buffer.hpp=ring\npause.hpp=p\n");
    REQUIRE(work.refused().size() == 1);
    CHECK_THAT(work.refused().front(),
               ContainsSubstring("pause.cpp") && ContainsSubstring("a folder for each exercise"));
}

TEST_CASE("more added files than anybody needs are refused together") {
    const std::size_t count = GENERATE(Submission::kMostOwn, Submission::kMostOwn + 1);
    HandIn work;
    work.with("ring_buffer.hpp");
    for (std::size_t i = 0; i < count; ++i)
        work.with("part" + std::to_string(i) + ".hpp");
    (void)work.laid_out(Submission(work.folder(), kTrusting), kRing);
    CHECK(work.refused().size() == (count > Submission::kMostOwn ? 1 : 0));
}

TEST_CASE("two files of one name are both refused, with both names") {
    HandIn work;
    work.with("a/ring_buffer.hpp").with("b/ring_buffer.hpp");
    const std::string ending = GENERATE("", ".zip");
    const Submission submission(ending.empty() ? work.folder() : work.packed(ending), kTrusting);
    CHECK(work.laid_out(submission, kRing).empty());
    REQUIRE(work.refused().size() == 1);
    CHECK_THAT(work.refused().front(),
               ContainsSubstring("a/ring_buffer.hpp") && ContainsSubstring("b/ring_buffer.hpp"));
}

TEST_CASE("a file that is too long is refused, one that just fits is not") {
    const std::size_t size = GENERATE(Submission::kLongest, Submission::kLongest + 1);
    const std::string ending = GENERATE("", ".tar.gz");
    HandIn work;
    work.with("ring_buffer.hpp", std::string(size, 'x'));
    const Submission submission(ending.empty() ? work.folder() : work.packed(ending), kTrusting);
    const bool fits = size == Submission::kLongest;
    CHECK(work.laid_out(submission, kRing).empty() == !fits);
    CHECK(work.refused().empty() == fits);
}

TEST_CASE("names that are no text are refused with a sentence") {
    const std::string name = GENERATE(std::string("caf\xe9"), std::string("\xff\xfe"),
                                      std::string("a\nb"), std::string("\x1b[2J"));
    HandIn work;
    work.with(name + "/ring_buffer.hpp");
    const std::string ending = GENERATE("", ".tar.gz");
    const Submission submission(ending.empty() ? work.folder() : work.packed(ending), kTrusting);
    CHECK(work.laid_out(submission, kRing).empty());
    REQUIRE(submission.flags().size() == 1);
    CHECK_THAT(submission.flags().front().what, ContainsSubstring("name"));
}

TEST_CASE("names of people's own languages are taken") {
    HandIn work;
    work.with("\u00dcbung 6/ring_buffer.hpp", "mine");
    const std::string ending = GENERATE("", ".zip", ".tar.gz");
    const Submission submission(ending.empty() ? work.folder() : work.packed(ending), kTrusting);
    CHECK(work.laid_out(submission, kRing) == "ring_buffer.hpp=mine\n");
}

TEST_CASE("links and pipes are passed over and told") {
    HandIn work;
    const bool pipe = GENERATE(false, true);
    if (pipe)
        REQUIRE(mkfifo((work.folder() / "ring_buffer.hpp").c_str(), 0600) == 0);
    else
        fs::create_symlink("/etc/passwd", work.folder() / "ring_buffer.hpp");
    work.with("README.md");
    const std::string ending = GENERATE("", ".tar.gz");
    const Submission submission(ending.empty() ? work.folder() : work.packed(ending), kTrusting);
    CHECK(work.laid_out(submission, kRing).empty());
    REQUIRE(submission.flags().size() == 1);
    CHECK_THAT(submission.flags().front().what, ContainsSubstring("passed over"));
    REQUIRE(work.refused().size() == 1);
    CHECK_THAT(
        work.refused().front(),
        ContainsSubstring("ring_buffer.hpp is a link, device or pipe, which is passed over"));
}

TEST_CASE("what is no archive is an error") {
    const Scratch scratch;
    const std::string name = GENERATE("ada.zip", "ada.tar.gz", "ada.tgz");
    const std::string text = GENERATE("", "just text", "PK\x03\x04", "\x1f\x8b");
    const Submission submission(scratch.file(name, text), kTrusting);
    CHECK_FALSE(submission.error().empty());
    CHECK(submission.error().find('\n') == std::string::npos);
}

TEST_CASE("folders and archives are listed as students, and nothing else") {
    const Scratch scratch;
    scratch.file("ada/x", "");
    scratch.file("bob.zip", "");
    scratch.file("cy.tar.gz", "");
    scratch.file("notes.txt", "");
    scratch.file(".DS_Store", "");
    scratch.file(".git/config", "");
    fs::create_symlink("/etc", scratch.folder() / "eve");
    std::vector<std::string> names;
    for (const fs::path& path : list_submissions(scratch.folder()))
        names.push_back(path.filename().string());
    CHECK(names == std::vector<std::string>{"ada", "bob.zip", "cy.tar.gz"});
}

namespace {

// An archive of tar's own options, whose paths may lead anywhere.
fs::path archive_with(const Scratch& scratch, const std::vector<std::string>& paths) {
    fs::path archive = scratch.folder() / "eve.tar.gz";
    std::vector<std::string> arguments{"/usr/bin/tar", "-czPf", archive.string(), "-C",
                                       scratch.folder().string()};
    std::vector<std::string> files;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        files.push_back("member" + std::to_string(i));
        scratch.file(files.back(), "text of " + paths[i]);
        arguments.push_back("--transform=s|^" + files.back() + "$|" + paths[i] + "|");
    }
    arguments.insert(arguments.end(), files.begin(), files.end());
    const Outcome made = run({.arguments = arguments});
    INFO(made.output);
    REQUIRE(made.ok());
    return archive;
}

}  // namespace

TEST_CASE("a path that leads out of the archive costs the exercise that it names, and no other") {
    const auto [path, named] =
        GENERATE(table<std::string, bool>({{"../ring_buffer.hpp", true},
                                           {"../../06-ring-buffer/ring_buffer.hpp", true},
                                           {"/tmp/ring-buffer/notes.txt", true},
                                           {"06-ring-buffer/../../ring_buffer.hpp", true},
                                           {"/etc/passwd", false},
                                           {"../somebody/else.hpp", false}}));
    INFO(path);
    const Scratch scratch;
    const Submission submission(
        archive_with(scratch, {path, "06-ring-buffer/ring_buffer.hpp", "05-allocator/allocator.hpp",
                               "05-allocator/global_new.cpp"}),
        kTrusting);
    CHECK(submission.error().empty());
    REQUIRE(submission.flags().size() == 1);
    CHECK(submission.flags().front().attack);
    CHECK((submission.leading_out(kRing) != nullptr) == named);
    CHECK(submission.leading_out(kAllocator) == nullptr);
    CHECK(submission.lay_out(kAllocator, scratch.folder() / "out", kCatalog).empty());
    CHECK(read_file(scratch.folder() / "out/global_new.cpp") ==
          "text of 05-allocator/global_new.cpp");
}

TEST_CASE("a bomb costs the exercise that it names, and is not unpacked for another") {
    const Scratch scratch;
    scratch.file("ada/allocator.hpp", "mine");
    fs::create_directories(scratch.folder() / "ada");
    const fs::path bomb = scratch.file("ada/ring_buffer.hpp", "");
    fs::resize_file(bomb, 200 << 20);
    const fs::path archive = scratch.folder() / "ada.tar.gz";
    REQUIRE(run({.arguments = {"/usr/bin/tar", "-czf", archive.string(), "-C",
                               (scratch.folder() / "ada").string(), "allocator.hpp",
                               "ring_buffer.hpp"}})
                .ok());
    const Submission submission(archive, kTrusting);
    CHECK(submission.error().empty());
    CHECK(submission.lay_out(kRing, scratch.folder() / "ring", kCatalog).size() == 1);
    CHECK_FALSE(fs::exists(scratch.folder() / "ring/ring_buffer.hpp"));
    CHECK(submission.lay_out(kAllocator, scratch.folder() / "allocator", kCatalog).empty());
    CHECK(read_file(scratch.folder() / "allocator/allocator.hpp") == "mine");
}
