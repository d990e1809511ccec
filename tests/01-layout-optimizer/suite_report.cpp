#include "support/suite.hpp"

#include <algorithm>
#include <cstdlib>
#include <layout_optimizer.hpp>
#include <locale>
#include <map>

#include "linux64.hpp"
#include "support/json_reader.hpp"

using namespace cacheline;
using Catch::Matchers::ContainsSubstring;
using Flat = std::map<std::string, std::string>;

namespace {

Record order() {
    return {"Order",
            {Field{"side", Scalar::kChar}, Field{"price", Scalar::kDouble},
             Field{"lots", Scalar::kInt32}}};
}

Record queue() {
    const Record item{"Item", {Field{"id", Scalar::kInt64}, Field{"tag", Scalar::kChar}}};
    return {"Queue",
            {Field{"head", Scalar::kUint64, 1, Access{true, 0}},
             Field{"tail", Scalar::kUint64, 1, Access{true, 1}}, Field{"items", item, 4}}};
}

std::vector<Record> both() {
    return {order(), queue()};
}

Flat parsed(const std::string& json) {
    try {
        return support::read_json(json);
    } catch (const std::runtime_error& error) {
        FAIL("the report is no valid JSON: " << error.what());
        return {};
    }
}

void expect_fields(Flat& flat, const std::string& path, const Record& record,
                   const Layout& layout) {
    for (std::size_t i = 0; i < layout.fields.size(); ++i) {
        const FieldLayout& field = layout.fields[i];
        const std::string at = path + "/fields/" + std::to_string(i);
        flat[at + "/name"] = field.name;
        flat[at + "/type"] = name(record.fields[i].type);
        flat[at + "/count"] = std::to_string(record.fields[i].count);
        flat[at + "/offset"] = std::to_string(field.offset);
        flat[at + "/size"] = std::to_string(field.size);
        flat[at + "/align"] = std::to_string(field.align);
        flat[at + "/padding_before"] = std::to_string(field.padding_before);
    }
}

// All that the JSON of an analysis is to hold, but for its score.
Flat expected_json(const std::string& path, const Analysis& analysis) {
    Flat flat;
    flat[path + "/name"] = analysis.record.name;
    flat[path + "/size"] = std::to_string(analysis.layout.size);
    flat[path + "/align"] = std::to_string(analysis.layout.align);
    flat[path + "/padding"] = std::to_string(analysis.layout.padding());
    flat[path + "/tail_padding"] = std::to_string(analysis.layout.tail_padding);
    flat[path + "/cache_lines"] = std::to_string(analysis.layout.cache_lines);
    flat[path + "/saved"] = std::to_string(analysis.saved());
    expect_fields(flat, path, analysis.record, analysis.layout);
    flat[path + "/proposed/size"] = std::to_string(analysis.proposed_layout.size);
    flat[path + "/proposed/align"] = std::to_string(analysis.proposed_layout.align);
    expect_fields(flat, path + "/proposed", analysis.proposed, analysis.proposed_layout);
    for (std::size_t i = 0; i < analysis.findings.size(); ++i) {
        const Finding& finding = analysis.findings[i];
        const std::string at = path + "/findings/" + std::to_string(i);
        flat[at + "/kind"] = name(finding.kind);
        flat[at + "/bytes"] = std::to_string(finding.bytes);
        flat[at + "/text"] = finding.text;
        if (finding.fields.empty()) flat[at + "/fields"] = "[]";
        for (std::size_t f = 0; f < finding.fields.size(); ++f)
            flat[at + "/fields/" + std::to_string(f)] = finding.fields[f];
    }
    return flat;
}

// The first value that is not as expected, missing or too much; empty when there is none.
std::string difference(const Flat& got, const Flat& expected) {
    for (const auto& [path, value] : expected) {
        const auto found = got.find(path);
        if (found == got.end()) return path + " is missing";
        if (found->second != value) return path + " is " + found->second + " and not " + value;
    }
    for (const auto& [path, value] : got)
        if (!expected.contains(path)) return path + " is there and not in the contract";
    return "";
}

// A locale in which 1234.5 is written 1.234,5.
struct Commas final : std::numpunct<char> {
    char do_decimal_point() const override { return ','; }
    char do_thousands_sep() const override { return '.'; }
    std::string do_grouping() const override { return "\3"; }
};

class UnderCommas {
public:
    UnderCommas() : before_(std::locale::global(std::locale(std::locale(), new Commas))) {}
    ~UnderCommas() { std::locale::global(before_); }
    UnderCommas(const UnderCommas&) = delete;
    UnderCommas& operator=(const UnderCommas&) = delete;

private:
    std::locale before_;
};

}  // namespace

TEST_CASE("the analysis holds what the other steps find", "[report]") {
    WHY("a report that computes anew may contradict the tool");
    LayoutReport report(linux64());
    report.add(order());
    REQUIRE(report.analyses().size() == 1);
    const Analysis& analysis = report.analyses()[0];
    const bool same_record = analysis.record == order();
    CHECK(same_record);
    const bool same_layout = analysis.layout == place(order(), linux64());
    CHECK(same_layout);
    const bool same_proposal = analysis.proposed == separate(order(), linux64());
    CHECK(same_proposal);
    const bool same_findings = analysis.findings == review(order(), linux64());
    CHECK(same_findings);
    CHECK(analysis.proposed_layout.size == 16);
    CHECK(analysis.saved() == 8);
    CHECK(analysis.score() == Catch::Approx(8.0 / 24));
    report.add(queue());
    REQUIRE(report.analyses().size() == 2);
    CHECK(report.analyses()[1].proposed_layout.size == 128);
    CHECK(report.analyses()[1].score() == 0);
}

TEST_CASE("many records are added at once, or none", "[report]") {
    WHY("half a batch in a report looks like a whole one");
    LayoutReport report(linux64());
    report.add(both());
    REQUIRE(report.analyses().size() == 2);
    CHECK(report.analyses()[0].record.name == "Order");
    CHECK(report.analyses()[1].record.name == "Queue");
    std::vector<Record> faulty = both();
    faulty.push_back({"Empty", {}});
    CHECK_THROWS_AS(report.add(faulty), std::invalid_argument);
    CHECK(report.analyses().size() == 2);
    CHECK_THROWS_AS(report.add(faulty.back()), std::invalid_argument);
    CHECK(report.analyses().size() == 2);
    report.add(std::span<const Record>());
    CHECK(report.analyses().size() == 2);
}

TEST_CASE("the JSON says all that the contract lists, and a parser reads it", "[report]") {
    WHY("a build that is to fail when a record grows reads the report by program");
    LayoutReport report(linux64());
    report.add(both());
    Flat got = parsed(report.json());
    Flat expected = {{"/target/name", "x86_64-linux"}, {"/target/cache_line", "64"}};
    for (std::size_t i = 0; i < 2; ++i) {
        const Analysis& analysis = report.analyses()[i];
        const std::string path = "/records/" + std::to_string(i);
        INFO(path << "/score is " << got[path + "/score"]);
        CHECK(std::strtod(got[path + "/score"].c_str(), nullptr) ==
              Catch::Approx(analysis.score()).margin(1e-6));
        got.erase(path + "/score");
        expected.merge(expected_json(path, analysis));
    }
    CHECK(difference(got, expected) == "");
}

TEST_CASE("JSON stays valid whatever the names hold", "[report]") {
    WHY("operator\"\" and a Windows path are names too; one quote too few and the file is lost");
    Record odd = order();
    odd.name = "operator\"\"_x<'\\', '\t', \"\n\">";
    odd.name += '\x01';
    odd.fields[0].name = "C:\\dir\\\"side\"\b\f\r\x1f";
    odd.fields[1].name = "pr\u00fcf\u20acz\U0001F600 / {[]}, :";
    LayoutReport report(linux64());
    report.add(odd);
    const std::string text = report.json();
    INFO(text);
    Flat got = parsed(text);
    CHECK(got["/records/0/name"] == odd.name);
    CHECK(got["/records/0/fields/0/name"] == odd.fields[0].name);
    CHECK(got["/records/0/fields/1/name"] == odd.fields[1].name);
}

TEST_CASE("numbers are written alike in every locale", "[report]") {
    WHY("where 0.333 is written 0,333 the JSON breaks, on the one customer's machine");
    Record large = order();
    large.fields.push_back(Field{"tail", Scalar::kChar, 123'456});
    LayoutReport report(linux64());
    report.add(std::vector{order(), large});
    const std::string json = report.json();
    const std::string markdown = report.markdown();
    const UnderCommas commas;
    const std::string json_there = report.json();
    INFO(json_there);
    static_cast<void>(parsed(json_there));
    CHECK(json_there == json);
    CHECK(report.markdown() == markdown);
    CHECK_THAT(report.markdown(), ContainsSubstring("33.3%"));
}

TEST_CASE("an empty report is a valid one", "[report]") {
    WHY("a project without records is no error");
    const LayoutReport report(target("s390x-linux"));
    Flat got = parsed(report.json());
    CHECK(got["/target/cache_line"] == "256");
    CHECK(got["/records"] == "[]");
    CHECK_THAT(report.markdown(), ContainsSubstring("s390x-linux") && ContainsSubstring("256"));
}

TEST_CASE("the Markdown summary has a row for each record", "[report]") {
    WHY("a reader wants to see at a glance where the bytes are");
    LayoutReport report(linux64());
    report.add(both());
    const std::string text = report.markdown();
    INFO(text);
    CHECK_THAT(text, ContainsSubstring("x86_64-linux") && ContainsSubstring("64"));
    CHECK_THAT(text, ContainsSubstring("| Order | 24 | 16 | 8 | 33.3% |\n"));
    CHECK_THAT(text, ContainsSubstring("| Queue | 80 | 128 | 0 | 0.0% |\n"));
    CHECK(text.find("| Order |") < text.find("| Queue |"));
    CHECK(text.find("| Queue |") < text.find("\n## Order\n"));
    CHECK(text.find("\n## Order\n") < text.find("\n## Queue\n"));
}

TEST_CASE("the Markdown details show offsets, findings and the record to write", "[report]") {
    WHY("the report is to be acted on: the new declaration can be pasted");
    LayoutReport report(linux64());
    report.add(both());
    report.add(Record{"Fine", {Field{"only", Scalar::kInt64}}});
    const std::string text = report.markdown();
    INFO(text);
    for (const Analysis& analysis : report.analyses()) {
        const std::size_t start = text.find("\n## " + analysis.record.name + "\n");
        REQUIRE(start != std::string::npos);
        const std::string section = text.substr(start, text.find("\n## ", start + 1) - start);
        INFO(analysis.record.name);
        std::vector<std::string> untold;
        for (const FieldLayout& field : analysis.layout.fields) {
            const std::size_t row =
                std::min(section.find("\n| " + field.name + " |"), section.size());
            const std::string cells = section.substr(row, section.find('\n', row + 1) - row);
            for (const std::uint64_t number :
                 {field.offset, field.size, field.align, field.padding_before})
                if (cells.find("| " + std::to_string(number) + " |") == std::string::npos)
                    untold.push_back(field.name + ": " + std::to_string(number));
        }
        for (const Finding& finding : analysis.findings)
            if (section.find(finding.text) == std::string::npos) untold.push_back(finding.text);
        CHECK(untold == std::vector<std::string>{});
        const bool differs = analysis.proposed != analysis.record;
        const bool declared = section.find(declaration(analysis.proposed)) != std::string::npos;
        CHECK(declared == differs);
    }
}

TEST_CASE("a bar in a name does not break the Markdown tables", "[report]") {
    WHY("operator| would open a column of its own");
    Record odd = order();
    odd.name = "Flags<A|B>";
    odd.fields[0].name = "a|b";
    LayoutReport report(linux64());
    report.add(odd);
    const std::string text = report.markdown();
    INFO(text);
    CHECK_THAT(text, ContainsSubstring("| Flags<A\\|B> | 24 |"));
    CHECK_THAT(text, ContainsSubstring("\n| a\\|b |"));
}
