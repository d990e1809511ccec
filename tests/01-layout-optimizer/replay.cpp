// The audit of the layout optimizer: records from a secret seed, and what is computed of them. Only
// numbers that the contract fixes: never which of several best orders was chosen.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <layout_optimizer.hpp>

#include "random_access.hpp"
#include "random_records.hpp"
#include "run_oracle.hpp"
#include "support/replay.hpp"

using namespace cacheline;
using cacheline::support::Replay;

namespace {

const Target& some_target(Replay& out) {
    return kTargets[out.below(kTargets.size())];
}

void print_layout(Replay& out, const Layout& layout) {
    out.print(layout.size, layout.align, layout.tail_padding, layout.cache_lines);
    for (const FieldLayout& field : layout.fields)
        out.print(field.name, field.offset, field.size, field.align, field.padding_before);
}

void print_bits(Replay& out, const Layout& layout) {
    out.print(layout.last_line_bytes, layout.tail_bit_padding, layout.holes(), layout.bit_holes());
    for (const FieldLayout& field : layout.fields)
        out.print(field.bit_offset, field.bits, field.bit_padding_before);
}

// What a bad record is answered with.
template <typename Function>
void print_error(Replay& out, Function function) {
    try {
        function();
        out.print("no error");
    } catch (const std::length_error&) {
        out.print("length_error");
    } catch (const std::invalid_argument&) {
        out.print("invalid_argument");
    }
}

Record spoilt(Replay& out, Record record) {
    Field& field = record.fields[out.below(record.fields.size())];
    switch (out.below(5)) {
        case 0:
            field.count = 0;
            break;
        case 1:
            field.min_align = 3 + 2 * out.below(100);
            break;
        case 2:
            field.count = ~std::uint64_t{0} - out.below(1000);
            break;
        case 3:
            field.type = static_cast<Scalar>(kScalarCount + out.below(9));
            break;
        default:
            record.fields.clear();
    }
    return record;
}

// The lines with hot bytes, counted byte by byte.
std::uint64_t hot_lines(const Record& record, const Layout& layout, std::uint64_t line) {
    std::uint64_t count = 0;
    for (std::uint64_t at = 0; at * line < layout.size; ++at) {
        bool hot = false;
        for (std::size_t i = 0; i < layout.fields.size(); ++i) {
            const FieldLayout& field = layout.fields[i];
            hot = hot || (record.fields[i].access.hot && field.offset / line <= at &&
                          (field.offset + field.size - 1) / line >= at);
        }
        count += hot ? 1 : 0;
    }
    return count;
}

}  // namespace

int main(int argc, char* argv[]) {
    Replay replay(argc, argv);
    replay.step("place", [](Replay& out) {
        for (int i = 0; i < 2000; ++i) {
            RandomRecords records(out.rng()());
            print_layout(out, place(records.make("R"), some_target(out)));
        }
        for (int i = 0; i < 1000; ++i) {
            const std::uint64_t max_fields = 9;
            RandomRecords records(out.rng()(), max_fields, Make::kAllKinds);
            const Layout layout = place(records.make("R"), some_target(out));
            print_layout(out, layout);
            print_bits(out, layout);
        }
        for (int i = 0; i < 200; ++i) {
            const Record record = spoilt(out, RandomRecords(out.rng()()).make("R"));
            const Target& target = some_target(out);
            print_error(out, [&] { (void)place(record, target); });
        }
    });
    replay.step("reorder", [](Replay& out) {
        for (int i = 0; i < 2000; ++i) {
            const Target& target = some_target(out);
            const Record record = RandomRecords(out.rng()(), 7).make("R");
            const Record best = reorder(record, target);
            out.print(place(best, target).size, reorder(best, target) == best);
        }
        for (int i = 0; i < 500; ++i) {
            const Target& target = some_target(out);
            out.print(place(reorder(random_runs(out.rng()), target), target).size);
        }
    });
    replay.step("share", [](Replay& out) {
        for (int i = 0; i < 1000; ++i) {
            const Target& target = some_target(out);
            const Record record = random_shared(out.rng(), 5);
            const Record apart = separate(record, target);
            const Layout layout = place(apart, target);
            out.print(layout.size, layout.align, hot_lines(apart, layout, target.cache_line));
        }
    });
    replay.step("advise", [](Replay& out) {
        for (int i = 0; i < 1000; ++i) {
            const Target& target = some_target(out);
            Record record = random_shared(out.rng(), 5);
            for (const Finding& finding : review(record, target)) {
                out.print(name(finding.kind), finding.bytes);
                // The order that saves is the implementation's choice.
                if (finding.kind == FindingKind::kReorder) continue;
                for (const std::string& field : finding.fields)
                    out.print(field);
            }
        }
    });
    replay.step("report", [](Replay& out) {
        const Target& target = some_target(out);
        LayoutReport report(target);
        std::vector<Record> records;
        for (int i = 0; i < 100; ++i) {
            records.push_back(random_shared(out.rng(), 5));
            records.back().name = "R" + std::to_string(out.below(1'000'000));
        }
        report.add(records);
        for (const Analysis& analysis : report.analyses())
            out.print(analysis.record.name, analysis.layout.size, analysis.proposed_layout.size,
                      analysis.saved(), analysis.findings == review(analysis.record, target));
        const std::string markdown = report.markdown();
        for (const Record& record : records) {
            const std::size_t row = markdown.find("| " + record.name + " |");
            out.print(row == std::string::npos
                          ? "no row"
                          : markdown.substr(row, markdown.find('\n', row) - row));
        }
    });
    return 0;
}
