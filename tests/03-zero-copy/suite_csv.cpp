#include "support/suite.hpp"

// The student's header.
#include <csv_reader.hpp>

#include <hwy/targets.h>
#include <sys/mman.h>

#include <array>
#include <stdexcept>

#include "csv_check.hpp"
#include "support/allocation_counter.hpp"
#include "support/guard_page.hpp"

using namespace std::string_view_literals;
using cacheline::CsvError;
using cacheline::CsvPosition;
using cacheline::CsvReader;
using cacheline::support::AllocationCounter;
using cacheline::support::check_csv;
using cacheline::support::shown;
using Guarded = cacheline::support::GuardedArray<char>;
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

// `text` with an inaccessible page behind it or before it.
std::string_view guarded(Guarded& memory, std::string_view text) {
    std::copy(text.begin(), text.end(), memory.data());
    return {memory.data(), memory.size()};
}

std::string check_guarded(std::string_view text) {
    Guarded behind(text.size(), Guarded::Guard::kBehind);
    const std::string wrong = check_csv(guarded(behind, text));
    if (!wrong.empty()) return wrong;
    Guarded before(text.size(), Guarded::Guard::kBefore);
    return check_csv(guarded(before, text));
}

// Restores what Highway knows of the machine.
struct AllTargets {
    ~AllTargets() { set(0); }
    static void set(std::int64_t targets) {
        hwy::SetSupportedTargetsForTest(targets);
        hwy::GetChosenTarget().DeInit();
    }
};

std::string random_text(std::mt19937_64& rng, std::string_view alphabet, std::size_t largest) {
    std::string text(rng() % (largest + 1), ' ');
    for (char& c : text)
        c = alphabet[rng() % alphabet.size()];
    return text;
}

// Mostly right, as files are: quoted and plain fields, doubled quotes, all line ends.
std::string plausible_text(std::mt19937_64& rng, std::size_t records) {
    std::string text;
    for (std::size_t r = 0; r < records; ++r) {
        for (std::size_t fields = 1 + rng() % 12; fields > 0; --fields) {
            if (rng() % 4 == 0) {
                text += '"';
                for (std::size_t i = rng() % 20; i > 0; --i)
                    text += std::array{"x"sv, ","sv, "\n"sv, "\r\n"sv, "\"\""sv}[rng() % 5];
                text += '"';
            } else {
                text.append(rng() % 20, static_cast<char>('a' + rng() % 26));
            }
            if (fields > 1) text += ',';
        }
        text += rng() % 3 == 0 ? "\r\n" : "\n";
    }
    if (rng() % 3 == 0) text.pop_back();
    if (rng() % 3 == 0 && !text.empty()) text[rng() % text.size()] = '"';
    return text;
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

TEST_CASE("nothing is read outside the text", "[parse][asan]") {
    WHY("a load of 64 bytes at the end of a mapped file reaches into a page that is not there");
    std::string wrong;
    for (std::size_t size = 0; size <= 200 && wrong.empty(); ++size) {
        for (const std::string_view end :
             {"", "\"", "\r", "\n", "\r\n", ",", "\"\"", "\"x\"", "\"x"}) {
            std::string text(size, 'x');
            for (std::size_t i = 7; i < size; i += 9)
                text[i] = ',';
            text += end;
            if (const std::string here = check_guarded(text); !here.empty() && wrong.empty())
                wrong = shown(text) + ": " + here;
        }
    }
    CHECK(wrong == "");
}

TEST_CASE("what matters is seen at every place of a block", "[parse][asan]") {
    WHY("code that works on 16, 32 or 64 bytes at once loses what crosses from one to the next");
    std::string wrong;
    const std::array middles = {"\",\""sv,           "\"\"\"\""sv,   "\r\n"sv,     "\",\r\n\""sv,
                                ",\"a\"\"b\"\r\n"sv, "\"x\"\r\ny"sv, "\n\"\n\""sv, "\"a\"\rx\n"sv,
                                ",\"\",\"\""sv,      "\n\"\"x"sv};
    for (const std::string_view middle : middles) {
        for (std::size_t before = 0; before <= 140 && wrong.empty(); ++before) {
            for (const std::string_view lead : {"", ","}) {
                std::string text(before, 'a');
                text.append(lead).append(middle).append(70, 'b').append("\nc,d\n");
                if (const std::string here = check_csv(text); !here.empty())
                    wrong = shown(text) + ": " + here;
            }
        }
    }
    CHECK(wrong == "");
}

TEST_CASE("random texts mean what a plain reader says", "[parse][asan]") {
    WHY("quotes, line ends and errors in every order, also in texts that nobody would write");
    SEEDED_RNG(rng);
    constexpr int kTexts = cacheline::support::kSanitized ? 4000 : 20000;
    std::string wrong;
    for (int i = 0; i < kTexts && wrong.empty(); ++i) {
        const std::string text = random_text(rng, "\"\",,\n\r\nabc\0"sv, i % 4 == 0 ? 200 : 24);
        if (const std::string here = check_guarded(text); !here.empty())
            wrong = shown(text) + ": " + here;
    }
    CHECK(wrong == "");
}

TEST_CASE("long texts mean what a plain reader says", "[parse][asan]") {
    WHY("what is carried from block to block and window to window must not be lost");
    SEEDED_RNG(rng);
    std::string wrong;
    for (int i = 0; i < 60 && wrong.empty(); ++i)
        wrong = check_csv(plausible_text(rng, 1 + rng() % 500));
    CHECK(wrong == "");
    std::string unclosed = "a,\"b" + std::string(100000, '\n');
    CHECK(check_csv(unclosed) == "");
    CHECK(check_csv(unclosed + "\"\"\"") == "");
    CHECK(check_csv(unclosed + "\"x") == "");
}

TEST_CASE("each instruction set of the machine gives the same answer", "[parse][asan]") {
    WHY("vectors of another width have other edges, and other people have other machines");
    SEEDED_RNG(rng);
    const AllTargets restore;
    AllTargets::set(0);
    std::string wrong;
    std::vector<std::string> texts;
    for (int i = 0; i < 300; ++i)
        texts.push_back(random_text(rng, "\"\",,\n\r\nabcdefgh", 300));
    for (int i = 0; i < 8; ++i)
        texts.push_back(plausible_text(rng, 200));
    for (std::int64_t all = hwy::SupportedTargets(); all != 0; all &= all - 1) {
        const std::int64_t target = all & -all;
        AllTargets::set(target);
        for (const std::string& text : texts) {
            if (const std::string here = check_csv(text); !here.empty() && wrong.empty())
                wrong = std::string(hwy::TargetName(target)) + ": " + shown(text) + ": " + here;
        }
    }
    CHECK(wrong == "");
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
