#include "support/suite.hpp"

// The student's headers.
#include <cow_string.hpp>
#include <csv_reader.hpp>
#include <records.hpp>
#include <shared_bytes.hpp>

#include <array>
#include <type_traits>
#include <utility>

// A view of what is about to die must not compile. These concepts ask the compiler whether it does,
// so that a submission that allows it loses a test case and not the whole suite.

using cacheline::CowString;
using cacheline::CsvReader;
using cacheline::SharedBytes;

namespace {

template <typename Text>
concept Borrowable = requires(Text&& text) {
    CowString::borrowed(std::forward<Text>(text));
};

template <typename Text>
concept MadeUpper = requires(Text&& text) {
    cacheline::to_upper(std::forward<Text>(text));
    cacheline::process_string(std::forward<Text>(text), true);
};

template <typename Container>
concept Adopted = requires(Container&& container) {
    SharedBytes::adopt(std::forward<Container>(container));
};

template <typename Bytes>
concept ReadAsRecords = requires(Bytes&& bytes) {
    cacheline::records<std::uint32_t>(std::forward<Bytes>(bytes));
};

}  // namespace

TEST_CASE("a view of a text that is about to die does not compile", "[cow]") {
    WHY("std::string_view v = to_upper(text); would dangle at the end of the line");
    const CowString text = cacheline::to_upper("lower");
    const std::string_view view = text;
    CHECK(view == "LOWER");
    CHECK(std::is_convertible_v<CowString&, std::string_view>);
    CHECK(std::is_convertible_v<const CowString&, std::string_view>);
    CHECK_FALSE(std::is_convertible_v<CowString, std::string_view>);
    CHECK_FALSE(std::is_convertible_v<const CowString, std::string_view>);
    CHECK_FALSE(std::is_constructible_v<std::string_view, CowString>);
}

TEST_CASE("a string that is about to die cannot be borrowed", "[cow][asan]") {
    WHY("a borrowed text refers to bytes that somebody else keeps: here nobody does");
    CHECK(CowString::borrowed("literal").is_borrowed());
    CHECK(Borrowable<const char*>);
    CHECK(Borrowable<std::string_view>);
    CHECK(Borrowable<std::string&>);
    CHECK(Borrowable<const std::string&>);
    CHECK_FALSE(Borrowable<std::string>);
    const CowString same = cacheline::process_string(std::string(300, 'x'), false);
    REQUIRE_FALSE(same.is_borrowed());
    CHECK(same == std::string(300, 'x'));
    const CowString upper = cacheline::process_string(std::string(300, 'X'), true);
    REQUIRE_FALSE(upper.is_borrowed());
    CHECK(upper == std::string(300, 'X'));
    // One that is const can be neither borrowed nor taken over.
    CHECK(MadeUpper<std::string>);
    CHECK(MadeUpper<const std::string&>);
    CHECK_FALSE(MadeUpper<const std::string>);
}

TEST_CASE("a view cannot be adopted", "[slices]") {
    WHY("a view owns nothing: whoever adopts it has slices of bytes that somebody else ends");
    CHECK(SharedBytes::adopt(std::string("abc")).text() == "abc");
    CHECK(Adopted<std::string>);
    CHECK(Adopted<std::vector<std::byte>>);
    CHECK_FALSE(Adopted<std::string&>);
    CHECK_FALSE(Adopted<const std::string>);
    CHECK_FALSE(Adopted<std::string_view>);
    CHECK_FALSE(Adopted<std::span<const std::byte>>);
}

TEST_CASE("the text of a string that is about to die cannot be read", "[parse]") {
    WHY("CsvReader csv(read_file(path)); would show fields of a string that is gone");
    CsvReader csv("a,b");
    REQUIRE(csv.next());
    CHECK(csv[1] == "b");
    CHECK(std::is_constructible_v<CsvReader, const char*>);
    CHECK(std::is_constructible_v<CsvReader, std::string_view>);
    CHECK(std::is_constructible_v<CsvReader, std::string&>);
    CHECK(std::is_constructible_v<CsvReader, const std::string&, char>);
    CHECK_FALSE(std::is_constructible_v<CsvReader, std::string>);
    CHECK_FALSE(std::is_constructible_v<CsvReader, std::string, char>);
}

TEST_CASE("the records of a container that is about to die cannot be read", "[parse]") {
    WHY("records<T>(read_file(path)) would show records that are gone");
    const std::array<std::byte, 8> bytes{};
    CHECK(cacheline::records<std::uint32_t>(bytes).size() == 2);
    using Vector = std::vector<std::byte>;
    CHECK(ReadAsRecords<std::span<const std::byte>>);
    CHECK(ReadAsRecords<std::span<std::byte>>);
    CHECK(ReadAsRecords<Vector&>);
    CHECK(ReadAsRecords<const Vector&>);
    CHECK_FALSE(ReadAsRecords<Vector>);
    CHECK_FALSE(std::is_constructible_v<cacheline::Records<std::uint32_t>, Vector>);
}
