// The audit's script: what the implementation computes from a seed, step by step.

#include "support/replay.hpp"

// The student's headers.
#include <zero_copy.hpp>

#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace cacheline;
using cacheline::support::Replay;

namespace {

std::string random_text(Replay& out, std::string_view alphabet, std::size_t largest) {
    std::string text(out.below(largest + 1), ' ');
    for (char& c : text)
        c = alphabet[out.below(alphabet.size())];
    return text;
}

// A transcript is lines of text: bytes that are none become a number.
std::uint64_t digest(std::string_view bytes) {
    std::uint64_t hash = 14695981039346656037U;
    for (const char c : bytes)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return hash;
}

void cow(Replay& out) {
    for (int i = 0; i < 200; ++i) {
        const std::string text = random_text(out, i % 3 == 0 ? "ABC 12{[" : "ABCabz`{@[\xe9", 60);
        CowString upper = to_upper(text);
        out.print(upper.is_borrowed(), digest(upper));
        upper.to_mut() += 'x';
        CowString moved = to_upper(std::move(upper));
        out.print(moved.is_borrowed(), digest(moved));
        out.print(std::move(moved).into_string().size());
    }
}

void slices(Replay& out) {
    ViewRegistry registry;
    std::vector<SharedBytes> held = {SharedBytes::copy_of(random_text(out, "abcdef", 300))};
    for (int i = 0; i < 300; ++i) {
        const SharedBytes from = held[out.below(held.size())];
        const std::size_t offset = out.below(from.size() + 3);
        const std::size_t count = out.below(40);
        try {
            held.push_back(from.slice(offset, count));
            out.print(digest(held.back().text()));
        } catch (const std::out_of_range&) {
            out.print("out of range");
        }
        const std::string name(1, static_cast<char>('a' + out.below(5)));
        if (out.below(3) == 0) out.print(registry.remove_view(name));
        if (out.below(2) == 0) registry.create_view(name, held.back());
        const auto view = registry.get_view(name);
        out.print(registry.size(), view ? digest(view->text()) : 0);
    }
}

void store(Replay& out) {
    StableStore<std::uint32_t> numbers;
    std::vector<std::span<const std::uint32_t>> spans;
    for (int i = 0; i < 300; ++i) {
        std::vector<std::uint32_t> items(out.below(50));
        for (std::uint32_t& item : items)
            item = static_cast<std::uint32_t>(out.rng()());
        spans.push_back(out.below(4) == 0 ? numbers.adopt(std::move(items))
                                          : numbers.append(items));
        const auto span = spans[out.below(spans.size())];
        out.print(numbers.size(), numbers.views().size(), span.size(),
                  span.empty() ? 0 : span[out.below(span.size())]);
        if (out.below(60) == 0) {
            numbers.clear();
            spans.clear();
            spans.push_back(numbers.append({}));
        }
    }
}

void parse(Replay& out) {
    for (int i = 0; i < 400; ++i) {
        const bool wild = i % 2 == 0;
        const std::string_view marks[] = {"", "", "", "", "", "", "\xEF\xBB\xBF", "\xFF\xFE"};
        std::string text(marks[out.below(8)]);
        text += random_text(out, wild ? "\"\",,\n\r\nab" : "abcdefgh,\n", wild ? 100 : 20000);
        try {
            CsvReader csv(text);
            std::uint64_t sum = 0;
            std::size_t records = 0;
            while (csv.next()) {
                sum = 31 * sum + csv.size();
                for (std::size_t f = 0; f < csv.size(); ++f)
                    sum = 31 * sum + digest(csv[f]);
                if (++records % 256 == 1) out.print(records, sum);
            }
            out.print("end", records, sum, csv.bytes_copied());
        } catch (const CsvError& error) {
            out.print("error", error.where().line, error.where().column);
        }
    }
    std::array<std::byte, 1024> bytes{};
    for (std::byte& byte : bytes)
        byte = static_cast<std::byte>(out.rng()());
    for (int i = 0; i < 50; ++i) {
        const std::size_t begin = out.below(64);
        const std::size_t size = out.below(200);
        try {
            const auto all = records<std::uint32_t>(std::span(bytes).subspan(begin, size));
            for (std::size_t r = 0; r < all.size(); ++r)
                out.print(all[r]);
        } catch (const RecordError& error) {
            out.print("error", error.offset());
        }
    }
}

void batch(Replay& out) {
    ZeroCopyProcessor processor;
    for (int i = 0; i < 60; ++i) {
        std::vector<std::uint32_t> items(out.below(200));
        for (std::uint32_t& item : items)
            item = static_cast<std::uint32_t>(out.rng()());
        const std::array orders = {AccessOrder::sequential(),
                                   AccessOrder::strided(1 + out.below(20)),
                                   AccessOrder::random(out.rng()())};
        const AccessOrder order = orders[out.below(3)];
        const auto wide = processor.process_batch(
            items, [](std::uint32_t x) { return std::uint64_t{x} * x; }, order);
        items = processor.process_batch(
            std::move(items), [](std::uint32_t x) { return x ^ 0x55555555; }, order);
        for (std::size_t k = 0; k < items.size(); k += 17)
            out.print(items[k], wide[k]);
        const std::string text = random_text(out, "abcX", 5);
        const std::array<std::string_view, 2> texts = {text, "UPPER"};
        const auto upper = processor.process_strings(texts);
        const SharedBytes changed = processor.process_bytes(
            SharedBytes::copy_of(text), [](std::byte b) { return b | std::byte{32}; });
        ProcessorStats stats = processor.stats();
        stats.processing_time = {};
        out.print(upper[0].view(), changed.text(), stats.zero_copy_operations,
                  stats.copy_operations, stats.bytes_viewed, stats.bytes_copied);
    }
}

}  // namespace

int main(int argc, char* argv[]) {
    Replay replay(argc, argv);
    replay.step("cow", cow);
    replay.step("slices", slices);
    replay.step("store", store);
    replay.step("parse", parse);
    replay.step("batch", batch);
}
