// How fast CSV with fields of 7 to 8 bytes is read, each field being looked at.
//
//   Parse/…/4194304     in memory, from the second-level cache outwards; decides the step "speed"
//   Table/…/268435456   in memory, 256 MiB
//   File/…/268435456    from a file that is in the page cache, mapped anew each time
//   Upper/…             copy on write against copying, 10,000 texts of which none change

#include <benchmark/benchmark.h>

// The student's headers.
#include <cow_string.hpp>
#include <csv_reader.hpp>
#include <mapped_file.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "temp_file.hpp"

namespace {

using cacheline::CsvReader;
using cacheline::MappedFile;
using cacheline::support::TempFile;

constexpr std::size_t kSmall = std::size_t{4} << 20;
constexpr std::size_t kLarge = std::size_t{256} << 20;
constexpr std::size_t kColumns = 10;
constexpr std::size_t kLongestRecord = 100;

// What each contender computes of each field, so that none can skip one.
std::uint64_t look_at(std::string_view field, std::size_t column) {
    const auto first = static_cast<unsigned char>(field.front());
    const auto last = static_cast<unsigned char>(field.back());
    return field.size() + (column + 1) * first + std::uint64_t{31} * last;
}

// The plain loop over the bytes with views; it knows nothing of quotes.
std::uint64_t read_with_views(std::string_view text) {
    std::uint64_t sum = 0;
    std::vector<std::string_view> record;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != ',' && text[i] != '\n') continue;
        record.push_back(text.substr(begin, i - begin));
        begin = i + 1;
        if (text[i] == '\n') {
            for (std::size_t f = 0; f < record.size(); ++f)
                sum += look_at(record[f], f);
            record.clear();
        }
    }
    return sum;
}

struct Input {
    std::string text;
    std::uint64_t checksum = 0;
    std::mt19937_64 random{std::random_device{}()};

    // Which one can't be foreseen, so that who remembers where they were reads a wrong field.
    void move_a_comma() {
        const std::size_t comma = text.find(',', random() % (text.size() - kLongestRecord));
        const std::size_t begin = text.rfind('\n', comma) + 1;
        const std::size_t end = text.find('\n', comma) + 1;
        if (text[comma + 2] == ',' || text[comma + 2] == '\n') return;  // no field shall be empty
        const auto record = std::string_view(text).substr(begin, end - begin);
        checksum -= read_with_views(record);
        std::swap(text[comma], text[comma + 1]);
        checksum += read_with_views(record);
    }
};

Input make_input(std::size_t size) {
    const char* const seed = std::getenv("CACHELINE_SEED");
    std::mt19937_64 rng(seed != nullptr ? std::strtoull(seed, nullptr, 10) : 1);
    Input input;
    input.text.reserve(size + kLongestRecord);
    while (input.text.size() < size) {
        for (std::size_t column = 0; column < kColumns; ++column) {
            const std::size_t begin = input.text.size();
            std::uint64_t random = rng();
            for (std::size_t i = 7 + (random >> 63); i > 0; --i, random /= 26)
                input.text += static_cast<char>('a' + random % 26);
            input.checksum += look_at(std::string_view(input.text).substr(begin), column);
            input.text += column + 1 < kColumns ? ',' : '\n';
        }
    }
    return input;
}

Input& input_of(std::size_t size) {
    static Input small = make_input(kSmall);
    if (size == kSmall) return small;
    static Input large = make_input(kLarge);
    return large;
}

std::uint64_t read_with_yours(std::string_view text) {
    std::uint64_t sum = 0;
    CsvReader csv(text);
    while (csv.next()) {
        const std::size_t fields = csv.size();
        for (std::size_t i = 0; i < fields; ++i)
            sum += look_at(csv[i], i);
    }
    return sum;
}

// The usual state machine: each byte is looked at, each field becomes a std::string.
std::uint64_t read_with_copies(std::string_view text) {
    std::uint64_t sum = 0;
    std::vector<std::string> record;
    std::string field;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c != '"') {
                field += c;
            } else if (i + 1 < text.size() && text[i + 1] == '"') {
                field += '"';
                ++i;
            } else {
                quoted = false;
            }
        } else if (c == '"') {
            quoted = true;
        } else if (c == ',' || c == '\n') {
            record.push_back(field);
            field.clear();
            if (c == '\n') {
                for (std::size_t f = 0; f < record.size(); ++f)
                    sum += look_at(record[f], f);
                record.clear();
            }
        } else if (c != '\r') {
            field += c;
        }
    }
    return sum;
}

// The same with memchr, which compares a vector at a time but is called for each field.
std::uint64_t read_with_memchr(std::string_view text) {
    std::uint64_t sum = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::string_view record = text.substr(begin, text.find('\n', begin) - begin);
        std::size_t column = 0;
        for (std::size_t at = 0; at <= record.size(); ++column) {
            const std::size_t end = std::min(record.find(',', at), record.size());
            sum += look_at(record.substr(at, end - at), column);
            at = end + 1;
        }
        begin += record.size() + 1;
    }
    return sum;
}

// No parser is faster than this: every byte is loaded, nothing is found.
std::uint64_t only_load(std::string_view text) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i + 8 <= text.size(); i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + i, 8);
        sum += word;
    }
    return sum;
}

template <typename Reader>
void read_text(benchmark::State& state, Reader reader, bool checked = true) {
    Input& input = input_of(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        input.move_a_comma();
        const std::uint64_t sum = reader(input.text);
        benchmark::DoNotOptimize(sum);
        if (checked && sum != input.checksum) {
            state.SkipWithError("the checksum of the fields is wrong");
            break;
        }
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(input.text.size()));
}

BENCHMARK_CAPTURE(read_text, yours, read_with_yours)
    ->Name("Parse/yours")
    ->Arg(kSmall)
    ->MinTime(0.2);
BENCHMARK_CAPTURE(read_text, baseline, read_with_copies)
    ->Name("Parse/baseline")
    ->Arg(kSmall)
    ->MinTime(0.2);

#if defined(CACHELINE_PEERS)

BENCHMARK_CAPTURE(read_text, views, read_with_views)->Name("Parse/string_view")->Arg(kSmall);
BENCHMARK_CAPTURE(read_text, memchr, read_with_memchr)->Name("Parse/memchr")->Arg(kSmall);
BENCHMARK_CAPTURE(read_text, limit, only_load, false)->Name("Parse/limit")->Arg(kSmall);

BENCHMARK_CAPTURE(read_text, yours, read_with_yours)->Name("Table/yours")->Arg(kLarge);
BENCHMARK_CAPTURE(read_text, baseline, read_with_copies)->Name("Table/baseline")->Arg(kLarge);
BENCHMARK_CAPTURE(read_text, views, read_with_views)->Name("Table/string_view")->Arg(kLarge);
BENCHMARK_CAPTURE(read_text, memchr, read_with_memchr)->Name("Table/memchr")->Arg(kLarge);
BENCHMARK_CAPTURE(read_text, limit, only_load, false)->Name("Table/limit")->Arg(kLarge);

struct LargeFile {
    TempFile file{input_of(kLarge).text};
    std::uint64_t checksum = input_of(kLarge).checksum;
};

const LargeFile& large_file() {
    static const LargeFile large;
    return large;
}

std::uint64_t map_and_read(const std::string& path) {
    const MappedFile file(path);
    return read_with_yours(file.text());
}

template <int kFlags>
std::uint64_t map_and_load(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY);
    const std::size_t size = input_of(kLarge).text.size();
    void* const map = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | kFlags, file, 0);
    close(file);
    if (map == MAP_FAILED) return 0;
    const std::uint64_t sum = only_load({static_cast<const char*>(map), size});
    munmap(map, size);
    return sum;
}

// read() copies each byte out of the page cache into a buffer that is used again.
std::uint64_t read_and_load(const std::string& path) {
    static std::string buffer(1 << 20, '\0');
    const int file = open(path.c_str(), O_RDONLY);
    std::uint64_t sum = 0;
    for (ssize_t got = 0; (got = read(file, buffer.data(), buffer.size())) > 0;)
        sum += only_load({buffer.data(), static_cast<std::size_t>(got)});
    close(file);
    return sum;
}

template <typename Reader>
void read_file(benchmark::State& state, Reader reader, bool checked = false) {
    const LargeFile& large = large_file();
    for (auto _ : state) {
        const std::uint64_t sum = reader(large.file.path());
        benchmark::DoNotOptimize(sum);
        if (checked && sum != large.checksum) {
            state.SkipWithError("the checksum of the fields is wrong");
            break;
        }
    }
    state.SetBytesProcessed(state.iterations() *
                            static_cast<std::int64_t>(input_of(kLarge).text.size()));
}

BENCHMARK_CAPTURE(read_file, yours, map_and_read, true)->Name("File/yours")->Arg(kLarge);
BENCHMARK_CAPTURE(read_file, limit, map_and_load<0>)->Name("File/limit_mmap")->Arg(kLarge);
BENCHMARK_CAPTURE(read_file, populated, map_and_load<MAP_POPULATE>)
    ->Name("File/limit_mmap_populated")
    ->Arg(kLarge);
BENCHMARK_CAPTURE(read_file, copies, read_and_load)->Name("File/limit_read")->Arg(kLarge);

std::vector<std::string> upper_texts() {
    return std::vector<std::string>(10000, "ALREADY UPPER CASE, ALREADY UPPER CASE");
}

void upper_yours(benchmark::State& state) {
    const std::vector<std::string> texts = upper_texts();
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    for (auto _ : state)
        benchmark::DoNotOptimize(cacheline::process_strings(views));
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(texts.size()));
}

void upper_copies(benchmark::State& state) {
    const std::vector<std::string> texts = upper_texts();
    for (auto _ : state) {
        std::vector<std::string> result;
        for (const std::string& text : texts) {
            std::string upper;
            for (const char c : text)
                upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
            result.push_back(std::move(upper));
        }
        benchmark::DoNotOptimize(result);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(texts.size()));
}

BENCHMARK(upper_yours)->Name("Upper/yours");
BENCHMARK(upper_copies)->Name("Upper/baseline");

#endif

}  // namespace
