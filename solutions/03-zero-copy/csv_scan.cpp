// The first pass over CSV with Google Highway: this file is compiled once for each instruction set,
// and the best one that the machine has is chosen when the program runs.
//
// 64 bytes become three 64-bit masks (delimiter, newline, quote); from there on it is arithmetic on
// bits, after G. Langdale and D. Lemire, "Parsing Gigabytes of JSON per Second", VLDB Journal 28
// (2019), and their simdcsv.

// Highway 1.0.3 trips over a compiler that was told of these instructions (-march=native) unless
// one asks for them by name.
#ifndef HWY_WANT_AVX3_DL
#define HWY_WANT_AVX3_DL
#endif
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "csv_scan.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <bit>
#include <cstring>
#include <csv_scan.hpp>

HWY_BEFORE_NAMESPACE();
namespace cacheline::zero_copy_detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kBlock = 64;
// Hardware prefetchers stop at the end of a page and start anew in the next: asking for it in time
// doubles the speed from memory.
constexpr std::size_t kAhead = 4096;
using D = hn::CappedTag<std::uint8_t, kBlock>;

// Bit i says whether byte i of the block is `wanted`.
HWY_INLINE std::uint64_t equal_bits(const std::uint8_t* block, char wanted) {
    const D d;
    const auto needle = hn::Set(d, static_cast<std::uint8_t>(wanted));
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < kBlock; i += hn::Lanes(d)) {
        std::uint64_t part = 0;
        hn::StoreMaskBits(d, hn::Eq(hn::LoadU(d, block + i), needle),
                          reinterpret_cast<std::uint8_t*>(&part));
        bits |= part << i;
    }
    return bits;
}

// Bit i of the result is the parity of the bits 0 to i: after an odd number of quotes one is
// inside.
HWY_INLINE std::uint64_t prefix_xor(std::uint64_t bits) {
    for (int shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

// Writes the position of each bit. The count is hardly ever the same twice, so a loop over the bits
// would mispredict its end in every block: eight at a time, wanted or not, does not.
HWY_INLINE std::uint32_t* write_positions(std::uint64_t bits, std::uint32_t position,
                                          std::uint32_t* out) {
    const int count = std::popcount(bits);
    for (int done = 0; done < count || done == 0; done += 8) {
        for (int i = 0; i < 8; ++i) {
            out[done + i] = position + static_cast<std::uint32_t>(std::countr_zero(bits));
            bits &= bits - 1;
        }
    }
    return out + count;
}

HWY_INLINE std::uint32_t bits_below(std::uint64_t bits, std::uint64_t lowest) {
    return static_cast<std::uint32_t>(std::popcount(bits & (lowest - 1)));
}

class Scanner {
public:
    HWY_INLINE Scanner(char delimiter, const CsvScan& scan) : delimiter_(delimiter), s_(scan) {}

    // `valid` has a bit for each byte of the block that is input, `next` is the byte behind.
    HWY_INLINE bool block(const std::uint8_t* text, std::uint64_t valid, char next,
                          std::uint32_t position) {
        const std::uint64_t newlines = equal_bits(text, '\n');
        const std::uint64_t separators = equal_bits(text, delimiter_) | newlines;
        const std::uint64_t quotes = equal_bits(text, '"');
        if (HWY_LIKELY((quotes | s_.inside | s_.after_close) == 0)) {
            s_.may_open = separators >> 63;
            plain(separators & valid, newlines & valid, position);
            return true;
        }
        return quoted(text, separators, newlines, quotes, valid, next, position);
    }

    CsvScan state() const { return s_; }

private:
    HWY_INLINE void plain(std::uint64_t separators, std::uint64_t newlines,
                          std::uint32_t position) {
        const auto index = static_cast<std::uint32_t>(s_.separators - s_.first);
        s_.separators = write_positions(separators, position, s_.separators);
        // Two records in 64 bytes without a branch, as above; more are rare.
        const int count = std::popcount(newlines);
        std::uint32_t* out = s_.records;
        const std::uint32_t flag = s_.doubled ? CsvScan::kDoubledQuote : 0;
        for (int done = 0; done < count || done == 0; done += 2) {
            out[done] = index + bits_below(separators, newlines & (0 - newlines));
            newlines &= newlines - 1;
            out[done + 1] = index + bits_below(separators, newlines & (0 - newlines));
            newlines &= newlines - 1;
        }
        *out |= flag;
        s_.doubled = s_.doubled && count == 0;
        s_.records = out + count;
    }

    HWY_INLINE bool quoted(const std::uint8_t* text, std::uint64_t separators,
                           std::uint64_t newlines, std::uint64_t quotes, std::uint64_t valid,
                           char next, std::uint32_t position) {
        quotes &= valid;
        const std::uint64_t inside = prefix_xor(quotes) ^ s_.inside;
        const std::uint64_t opening = quotes & inside;
        const std::uint64_t closing = quotes & ~inside;
        const std::uint64_t line_ends =
            equal_bits(text, '\r') & (newlines >> 1 | std::uint64_t{next == '\n'} << 63);
        separators &= ~inside & valid;
        newlines &= separators;
        const std::uint64_t behind_closing = closing << 1 | s_.after_close;
        const std::uint64_t openable = (separators | closing) << 1 | s_.may_open;
        // A doubled quote closes and opens again at once.
        std::uint64_t doubled = opening & behind_closing;
        const std::uint64_t faults =
            valid &
            ((opening & ~openable) | (behind_closing & ~(separators | opening | line_ends)));
        if (HWY_UNLIKELY(faults != 0)) {
            const std::uint64_t before = (faults & (0 - faults)) - 1;
            separators &= before;
            newlines &= before;
            s_.fault = true;
        }
        s_.inside = 0 - (inside >> 63);
        s_.after_close = closing >> 63;
        s_.may_open = (separators | closing) >> 63;

        auto index = static_cast<std::uint32_t>(s_.separators - s_.first);
        s_.separators = write_positions(separators, position, s_.separators);
        for (; newlines != 0; newlines &= newlines - 1) {
            const std::uint64_t lowest = newlines & (0 - newlines);
            const bool copies = s_.doubled || (doubled & (lowest - 1)) != 0;
            doubled &= ~(lowest - 1);
            s_.doubled = false;
            *s_.records++ =
                (index + bits_below(separators, lowest)) | (copies ? CsvScan::kDoubledQuote : 0);
        }
        s_.doubled |= doubled != 0;
        return !s_.fault;
    }

    char delimiter_;
    CsvScan s_;  // a copy, which the compiler can keep in registers
};

void scan(const char* text, std::size_t size, char next, std::uint32_t position, char delimiter,
          CsvScan& scan) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text);
    Scanner scanner(delimiter, scan);
    std::size_t done = 0;
    bool good = true;
    for (; good && size - done >= kBlock; done += kBlock) {
        hwy::Prefetch(
            reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(bytes + done) + kAhead));
        const char behind = size - done > kBlock ? text[done + kBlock] : next;
        good = scanner.block(bytes + done, ~std::uint64_t{0}, behind,
                             position + static_cast<std::uint32_t>(done));
    }
    if (good && done < size) {
        // Nothing is read behind the input: its last bytes move to a block of their own.
        std::uint8_t last[kBlock] = {};
        std::memcpy(last, bytes + done, size - done);
        scanner.block(last, (std::uint64_t{1} << (size - done)) - 1, next,
                      position + static_cast<std::uint32_t>(done));
    }
    scan = scanner.state();
}

}  // namespace cacheline::zero_copy_detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cacheline::zero_copy_detail {

HWY_EXPORT(scan);

void scan_csv(const char* text, std::size_t size, char next, std::uint32_t position, char delimiter,
              CsvScan& scan) {
    HWY_DYNAMIC_DISPATCH(scan)(text, size, next, position, delimiter, scan);
}

}  // namespace cacheline::zero_copy_detail
#endif
