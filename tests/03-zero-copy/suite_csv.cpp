#include "support/suite.hpp"

// The student's header.
#include <csv_reader.hpp>

#include <sys/mman.h>

#include <stdexcept>

#include "csv_check.hpp"
#include "support/allocation_counter.hpp"

using namespace std::string_view_literals;
using cacheline::CsvError;
using cacheline::CsvPosition;
using cacheline::CsvReader;
using cacheline::support::AllocationCounter;
using cacheline::support::check_csv;
using cacheline::support::shown;
using Catch::Matchers::ContainsSubstring;

namespace {

using Rows = std::vector<std::vector<std::string_view>>;

Rows read(CsvReader& csv) {
    Rows rows;
    while (csv.next()) {
        rows.emplace_back();
        for (std::size_t i = 0; i < csv.size(); ++i)
            rows.back().push_back(csv[i]);
    }
    return rows;
}

}  // namespace

TEST_CASE("records and fields are split as RFC 4180 says", "[parse][asan]") {
    WHY("each of these is a file that somebody's program writes");
    const std::vector<std::pair<std::string_view, Rows>> cases = {
        {"", {}},
        {"a", {{"a"}}},
        {"a,b,c", {{"a", "b", "c"}}},
        {"a,b\nc,d\n", {{"a", "b"}, {"c", "d"}}},
        {"a,b\r\nc,d\r\n", {{"a", "b"}, {"c", "d"}}},
        {"a\r\nb\nc\r\nd", {{"a"}, {"b"}, {"c"}, {"d"}}},
        {"a,b\nc,d", {{"a", "b"}, {"c", "d"}}},
        {"\n", {{""}}},
        {"\r\n", {{""}}},
        {"\n\n", {{""}, {""}}},
        {"a\n\nb\n", {{"a"}, {""}, {"b"}}},
        {",", {{"", ""}}},
        {",,\n,\n", {{"", "", ""}, {"", ""}}},
        {"a,\n,b\n", {{"a", ""}, {"", "b"}}},
        {"a,", {{"a", ""}}},
        {"1\n1,2\n1,2,3\n", {{"1"}, {"1", "2"}, {"1", "2", "3"}}},
        {" a , b ", {{" a ", " b "}}},
        {"\"a\",\"b\"\n", {{"a", "b"}}},
        {"\"\"", {{""}}},
        {"\"\",\"\"\r\n", {{"", ""}}},
        {"\"a,b\",c\n", {{"a,b", "c"}}},
        {"\"a\nb\",c\n", {{"a\nb", "c"}}},
        {"\"a\r\nb\"\r\nc\r\n", {{"a\r\nb"}, {"c"}}},
        {"\"a\"\"b\"", {{"a\"b"}}},
        {"\"\"\"\"", {{"\""}}},
        {"\"\"\"a\"\"\",\"\"\"\"\"\"\n", {{"\"a\"", "\"\""}}},
        {"\"\"\",\"\"\"", {{"\",\""}}},
        {"a,\"b\"", {{"a", "b"}}},
        {"\"a\",b", {{"a", "b"}}},
        {"a\rb,c\r", {{"a\rb", "c\r"}}},
        {"a\r\r\n", {{"a\r"}}},
        {"\r,\r\r\n", {{"\r", "\r"}}},
        {"a\0b,\0\n\0"sv, {{"a\0b"sv, "\0"sv}, {"\0"sv}}},
        {"\"\0\"\n"sv, {{"\0"sv}}},
        {"\xc3\xa9,\xff\n", {{"\xc3\xa9", "\xff"}}},
    };
    for (const auto& [text, expected] : cases) {
        INFO("text: " << shown(text));
        CsvReader csv(text);
        CHECK(read(csv) == expected);
        CHECK_FALSE(csv.next());
        CHECK(csv.size() == 0);
    }
}

TEST_CASE("an error says where", "[parse][asan]") {
    WHY("a file of a million lines is mended only with the place of the fault");
    struct Fault {
        std::string_view text;
        CsvPosition where;
        std::size_t records;  // before it
    };
    const std::vector<Fault> faults = {
        {"\"", {1, 1}, 0},
        {"a,\"b", {1, 3}, 0},
        {"a\nb,\"c\n\nd", {2, 3}, 1},
        {"\"a\"\"", {1, 1}, 0},
        {"\"\"\"", {1, 1}, 0},
        {"a\"", {1, 2}, 0},
        {"a\"b\"", {1, 2}, 0},
        {"x,y\r\nz, \"b\"\r\n", {2, 4}, 1},
        {"\"a\"b", {1, 4}, 0},
        {"\"a\" ,b", {1, 4}, 0},
        {"\"a\"\r", {1, 4}, 0},
        {"\"a\"\rb\n", {1, 4}, 0},
        {"\"a\"\"\"b", {1, 6}, 0},
        {"\"a\nb\",c\n1,\"2\"3\n", {3, 6}, 1},
        {"a\nb\nc\nd\ne\"\nf\n", {5, 2}, 4},
        {"a\rb\"\n", {1, 4}, 0},
        {"\"a\"b\"", {1, 4}, 0},
        {"\"a\"\0"sv, {1, 4}, 0},
    };
    for (const Fault& fault : faults) {
        INFO("text: " << shown(fault.text));
        CsvReader csv(fault.text);
        for (std::size_t i = 0; i < fault.records; ++i)
            CHECK(csv.next());
        for (int again = 0; again < 2; ++again) {
            CsvPosition where{0, 0};
            try {
                (void)csv.next();
            } catch (const CsvError& error) {
                where = error.where();
            }
            CHECK(shown(where) == shown(fault.where));
        }
    }
}

TEST_CASE("a byte order mark at the start is not part of the first field", "[parse][asan]") {
    WHY("many programs write one, and a header that starts with it is found by nobody");
    const std::vector<std::pair<std::string_view, Rows>> cases = {
        {"\xEF\xBB\xBF", {}},
        {"\xEF\xBB\xBFname,price\n", {{"name", "price"}}},
        {"\xEF\xBB\xBF\"name\",\"price\"\r\n", {{"name", "price"}}},
        {"\xEF\xBB\xBF\n", {{""}}},
        {"\xEF\xBB\xBF,x", {{"", "x"}}},
        // Anywhere else, and in part, it is text.
        {"\xEF\xBB", {{"\xEF\xBB"}}},
        {"\xEF\xBB\xBF\xEF\xBB\xBFx", {{"\xEF\xBB\xBFx"}}},
        {"a\n\xEF\xBB\xBF"
         "b,\xEF\xBB\xBF\n",
         {{"a"},
          {"\xEF\xBB\xBF"
           "b",
           "\xEF\xBB\xBF"}}},
    };
    for (const auto& [text, expected] : cases) {
        INFO("text: " << shown(text));
        CsvReader csv(text);
        CHECK(read(csv) == expected);
    }
    const std::string_view text =
        "\xEF\xBB\xBF"
        "a,\"b\"\n\"c\"d";
    CsvReader csv(text);
    REQUIRE(csv.next());
    CHECK(csv[0].data() == text.data() + 3);
    CHECK(shown(csv.where(0)) == "line 1, column 1");
    CHECK(shown(csv.where(1)) == "line 1, column 3");
    CHECK_THROWS_WITH(csv.next(), ContainsSubstring("line 2, column 4"));
    CsvReader wrong("\xEF\xBB\xBF\"a\"b");
    CHECK_THROWS_WITH(wrong.next(), ContainsSubstring("line 1, column 4"));
}

TEST_CASE("a text in UTF-16 is an error where it starts", "[parse][asan]") {
    WHY("its fields would be full of NUL bytes, and nobody would know why no name matches");
    for (const std::string_view text : {"\xFF\xFE"sv, "\xFE\xFF"sv,
                                        "\xFF\xFE"
                                        "a\0,\0b\0\n\0"sv,
                                        "\xFE\xFF\0a\0,\0b\0\n"sv}) {
        INFO("text: " << shown(text));
        CsvReader csv(text);
        for (int again = 0; again < 2; ++again)
            CHECK_THROWS_WITH(csv.next(), ContainsSubstring("line 1, column 1"));
        CHECK(csv.size() == 0);
    }
    // Without its mark, with half of it, or behind the mark of UTF-8 it is bytes like others.
    CHECK(check_csv("a\0,\0b\0\n\0"sv) == "");
    CHECK(check_csv("\xFF,\xFE\n") == "");
    CsvReader marked("\xEF\xBB\xBF\xFF\xFE,b\n\"");
    REQUIRE(marked.next());
    CHECK(marked[0] == "\xFF\xFE");
    CHECK_THROWS_WITH(marked.next(), ContainsSubstring("line 2, column 1"));
}

TEST_CASE("CR without LF and a final Ctrl-Z are bytes like others", "[parse][asan]") {
    WHY("whoever guesses what was meant by them loses a byte of those who meant it");
    const std::vector<std::pair<std::string_view, Rows>> cases = {
        {"a,b\rc,d\r", {{"a", "b\rc", "d\r"}}},
        {"a\r\r\nb\r\r\n", {{"a\r"}, {"b\r"}}},
        {"\r\r\n", {{"\r"}}},
        {"\"a\r\r\n\"\r\n", {{"a\r\r\n"}}},
        {"a,b\r\n\x1a", {{"a", "b"}, {"\x1a"}}},
        {"a\x1a", {{"a\x1a"}}},
        {"\x1a\n", {{"\x1a"}}},
    };
    for (const auto& [text, expected] : cases) {
        INFO("text: " << shown(text));
        CsvReader csv(text);
        CHECK(read(csv) == expected);
    }
    for (const std::string_view text : {"\"a\"\r\r\n", "\"a\"\rb\n", "\"a\"\x1a"}) {
        INFO("text: " << shown(text));
        CsvReader csv(text);
        CHECK_THROWS_WITH(csv.next(), ContainsSubstring("line 1, column 4"));
    }
}

TEST_CASE("fields are views into the text", "[parse][asan]") {
    WHY("a field that is copied costs more than to find it; only doubled quotes force a copy");
    const std::string_view text = "plain,\"quoted, too\",\n\"say \"\"hi\"\"\",\"\"\"\",x\r\n\"\"\n";
    CsvReader csv(text);
    REQUIRE(csv.next());
    CHECK(csv[0].data() == text.data());
    CHECK(csv[1].data() == text.data() + 7);
    CHECK(csv[2].data() == text.data() + 20);
    CHECK(csv.bytes_copied() == 0);
    REQUIRE(csv.next());
    CHECK(csv[0] == "say \"hi\"");
    CHECK(csv[1] == "\"");
    CHECK(csv[2].data() == text.data() + text.find('x'));
    CHECK(csv.bytes_copied() == 9);
    REQUIRE(csv.next());
    CHECK(csv[0].data() == text.data() + text.size() - 2);
    CHECK(csv.bytes_copied() == 9);
}

TEST_CASE("fields stay valid as long as the reader", "[parse][asan]") {
    WHY("a scratch buffer for unescaped fields is overwritten by the next record");
    std::string text;
    for (int i = 0; i < 3000; ++i)
        text += std::to_string(i) + ",\"say \"\"" + std::to_string(i) + "\"\"\",plain\n";
    CsvReader csv(text);
    const Rows rows = read(csv);
    REQUIRE(rows.size() == 3000);
    std::size_t wrong_records = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string number = std::to_string(i);
        wrong_records += rows[i].size() != 3 || rows[i][0] != number ||
                         rows[i][1] != "say \"" + number + '"' || rows[i][2] != "plain";
    }
    CHECK(wrong_records == 0);
}

TEST_CASE("memory does not grow with the number of records", "[parse]") {
    WHY("a reader that lists all fields first needs more memory than the text that it views");
    std::string text;
    for (int i = 0; i < 40000; ++i)
        text += "alpha,\"beta, quoted\",gamma,,12345.678,eleven\r\n";
    const AllocationCounter counter;
    std::size_t fields = 0;
    {
        CsvReader csv(text);
        while (csv.next())
            fields += csv.size();
    }
    const std::size_t allocations = counter.allocations();
    const std::size_t bytes = counter.bytes();
    CHECK(fields == 240000);
    CHECK(allocations <= 64);
    CHECK(bytes <= 256 * 1024 + 64 * 6);
}

TEST_CASE("a record may have a million fields", "[parse]") {
    WHY("a fixed number of columns is an overflow that waits for its file");
    std::string text = "a,b\n";
    for (int i = 0; i < 999999; ++i)
        text += "7,";
    text += "8\nc,d\n";
    CsvReader csv(text);
    REQUIRE(csv.next());
    REQUIRE(csv.next());
    CHECK(csv.size() == 1000000);
    CHECK(csv[0] == "7");
    CHECK(csv[500000] == "7");
    CHECK(csv[999999] == "8");
    REQUIRE(csv.next());
    CHECK(csv.size() == 2);
    CHECK(csv[1] == "d");
    CHECK_FALSE(csv.next());
}

TEST_CASE("a line of 100 MB of NUL bytes is one record", "[parse]") {
    WHY("no buffer may bound a line, and NUL is a byte like others");
    constexpr std::size_t kSize = 100'000'000;
    // Fresh pages are zero and, when only read, share one page of memory.
    void* const map = mmap(nullptr, kSize, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    REQUIRE(map != MAP_FAILED);
    const std::shared_ptr<void> unmap(map, [](void* p) { munmap(p, kSize); });
    char* const text = static_cast<char*>(map);
    text[10] = ',';
    text[kSize / 2] = '"';
    text[kSize / 2 - 1] = ',';
    text[kSize - 4] = '"';
    text[kSize - 3] = '\n';
    CsvReader csv(std::string_view(text, kSize));
    REQUIRE(csv.next());
    REQUIRE(csv.size() == 3);
    CHECK(csv[0].size() == 10);
    CHECK(csv[1].data() == text + 11);
    CHECK(csv[1].size() == kSize / 2 - 12);
    CHECK(csv[2].data() == text + kSize / 2 + 1);
    CHECK(csv[2].size() == kSize / 2 - 5);
    REQUIRE(csv.next());
    CHECK(csv.size() == 1);
    CHECK(csv[0] == std::string_view("\0\0", 2));
    CHECK_FALSE(csv.next());
}

TEST_CASE("a field's place in the text can be asked for", "[parse][asan]") {
    WHY("the number that does not parse is found by the caller, who needs line and column too");
    const std::string_view text = "a,\"b\nc\",d\r\n\"x\"\"y\",z\n";
    CsvReader csv(text);
    REQUIRE(csv.next());
    CHECK(shown(csv.where(0)) == "line 1, column 1");
    CHECK(shown(csv.where(1)) == "line 1, column 3");
    CHECK(shown(csv.where(2)) == "line 2, column 4");
    REQUIRE(csv.next());
    CHECK(shown(csv.where(0)) == "line 3, column 1");
    CHECK(shown(csv.where(1)) == "line 3, column 8");
}

TEST_CASE("a field that is not there is an error with its place", "[parse][asan]") {
    WHY("a record that is too short is the commonest fault of CSV files");
    CsvReader csv("a,b\n\"x\ny\"\nc\n");
    REQUIRE(csv.next());
    CHECK(csv.at(0) == "a");
    CHECK(csv.at(1) == "b");
    CHECK_THROWS_AS(csv.at(2), CsvError);
    REQUIRE(csv.next());
    CHECK(csv.at(0) == "x\ny");
    REQUIRE(csv.next());
    CHECK_THROWS_WITH(csv.at(1), ContainsSubstring("line 4, column 1"));
    CHECK_THROWS_AS(csv.at(static_cast<std::size_t>(-1)), CsvError);
}

TEST_CASE("the delimiter can be another byte", "[parse][asan]") {
    WHY("half of the world's CSV is separated by semicolons or tabs");
    CHECK(check_csv("a;b,c;\"d;e\"\n;\n", ';') == "");
    CHECK(check_csv("a\tb\t\t\"c\"\r\nd\n", '\t') == "");
    CHECK(check_csv("a\0b\0\n\0"sv, '\0') == "");
    CHECK(check_csv("a\xff"
                    "b\n\xff",
                    '\xff') == "");
    for (const char delimiter : {'"', '\n', '\r'})
        CHECK_THROWS_AS(CsvReader("a", delimiter), std::invalid_argument);
}
