#include "support/suite.hpp"

// The student's header.
#include <cow_string.hpp>

#include <array>
#include <type_traits>

#include "support/allocation_counter.hpp"

using cacheline::CowString;
using cacheline::to_upper;
using cacheline::support::AllocationCounter;

namespace {

// Too long for any std::string to keep in the object itself.
const std::string kLongUpper(300, 'X');
const std::string kLongLower(300, 'x');

// By the definition, for comparison.
std::string upper(std::string_view text) {
    std::string result;
    for (const char c : text)
        result += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return result;
}

}  // namespace

TEST_CASE("an upper-case text is borrowed and nothing is allocated", "[cow][asan]") {
    WHY("the whole point of copy on write: who changes nothing pays nothing, long texts too");
    const std::array<std::string_view, 6> texts = {"",
                                                   "A",
                                                   "HELLO, WORLD 42!",
                                                   kLongUpper,
                                                   "GR\xC3\x9C\xC3\x9F"
                                                   "E",
                                                   "@[`{\x7f\x80\xff"};
    for (const std::string_view text : texts) {
        const AllocationCounter counter;
        const CowString result = to_upper(text);
        const std::size_t allocations = counter.allocations();
        INFO("text: " << text);
        CHECK(allocations == 0);
        CHECK(result.is_borrowed());
        CHECK(result.view().data() == text.data());
        CHECK(result.size() == text.size());
    }
}

TEST_CASE("only the letters a to z change", "[cow]") {
    WHY("a bit trick that reaches further turns { into [ and breaks the bytes of UTF-8");
    std::string all;
    for (int c = 0; c < 256; ++c)
        all += static_cast<char>(c);
    CHECK(to_upper(all).view() == upper(all));
    std::string bytes_changed_wrongly;
    for (const char& c : all) {
        const std::string_view one(&c, 1);
        if (to_upper(one).view() != upper(one) ||
            to_upper(one).is_borrowed() != (upper(one) == one))
            bytes_changed_wrongly += std::to_string(static_cast<unsigned char>(c)) + " ";
    }
    CHECK(bytes_changed_wrongly == "");
}

TEST_CASE("a text that changes is owned, for one allocation at most", "[cow]") {
    WHY("a result that grows byte by byte, or is made twice, allocates again and again");
    for (const std::string& text : {std::string("hello"), kLongLower, kLongUpper + 'x'}) {
        const AllocationCounter counter;
        const CowString result = to_upper(text);
        const std::size_t allocations = counter.allocations();
        CHECK(allocations <= 1);
        CHECK_FALSE(result.is_borrowed());
        CHECK(result == upper(text));
    }
    CHECK(kLongLower == std::string(300, 'x'));
}

TEST_CASE("a single letter to change is found wherever it stands", "[cow]") {
    WHY("the first and the last byte, and the bytes around it, are where loops go wrong");
    std::size_t wrong_texts = 0;
    for (std::size_t size = 1; size <= 70; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'Q');
            text[at] = 'q';
            const CowString result = to_upper(text);
            wrong_texts += result.is_borrowed() || result.view() != std::string(size, 'Q');
        }
    }
    CHECK(wrong_texts == 0);
}

TEST_CASE("copies of an owned text outlive it", "[cow][asan]") {
    WHY("a view of one's own string goes on pointing into the old object when it is copied");
    for (const std::string& text : {std::string("short"), kLongLower}) {
        auto original = std::make_unique<CowString>(CowString::owned(text));
        const CowString copy = *original;
        CowString assigned;
        assigned = *original;
        original->to_mut() += "changed";
        CHECK(copy == text);
        original.reset();
        CHECK(copy == text);
        CHECK(assigned == text);
        CHECK_FALSE(copy.is_borrowed());
    }
}

TEST_CASE("a moved text outlives the object it came from", "[cow][asan]") {
    WHY("short strings keep their bytes in the object: a view of them does not move along");
    for (const std::string& text : {std::string("short"), kLongLower}) {
        auto original = std::make_unique<CowString>(CowString::owned(text));
        CowString moved = std::move(*original);
        original.reset();
        CHECK(moved == text);
        CowString assigned = CowString::borrowed("x");
        assigned = std::move(moved);
        CHECK(assigned == text);
        moved = CowString::borrowed("reused");
        CHECK(moved == "reused");
    }
    CHECK(std::is_nothrow_move_constructible_v<CowString>);
    CHECK(std::is_nothrow_move_assignable_v<CowString>);
    std::vector<CowString> many;
    for (int i = 0; i < 100; ++i)
        many.push_back(CowString::owned(std::to_string(i)));
    std::string joined;
    for (const CowString& text : many)
        joined += text.view();
    std::string expected;
    for (int i = 0; i < 100; ++i)
        expected += std::to_string(i);
    CHECK(joined == expected);
}

TEST_CASE("a text that is moved or taken over keeps its buffer", "[cow]") {
    WHY("a string that is moved in gives its buffer away: to copy it would be the copy to avoid");
    std::string source = kLongLower;
    const char* const bytes = source.data();
    const AllocationCounter counter;
    CowString text = CowString::owned(std::move(source));
    const CowString moved = std::move(text);
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 0);
    CHECK(moved.view().data() == bytes);
}

TEST_CASE("assignment changes what a text is", "[cow][asan]") {
    WHY("the old bytes must go exactly once, and a text assigned to itself must survive");
    CowString text = CowString::owned(kLongLower);
    const CowString& same = text;
    text = same;
    CHECK(text == kLongLower);
    text = CowString::borrowed(kLongUpper);
    CHECK(text.is_borrowed());
    CHECK(text.view().data() == kLongUpper.data());
    text = CowString::owned("abc");
    CHECK_FALSE(text.is_borrowed());
    CHECK(text == "abc");
    text = CowString();
    CHECK(text.is_borrowed());
    CHECK(text == "");
}

TEST_CASE("to_mut copies a borrowed text once and leaves its source alone", "[cow][asan]") {
    WHY("the first write is where copy on write copies, and the only place");
    std::string source = kLongLower;
    CowString text = CowString::borrowed(source);
    const AllocationCounter counter;
    text.to_mut()[0] = 'y';
    text.to_mut()[1] = 'z';
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 1);
    CHECK_FALSE(text.is_borrowed());
    CHECK(source == kLongLower);
    source.assign(300, '#');
    std::string expected = kLongLower;
    expected[0] = 'y';
    expected[1] = 'z';
    CHECK(text == expected);
}

TEST_CASE("into_string moves an owned text out and copies a borrowed one", "[cow][asan]") {
    WHY("an owned buffer can be handed on; somebody else's cannot");
    CowString own = CowString::owned(kLongLower);
    const char* const bytes = own.view().data();
    const AllocationCounter counter;
    const std::string out = std::move(own).into_string();
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 0);
    CHECK(out.data() == bytes);
    CHECK(out == kLongLower);

    const std::string copy = CowString::borrowed(kLongUpper).into_string();
    CHECK(copy == kLongUpper);
    CHECK(copy.data() != kLongUpper.data());
}

TEST_CASE("a text that is given away is changed in place", "[cow][asan]") {
    WHY("the caller has no more use for the bytes, so there is nobody to copy them for");
    CowString text = CowString::owned("A" + kLongLower);
    const char* const bytes = text.view().data();
    const AllocationCounter counter;
    const CowString result = to_upper(std::move(text));
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 0);
    CHECK(result.view().data() == bytes);
    CHECK(result == "A" + kLongUpper);

    CHECK(to_upper(CowString::borrowed(kLongUpper)).is_borrowed());
    const CowString changed = to_upper(CowString::borrowed(kLongLower));
    CHECK(changed == kLongUpper);
    CHECK(kLongLower[0] == 'x');
}

TEST_CASE("a temporary string is taken over, not borrowed", "[cow][asan]") {
    WHY("a view of a temporary dangles at the end of the line");
    const CowString upper_already = to_upper(std::string(300, 'X'));
    const CowString lower = to_upper(std::string(300, 'x'));
    const CowString small = to_upper(std::string("SMALL"));
    CHECK_FALSE(upper_already.is_borrowed());
    CHECK(upper_already == kLongUpper);
    CHECK(lower == kLongUpper);
    CHECK(small == "SMALL");
}

TEST_CASE("process_string changes a text only when asked", "[cow]") {
    WHY("who asks for nothing gets a view of what is there");
    CHECK(cacheline::process_string(kLongLower, true) == kLongUpper);
    const CowString same = cacheline::process_string(kLongLower, false);
    CHECK(same.is_borrowed());
    CHECK(same.view().data() == kLongLower.data());
}

TEST_CASE("process_strings allocates for the vector and for what changes", "[cow][asan]") {
    WHY("a batch of a thousand texts of which ten change should cost eleven allocations");
    std::vector<std::string> texts(1000, kLongUpper);
    for (std::size_t i = 0; i < texts.size(); i += 100)
        texts[i] = kLongLower;
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    const AllocationCounter counter;
    const std::vector<CowString> result = cacheline::process_strings(views);
    const std::size_t allocations = counter.allocations();
    CHECK(allocations <= 11);
    REQUIRE(result.size() == texts.size());
    std::size_t wrong_texts = 0;
    for (std::size_t i = 0; i < texts.size(); ++i)
        wrong_texts += result[i].view() != kLongUpper || result[i].is_borrowed() != (i % 100 != 0);
    CHECK(wrong_texts == 0);
    CHECK(cacheline::process_strings({}).empty());
}

TEST_CASE("process_with_reuse writes into the strings that are there", "[cow][asan]") {
    WHY("in a loop over batches the output's memory is paid for once, in the first round");
    std::vector<std::string> output = {"old", "older"};
    const std::vector<std::string_view> first = {kLongLower, "abc", kLongUpper};
    const std::vector<std::string_view> second = {"x", kLongLower, "y"};
    const std::vector<std::string_view> shorter = {"z"};
    cacheline::process_with_reuse(first, output);
    CHECK(output == std::vector<std::string>{kLongUpper, "ABC", kLongUpper});
    output[1].reserve(300);
    const AllocationCounter counter;
    cacheline::process_with_reuse(second, output);
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 0);
    CHECK(output == std::vector<std::string>{"X", kLongUpper, "Y"});
    cacheline::process_with_reuse(shorter, output);
    CHECK(output == std::vector<std::string>{"Z"});
}
