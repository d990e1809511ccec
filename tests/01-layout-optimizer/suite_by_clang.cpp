#include "support/suite.hpp"

#include <layout_optimizer.hpp>
#include <span>

#include "place_checks.hpp"

using namespace cacheline;

namespace {

// Line i: which layout each target has of record i, as digits, and those layouts.
constexpr std::string_view kPlainByClang[] = {
#include "layouts.inc"
};
constexpr std::string_view kAllKindsByClang[] = {
#include "bit_layouts.inc"
};

std::string_view word_number(std::string_view line, std::size_t number) {
    for (; number > 0; --number)
        line.remove_prefix(line.find(' ') + 1);
    return line.substr(0, line.find(' '));
}

// Compares place() with what clang has made of the records, on all targets.
void check_with_clang(std::span<const std::string_view> by_clang, Make what) {
    std::size_t wrong_layouts = 0;
    std::string first_wrong;
    for (std::uint64_t i = 0; i < by_clang.size(); ++i) {
        const Record record = random_record(i, what);
        const std::string_view line = by_clang[i];
        for (std::size_t t = 0; t < kTargets.size(); ++t) {
            const Layout layout = place(record, kTargets[t]);
            const auto choice = static_cast<std::size_t>(line[t] - '0');
            const std::string_view expected = word_number(line, 1 + choice);
            const std::string got = word_of(record, layout);
            const std::string fault = contradiction(record, layout, kTargets[t]);
            if (got == expected && fault.empty()) continue;
            if (++wrong_layouts == 1)
                first_wrong = "on " + std::string(kTargets[t].name) +
                              ", size:align:offsets by clang " + std::string(expected) +
                              ", by place " + got + (fault.empty() ? "" : "; " + fault) + "\n" +
                              declarations(record);
        }
    }
    INFO(first_wrong);
    CHECK(wrong_layouts == 0);
}

}  // namespace

TEST_CASE("random records are laid out as clang does on all nine targets", "[place]") {
    WHY("the compiler has the last word on where a field is");
    static_assert(std::size(kPlainByClang) >= 2000);
    check_with_clang(kPlainByClang, Make::kPlain);
}

TEST_CASE("random bit-fields, unions and flexible arrays are laid out as clang does", "[place]") {
    WHY("the compiler has the last word on where a bit is, and no two ABIs agree on all of it");
    static_assert(std::size(kAllKindsByClang) >= 1000);
    check_with_clang(kAllKindsByClang, Make::kAllKinds);
}
