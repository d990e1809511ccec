// Reports of whatever is in a record and in its names.

#include "support/suite.hpp"

#include <layout_optimizer.hpp>
#include <map>

#include "linux64.hpp"
#include "support/json_reader.hpp"

using namespace cacheline;
using Catch::Matchers::ContainsSubstring;

namespace {

Record packet() {
    return {"Packet",
            {Field{.name = "kind", .type = Scalar::kUint32, .bits = 20},
             Field{.name = "flags", .type = Scalar::kUint32, .bits = 15},
             Field{.name = "rest", .type = Scalar::kChar, .flexible = true}}};
}

Record with_names(const std::string& record, const std::string& field, const std::string& type) {
    const Record nested{type, {Field{"x", Scalar::kInt16}}};
    return {record,
            {Field{field, Scalar::kChar, 1, Access{false, 0}}, Field{"d", Scalar::kDouble},
             Field{"t", nested, 1, Access{false, 1}}}};
}

}  // namespace

TEST_CASE("the JSON says the bits of bit-fields", "[report]") {
    WHY("without its first bit and its width, a bit-field's offset is half an answer");
    LayoutReport report(linux64());
    report.add(packet());
    std::map<std::string, std::string> got = support::read_json(report.json());
    const std::string fields = "/records/0/fields/";
    CHECK(got[fields + "0/bit_offset"] == "0");
    CHECK(got[fields + "0/bits"] == "20");
    CHECK(got[fields + "1/offset"] == "4");
    CHECK(got[fields + "1/bits"] == "15");
    CHECK(got[fields + "2/count"] == "0");
    CHECK_FALSE(got.contains(fields + "2/bits"));
    CHECK(got["/records/0/bit_padding"] == "5");
    LayoutReport plain(linux64());
    plain.add(Record{"Plain", {Field{"i", Scalar::kInt32}}});
    CHECK_FALSE(support::read_json(plain.json()).contains("/records/0/bit_padding"));
}

TEST_CASE("the Markdown says holes, bits and what lies on the last line", "[report]") {
    WHY("where there are three holes, one order may close one of them: their number says it");
    LayoutReport report(linux64());
    Record record = packet();
    record.fields.insert(record.fields.begin(), Field{"head", Scalar::kChar, 70});
    report.add(record);
    const Layout layout = place(record, linux64());
    const std::string text = report.markdown();
    INFO(text);
    const std::size_t start = text.find("\n## Packet\n");
    REQUIRE(start != std::string::npos);
    const std::string numbers = text.substr(start, text.find("\n|", start) - start);
    std::vector<std::string> untold;
    for (const std::uint64_t number :
         {layout.cache_lines, layout.last_line_bytes, layout.padding(), layout.bit_padding(),
          std::uint64_t{layout.holes()}, std::uint64_t{layout.bit_holes()}})
        if (number != 0 && numbers.find(std::to_string(number)) == std::string::npos)
            untold.push_back(std::to_string(number));
    CHECK(untold == std::vector<std::string>{});
    CHECK_THAT(text, ContainsSubstring("| 72:0 |"));
}

TEST_CASE("JSON stays UTF-8 whatever bytes the names hold", "[report]") {
    WHY("one byte of a name in Latin-1, and no parser reads the report");
    const std::string bad =
        "a\xe9z \xc0\xaf \xed\xa0\x80 \xf5\x80\x80\x80 \xe2\x82 \xf0\x9f\x98 \x80 \xff";
    LayoutReport report(linux64());
    report.add(with_names("p" + bad, "n\xc3\xbc" + bad, "t\xf4\x90\x80\x80"));
    const std::string text = report.json();
    std::map<std::string, std::string> got;
    CHECK_NOTHROW(got = support::read_json(text));
    CHECK_THAT(got["/records/0/fields/0/name"], ContainsSubstring("n\xc3\xbc"
                                                                  "a\xef\xbf\xbdz "));
    CHECK_THAT(got["/records/0/name"], ContainsSubstring("pa\xef\xbf\xbdz "));
    CHECK(text.find('\xff') == std::string::npos);
    CHECK(text.find("\xed\xa0") == std::string::npos);
    CHECK(text.find("\xc0\xaf") == std::string::npos);
    CHECK(text.find("\xf4\x90") == std::string::npos);
}

TEST_CASE("a line end in a name breaks no line of the Markdown", "[report]") {
    WHY("a name that begins a line of its own can begin a heading, a table or a code block");
    LayoutReport plain(linux64());
    plain.add(with_names("R ## x", "f | g", "T ``` t"));
    LayoutReport broken(linux64());
    broken.add(with_names("R\n## x", "f\r| g", "T\n``` t"));
    CHECK(broken.markdown() == plain.markdown());
}
