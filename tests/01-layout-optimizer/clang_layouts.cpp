// Asks clang how it lays out random records on each of the nine targets. KIND is `plain` or `all`.
//
// clang-format off
//   clang_layouts make KIND COUNT          prints layouts.inc (plain) or bit_layouts.inc (all):
//                                          what clang says of records 0 to COUNT-1
//   clang_layouts check KIND FIRST COUNT   compares place() with clang; exits with 77 without one
// clang-format on
//
// CLANG in the environment names the compiler, else it is `clang`.

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <layout_optimizer.hpp>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "random_records.hpp"

namespace cacheline {
namespace {

struct Triple {
    std::string_view target;
    std::string_view clang;
};

constexpr std::array<Triple, 9> kTriples = {{
    {"x86_64-linux", "x86_64-linux-gnu"},
    {"i386-linux", "i386-linux-gnu"},
    {"x86_64-windows", "x86_64-pc-windows-msvc"},
    {"aarch64-linux", "aarch64-linux-gnu"},
    {"aarch64-apple", "arm64-apple-macosx"},
    {"arm-linux", "arm-linux-gnueabihf"},
    {"riscv64-linux", "riscv64-linux-gnu"},
    {"s390x-linux", "s390x-linux-gnu"},
    {"wasm32", "wasm32-unknown-unknown"},
}};

std::string keyword(const Record& record) {
    return record.is_union ? "union " : "struct ";
}

std::string c_type(const Type& type) {
    static const std::map<Scalar, std::string> kOwn = {
        {Scalar::kBool, "_Bool"},
        {Scalar::kInt8, "__INT8_TYPE__"},
        {Scalar::kUint8, "__UINT8_TYPE__"},
        {Scalar::kInt16, "__INT16_TYPE__"},
        {Scalar::kUint16, "__UINT16_TYPE__"},
        {Scalar::kInt32, "__INT32_TYPE__"},
        {Scalar::kUint32, "__UINT32_TYPE__"},
        {Scalar::kInt64, "__INT64_TYPE__"},
        {Scalar::kUint64, "__UINT64_TYPE__"},
        {Scalar::kSize, "__SIZE_TYPE__"},
        {Scalar::kWchar, "__WCHAR_TYPE__"},
    };
    const Scalar* const scalar = type.scalar();
    if (scalar == nullptr) return keyword(*type.record()) + type.record()->name;
    const auto found = kOwn.find(*scalar);
    return found == kOwn.end() ? std::string(name(*scalar)) : found->second;
}

std::string aligned(std::uint64_t align) {
    return align == 0 ? "" : " __attribute__((aligned(" + std::to_string(align) + ")))";
}

void write_c(std::ostream& out, const Record& record) {
    for (const Field& field : record.fields)
        if (const Record* const nested = field.type.record()) write_c(out, *nested);
    if (record.pack != 0) out << "#pragma pack(push, " << record.pack << ")\n";
    out << keyword(record) << record.name << " {\n";
    for (const Field& field : record.fields)
        out << "  " << c_type(field.type) << ' ' << field.name << suffix(field)
            << (field.packed ? " __attribute__((packed))" : "") << aligned(field.min_align)
            << ";\n";
    out << '}' << (record.packed ? " __attribute__((packed))" : "") << aligned(record.min_align)
        << ";\n";
    if (record.pack != 0) out << "#pragma pack(pop)\n";
}

std::uint64_t number_behind(std::string_view text, std::string_view label) {
    const std::size_t at = text.find(label);
    std::uint64_t number = 0;
    if (at != text.npos)
        std::from_chars(text.data() + at + label.size(), text.data() + text.size(), number);
    return number;
}

// What clang says of a record. Offsets are in bits.
struct Answer {
    std::uint64_t size = 0;
    std::uint64_t align = 0;
    std::vector<std::uint64_t> offsets;

    [[nodiscard]] std::string word(const Record& record) const {
        std::vector<std::string> words;
        for (std::size_t i = 0; i < record.fields.size(); ++i)
            words.push_back(offset_word(record.fields[i], offsets.at(i) / 8, offsets.at(i) % 8));
        return layout_word(size, align, words);
    }
};

// Each record's layout, as clang has it for one target.
std::map<std::string, Answer> ask_clang(std::string_view triple, const std::string& source) {
    const char* const compiler = std::getenv("CLANG");
    const std::string command = std::string(compiler == nullptr ? "clang" : compiler) +
                                " -w --target=" + std::string(triple) +
                                " -Xclang -fdump-record-layouts-simple -fsyntax-only -x c " +
                                source;
    FILE* const pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
    std::map<std::string, Answer> layouts;
    std::string name;
    Answer answer;
    std::array<char, 4096> buffer{};
    while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) {
        std::string_view line = buffer.data();
        if (line.starts_with("Type: struct ") || line.starts_with("Type: union ")) {
            line.remove_prefix(line.find(' ', 6) + 1);
            name = line.substr(0, line.find('\n'));
        } else if (line.starts_with("  Size:")) {
            answer.size = number_behind(line, "Size:") / 8;
        } else if (line.starts_with("  Alignment:")) {
            answer.align = number_behind(line, "Alignment:") / 8;
        } else if (line.starts_with("  FieldOffsets:")) {
            answer.offsets.clear();
            for (std::size_t at = line.find('['); at != line.npos; at = line.find(", ", at + 1))
                answer.offsets.push_back(
                    number_behind(line.substr(at), line[at] == '[' ? "[" : ", "));
            layouts[name] = answer;
        }
    }
    if (pclose(pipe) != 0) throw std::runtime_error("this failed: " + command);
    return layouts;
}

// layouts[i][t]: of record `first + i` on the target number t.
std::vector<std::array<std::string, 9>> layouts_by_clang(Make what, std::uint64_t first,
                                                         std::uint64_t count) {
    const std::string source = std::filesystem::temp_directory_path() /
                               ("layouts-" + std::to_string(std::random_device{}()) + ".c");
    {
        std::ofstream out(source);
        for (std::uint64_t i = first; i < first + count; ++i) {
            const Record record = random_record(i, what);
            write_c(out, record);
            out << "unsigned long long size_of_" << i << " = sizeof(" << keyword(record)
                << record.name << ");\n";
        }
    }
    std::vector<std::array<std::string, 9>> layouts(count);
    for (std::size_t t = 0; t < kTriples.size(); ++t) {
        const auto answers = ask_clang(kTriples[t].clang, source);
        for (std::uint64_t i = 0; i < count; ++i) {
            const Record record = random_record(first + i, what);
            layouts[i][t] = answers.at(record.name).word(record);
        }
    }
    std::filesystem::remove(source);
    return layouts;
}

// A line for each record: which of its different layouts each target has, then those.
void make(Make what, std::uint64_t count) {
    std::cout
        << "// By clang_layouts.cpp: what clang makes of random_record(0) and so on. The digits "
           "say,\n// target by target in the order of kTargets, which of the layouts behind "
           "them it has.\n";
    for (const auto& by_target : layouts_by_clang(what, 0, count)) {
        std::vector<std::string> different;
        std::string digits;
        for (const std::string& word : by_target) {
            std::size_t i = 0;
            while (i < different.size() && different[i] != word)
                ++i;
            if (i == different.size()) different.push_back(word);
            digits += static_cast<char>('0' + i);
        }
        std::cout << '"' << digits;
        for (const std::string& word : different)
            std::cout << ' ' << word;
        std::cout << "\",\n";
    }
}

int check(Make what, std::uint64_t first, std::uint64_t count) {
    std::uint64_t differences = 0;
    const auto expected = layouts_by_clang(what, first, count);
    for (std::uint64_t i = 0; i < count; ++i) {
        const Record record = random_record(first + i, what);
        for (std::size_t t = 0; t < kTriples.size(); ++t) {
            const Layout layout = place(record, target(kTriples[t].target));
            std::vector<std::string> offsets;
            for (std::size_t f = 0; f < layout.fields.size(); ++f)
                offsets.push_back(offset_word(record.fields[f], layout.fields[f].offset,
                                              layout.fields[f].bit_offset));
            const std::string word = layout_word(layout.size, layout.align, offsets);
            if (word == expected[i][t]) continue;
            if (++differences <= 5)
                std::cout << kTriples[t].target << ", record " << first + i << ": clang "
                          << expected[i][t] << ", place " << word << '\n'
                          << declaration(record);
        }
    }
    std::cout << count << " records on " << kTriples.size() << " targets, " << differences
              << " differences\n";
    return differences == 0 ? 0 : 1;
}

bool has_clang() {
    const char* const compiler = std::getenv("CLANG");
    const std::string command =
        std::string(compiler == nullptr ? "clang" : compiler) + " --version > /dev/null 2>&1";
    return std::system(command.c_str()) == 0;
}

}  // namespace
}  // namespace cacheline

int main(int argc, char* argv[]) {
    const std::vector<std::string> args(argv + 1, argv + argc);
    const bool known = args.size() > 1 && (args[1] == "plain" || args[1] == "all");
    const bool makes = known && args.size() == 3 && args[0] == "make";
    const bool checks = known && args.size() == 4 && args[0] == "check";
    if (!makes && !checks) {
        std::cerr << "usage: clang_layouts make KIND COUNT | check KIND FIRST COUNT\n";
        return 2;
    }
    if (!cacheline::has_clang()) {
        std::cerr << "no clang here\n";
        return 77;
    }
    try {
        const auto what = args[1] == "all" ? cacheline::Make::kAllKinds : cacheline::Make::kPlain;
        if (checks) return cacheline::check(what, std::stoull(args[2]), std::stoull(args[3]));
        cacheline::make(what, std::stoull(args[2]));
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
