#include "support/suite.hpp"

// The student's header.
#include <csv_reader.hpp>

#include <hwy/targets.h>

#include <algorithm>
#include <array>

#include "csv_check.hpp"
#include "support/guard_page.hpp"

using namespace std::string_view_literals;
using cacheline::support::check_csv;
using cacheline::support::shown;
using Guarded = cacheline::support::GuardedArray<char>;

namespace {

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
        std::string text = random_text(rng, "\"\",,\n\r\nabc\0"sv, i % 4 == 0 ? 200 : 24);
        if (i % 8 == 0) text.insert(0, "\xEF\xBB\xBF");
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
