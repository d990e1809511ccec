#include "support/suite.hpp"

#include <layout_optimizer.hpp>
#include <locale>
#include <nlohmann/json.hpp>

using namespace cacheline;
using Catch::Matchers::ContainsSubstring;
using Json = nlohmann::json;

namespace {

const Target& linux64() {
    return target("x86_64-linux");
}

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

Json fields_of(const Record& record, const Layout& layout) {
    Json fields = Json::array();
    for (std::size_t i = 0; i < layout.fields.size(); ++i) {
        const FieldLayout& field = layout.fields[i];
        fields.push_back({{"name", field.name},
                          {"type", name(record.fields[i].type)},
                          {"count", record.fields[i].count},
                          {"offset", field.offset},
                          {"size", field.size},
                          {"align", field.align},
                          {"padding_before", field.padding_before}});
    }
    return fields;
}

// Members of "got" that differ from those expected, more of them or fewer; empty when all agree.
std::string difference(const Json& got, const Json& expected) {
    const Json patch = Json::diff(expected, got);
    return patch.empty() ? "" : patch.dump(1);
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

TEST_CASE("the analysis holds what the other steps find", "[report][asan]") {
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

TEST_CASE("the JSON says all that the contract lists, and a parser reads it", "[report][asan]") {
    WHY("a build that is to fail when a record grows reads the report by program");
    LayoutReport report(linux64());
    report.add(both());
    const Json got = Json::parse(report.json());
    CHECK(difference(got.at("target"), {{"name", "x86_64-linux"}, {"cache_line", 64}}) == "");
    REQUIRE(got.at("records").size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
        const Analysis& analysis = report.analyses()[i];
        INFO(analysis.record.name);
        Json expected = {{"name", analysis.record.name},
                         {"size", analysis.layout.size},
                         {"align", analysis.layout.align},
                         {"padding", analysis.layout.padding()},
                         {"tail_padding", analysis.layout.tail_padding},
                         {"cache_lines", analysis.layout.cache_lines},
                         {"saved", analysis.saved()}};
        expected["fields"] = fields_of(analysis.record, analysis.layout);
        expected["proposed"] = {{"size", analysis.proposed_layout.size},
                                {"align", analysis.proposed_layout.align}};
        expected["proposed"]["fields"] = fields_of(analysis.proposed, analysis.proposed_layout);
        expected["findings"] = Json::array();
        for (const Finding& finding : analysis.findings)
            expected["findings"].push_back({{"kind", name(finding.kind)},
                                            {"fields", finding.fields},
                                            {"bytes", finding.bytes},
                                            {"text", finding.text}});
        Json record = got.at("records")[i];
        CHECK(record.at("score").get<double>() == Catch::Approx(analysis.score()).margin(1e-6));
        record.erase("score");
        CHECK(difference(record, expected) == "");
    }
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
    REQUIRE(Json::accept(text));
    const Json record = Json::parse(text).at("records").at(0);
    CHECK(record.at("name") == odd.name);
    CHECK(record.at("fields").at(0).at("name") == odd.fields[0].name);
    CHECK(record.at("fields").at(1).at("name") == odd.fields[1].name);
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
    CHECK(Json::accept(json_there));
    CHECK(json_there == json);
    CHECK(report.markdown() == markdown);
    CHECK_THAT(report.markdown(), ContainsSubstring("33.3%"));
}

TEST_CASE("an empty report is a valid one", "[report]") {
    WHY("a project without records is no error");
    const LayoutReport report(target("s390x-linux"));
    const Json got = Json::parse(report.json());
    CHECK(got.at("target").at("cache_line") == 256);
    CHECK(got.at("records") == Json::array());
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
        for (const FieldLayout& field : analysis.layout.fields) {
            const std::size_t row = section.find("\n| " + field.name + " |");
            REQUIRE(row != std::string::npos);
            const std::string cells = section.substr(row + 1, section.find('\n', row + 1) - row);
            for (const std::uint64_t number :
                 {field.offset, field.size, field.align, field.padding_before})
                CHECK_THAT(cells, ContainsSubstring("| " + std::to_string(number) + " |"));
        }
        for (const Finding& finding : analysis.findings)
            CHECK_THAT(section, ContainsSubstring(finding.text));
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
