#pragma once

// How a failed check shows the books: what is zero is left out.

#include <allocation_report.hpp>
#include <catch2/catch_tostring.hpp>
#include <string>

namespace cacheline::told {

class Line {
public:
    template <typename Number>
    Line& add(const char* name, Number value) {
        if (value != 0) text_ += (text_.empty() ? "" : ", ") + std::to_string(value) + " " + name;
        return *this;
    }
    [[nodiscard]] std::string text() const { return "{" + (text_.empty() ? "0" : text_) + "}"; }

private:
    std::string text_;
};

template <typename Books>
Line books(const Books& books) {
    return Line()
        .add("allocations", books.allocations)
        .add("deallocations", books.deallocations)
        .add("failed", books.failed)
        .add("bytes_allocated", books.bytes_allocated)
        .add("bytes_deallocated", books.bytes_deallocated)
        .add("live_blocks", books.live_blocks)
        .add("live_bytes", books.live_bytes);
}

}  // namespace cacheline::told

template <>
struct Catch::StringMaker<cacheline::AllocationStats> {
    static std::string convert(const cacheline::AllocationStats& stats) {
        cacheline::told::Line line = cacheline::told::books(stats);
        line.add("peak_bytes", stats.peak_bytes);
        for (std::size_t i = 0; i < stats.histogram.size(); ++i)
            line.add(("in histogram[" + std::to_string(i) + "]").c_str(), stats.histogram[i]);
        return line.text();
    }
};

template <>
struct Catch::StringMaker<cacheline::AllocationDelta> {
    static std::string convert(const cacheline::AllocationDelta& delta) {
        return cacheline::told::books(delta).text();
    }
};

template <>
struct Catch::StringMaker<cacheline::TagStats> {
    static std::string convert(const cacheline::TagStats& stats) {
        return '"' + stats.tag + "\" " +
               cacheline::told::Line()
                   .add("allocations", stats.allocations)
                   .add("deallocations", stats.deallocations)
                   .add("bytes_allocated", stats.bytes_allocated)
                   .add("bytes_deallocated", stats.bytes_deallocated)
                   .text();
    }
};
