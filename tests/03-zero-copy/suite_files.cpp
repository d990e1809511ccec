#include "support/suite.hpp"

// The student's headers.
#include <csv_reader.hpp>
#include <mapped_file.hpp>
#include <shared_bytes.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <system_error>
#include <type_traits>

#include "support/allocation_counter.hpp"
#include "support/watchdog.hpp"
#include "temp_file.hpp"

using cacheline::MappedFile;
using cacheline::SharedBytes;
using cacheline::support::AllocationCounter;
using cacheline::support::TempFile;
using Catch::Matchers::ContainsSubstring;

namespace {

bool mapped(const std::string& path) {
    std::ifstream maps("/proc/self/maps");
    std::string line;
    while (std::getline(maps, line))
        if (line.find(path) != line.npos) return true;
    return false;
}

// The number that the next file to be opened will get.
int next_descriptor() {
    const int next = open("/dev/null", O_RDONLY);
    close(next);
    return next;
}

int error_of(const std::string& path) {
    try {
        const MappedFile file(path);
        return 0;
    } catch (const std::system_error& error) {
        return error.code().value();
    }
}

}  // namespace

TEST_CASE("a file is mapped, not read", "[parse][asan]") {
    WHY("the page cache has the bytes already: read() copies each of them once more");
    const std::string content(1'000'003, 'x');
    const TempFile source(content);
    const AllocationCounter counter;
    const MappedFile file(source.path());
    const std::size_t bytes = counter.bytes();
    CHECK(file.size() == content.size());
    const bool text_is_the_files = file.text() == content;
    CHECK(text_is_the_files);
    CHECK(file.bytes().size() == content.size());
    CHECK(bytes < 4096);
    CHECK(mapped(source.path()));
}

TEST_CASE("an empty file has no bytes", "[parse][asan]") {
    WHY("mmap refuses a length of 0, and an empty file is no error");
    const TempFile source("");
    const MappedFile file(source.path());
    CHECK(file.size() == 0);
    CHECK(file.text() == "");
    MappedFile other = MappedFile(source.path());
    other = MappedFile(source.path());
    CHECK(other.size() == 0);
}

TEST_CASE("a file that cannot be mapped is an error that names it", "[parse][asan]") {
    WHY("the path and the system's reason are what the user needs to mend it");
    CHECK(error_of("/nowhere/at all.csv") == ENOENT);
    CHECK_THROWS_WITH(MappedFile("/nowhere/at all.csv"), ContainsSubstring("/nowhere/at all.csv"));
    CHECK_THROWS_AS(MappedFile("/tmp"), std::system_error);
    CHECK_THROWS_AS(MappedFile("/dev/null"), std::system_error);
    CHECK_THROWS_AS(MappedFile(""), std::system_error);
}

TEST_CASE("what is no regular file is refused at once", "[parse][asan]") {
    WHY("opening a pipe waits for its writer, perhaps for ever, unless one asks not to");
    using namespace std::chrono_literals;
    const TempFile source("bytes");
    CHECK(MappedFile(source.path()).text() == "bytes");
    const cacheline::support::Watchdog watchdog(
        5s, "MappedFile did not return", "it waits for somebody to open the other end of a pipe");
    const int before = next_descriptor();
    for (const mode_t kind : {mode_t{S_IFIFO}, mode_t{S_IFSOCK}}) {
        const TempFile place("");
        unlink(place.path().c_str());
        REQUIRE(mknod(place.path().c_str(), kind | 0600, 0) == 0);
        INFO((kind == S_IFIFO ? "a pipe that nobody writes to" : "a socket"));
        CHECK(error_of(place.path()) != 0);
        CHECK_THROWS_WITH(MappedFile(place.path()), ContainsSubstring(place.path()));
        CHECK(next_descriptor() == before);
    }
    for (const char* const path : {"/dev/null", "/dev/zero", "/tmp", "/proc/self"}) {
        INFO(path);
        CHECK(error_of(path) != 0);
        CHECK(next_descriptor() == before);
    }
}

TEST_CASE("the mapping ends with its owner and no descriptor stays open", "[parse][asan]") {
    WHY("a descriptor that leaks for each file ends a long-running program");
    const TempFile source("some bytes");
    const int before = next_descriptor();
    {
        const MappedFile file(source.path());
        CHECK(mapped(source.path()));
        CHECK_THROWS_AS(MappedFile("/tmp"), std::system_error);
        CHECK(next_descriptor() == before);
    }
    CHECK_FALSE(mapped(source.path()));
}

TEST_CASE("a mapped file can be moved, not copied", "[parse][asan]") {
    WHY("two owners would unmap the same pages twice");
    const TempFile source("first");
    const TempFile other("second, which is longer");
    MappedFile file(source.path());
    const char* const bytes = file.data();
    MappedFile moved = std::move(file);
    CHECK(moved.text() == "first");
    CHECK(moved.data() == bytes);
    CHECK(file.size() == 0);
    CHECK_FALSE(std::is_copy_constructible_v<MappedFile>);
    CHECK_FALSE(std::is_copy_assignable_v<MappedFile>);
    moved = MappedFile(other.path());
    CHECK(moved.text() == "second, which is longer");
    CHECK_FALSE(mapped(source.path()));
    file = std::move(moved);
    CHECK(file.text() == "second, which is longer");
    MappedFile& same = file;
    file = std::move(same);
    CHECK(file.text() == "second, which is longer");
}

TEST_CASE("slices of a mapped file keep the mapping", "[parse][asan]") {
    WHY("from a file to a slice that outlives everything, without one byte copied");
    SharedBytes price;
    {
        const TempFile source("name,price\nnut,12.50\n");
        const SharedBytes bytes = SharedBytes::adopt(MappedFile(source.path()));
        cacheline::CsvReader csv(bytes.text());
        REQUIRE(csv.next());
        REQUIRE(csv.next());
        const std::string_view field = csv.at(1);
        price =
            bytes.slice(static_cast<std::size_t>(field.data() - bytes.text().data()), field.size());
        CHECK(price.text().data() == field.data());
    }
    CHECK(price.text() == "12.50");
}
