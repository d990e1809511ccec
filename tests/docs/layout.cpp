// What the site takes from the layout exercise, printed as JSON or Markdown:
//
//     docs-layout targets          the nine targets' scalars
//     docs-layout report           the report of real structs
//     docs-layout random N SEED    random records, where the reference places and reorders them

#include <netdb.h>
#include <sys/socket.h>
#include <sys/timex.h>

#include <dirent.h>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <string_view>

#include "describe.hpp"
#include "layout_optimizer.hpp"

namespace cacheline {
namespace {

void print_targets() {
    std::cout << "[\n";
    for (const Target& target : kTargets) {
        std::cout << R"(  {"name": ")" << target.name << R"(", "cache_line": )" << target.cache_line
                  << R"(, "scalars": {)";
        bool first = true;
        for (std::size_t i = 0; i < kScalarCount; ++i) {
            const auto scalar = static_cast<Scalar>(i);
            if (target.find(scalar) == nullptr) continue;
            std::cout << (first ? "" : ", ") << '"' << name(scalar) << R"(": {"size": )"
                      << target.find(scalar)->size << R"(, "align": )" << target.find(scalar)->align
                      << '}';
            first = false;
        }
        std::cout << "}}" << (&target == &kTargets.back() ? "\n" : ",\n");
    }
    std::cout << "]\n";
}

// Kernel and library interfaces, whose order nobody may change any more, and two structs of the
// workbook's benchmark.
void print_report() {
    LayoutReport report(target("x86_64-linux"));
    report.add(CACHELINE_DESCRIBE(msghdr, msg_name, msg_namelen, msg_iov, msg_iovlen, msg_control,
                                  msg_controllen, msg_flags));
    report.add(CACHELINE_DESCRIBE(addrinfo, ai_flags, ai_family, ai_socktype, ai_protocol,
                                  ai_addrlen, ai_addr, ai_canonname, ai_next));
    report.add(CACHELINE_DESCRIBE(dirent, d_ino, d_off, d_reclen, d_type, d_name));
    report.add(Record{"Position",
                      {Field{"open", Scalar::kBool}, Field{"price", Scalar::kDouble},
                       Field{"side", Scalar::kChar}, Field{"id", Scalar::kInt64},
                       Field{"venue", Scalar::kInt16}, Field{"lots", Scalar::kInt32},
                       Field{"flags", Scalar::kUint16}, Field{"margin", Scalar::kFloat}}});
    report.add(Record{"Counters",
                      {Field{"sent", Scalar::kUint64, 1, Access{true, 0}},
                       Field{"received", Scalar::kUint64, 1, Access{true, 1}},
                       Field{"limit", Scalar::kUint64}, Field{"name", Scalar::kChar, 24}}});
    std::cout << report.markdown();
}

void print_placed(std::string_view key, const Record& record, const Target& target) {
    const Layout layout = place(record, target);
    std::cout << ", \"" << key << R"(": {"size": )" << layout.size << R"(, "align": )"
              << layout.align << R"(, "offsets": {)";
    for (const FieldLayout& field : layout.fields)
        std::cout << (&field == layout.fields.data() ? "" : ", ") << '"' << field.name
                  << "\": " << field.offset;
    std::cout << "}}";
}

void print_random(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 rng(seed);
    for (std::size_t n = 0; n < count; ++n) {
        const Target& target = kTargets[rng() % kTargets.size()];
        Record record{"R", {}};
        if (rng() % 8 == 0) record.min_align = std::uint64_t{1} << rng() % 8;
        const std::size_t fields = 1 + rng() % 9;
        while (record.fields.size() < fields) {
            const auto scalar = static_cast<Scalar>(rng() % kScalarCount);
            if (target.find(scalar) == nullptr) continue;
            Field field{'f' + std::to_string(record.fields.size()), scalar};
            if (rng() % 4 == 0) field.count = 1 + rng() % 20;
            if (rng() % 4 == 0) field.min_align = std::uint64_t{1} << rng() % 7;
            record.fields.push_back(field);
        }
        std::cout << R"({"target": ")" << target.name << R"(", "align": )" << record.min_align
                  << R"(, "fields": [)";
        for (const Field& field : record.fields)
            std::cout << (&field == record.fields.data() ? "" : ", ") << R"({"name": ")"
                      << field.name << R"(", "type": ")" << name(field.type) << R"(", "count": )"
                      << field.count << R"(, "align": )" << field.min_align << '}';
        std::cout << ']';
        print_placed("placed", record, target);
        print_placed("reordered", reorder(record, target), target);
        std::cout << "}\n";
    }
}

}  // namespace
}  // namespace cacheline

int main(int argc, char** argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";
    if (what == "targets" && argc == 2)
        cacheline::print_targets();
    else if (what == "report" && argc == 2)
        cacheline::print_report();
    else if (what == "random" && argc == 4)
        cacheline::print_random(std::strtoul(argv[2], nullptr, 10),
                                std::strtoull(argv[3], nullptr, 10));
    else
        return std::cerr << "docs-layout targets | report | random N SEED\n", 2;
}
