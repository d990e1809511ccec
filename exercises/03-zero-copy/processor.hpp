#pragma once

#include <access_order.hpp>
#include <batch.hpp>
#include <cacheline/todo.hpp>
#include <concepts>
#include <cow_string.hpp>
#include <cstddef>
#include <optional>
#include <processor_stats.hpp>
#include <shared_bytes.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>
#include <view_registry.hpp>

namespace cacheline {

/// The statistics in Markdown: a heading, then a table of two columns with these rows, in this
/// order:
///
///     | Items processed | 12 |
///     | Without a copy | 5 |
///     | Copied | 7 |
///     | Zero-copy rate | 41.67 % |
///     | Bytes viewed | 22 |
///     | Bytes copied | 47 |
///     | Memory saved | 22 bytes |
///     | Processing time | 0.035 ms |
///     | Time per item | 2917 ns |
///
/// Where nothing was processed, rate and time per item are 0.00 % and 0 ns. A row may be padded
/// with spaces. The locale makes no difference: the decimal point is a point.
[[nodiscard]] inline std::string report(const ProcessorStats& /*stats*/) {
    todo("report");
}

/// The pieces of this exercise behind one counter (see ProcessorStats). Any number of threads may
/// use one processor at once; the counts are exact once they are done. A call adds to them when it
/// ends, not for each item: it takes at most 8 locks, however many items it has. One that throws
/// adds nothing, neither items nor time.
class ZeroCopyProcessor {
public:
    /// cacheline::process_strings. An item is a text.
    [[nodiscard]] std::vector<CowString> process_strings(
        std::span<const std::string_view> /*input*/) {
        todo("ZeroCopyProcessor::process_strings");
    }

    /// cacheline::process_with_reuse. An item is a text, and each counts as copied: reuse saves the
    /// allocation, not the copy.
    void process_with_reuse(std::span<const std::string_view> /*input*/,
                            std::vector<std::string>& /*output*/) {
        todo("ZeroCopyProcessor::process_with_reuse");
    }

    /// The bytes with `function` applied to each. Where no byte changes that is the input itself,
    /// shared; otherwise a new buffer, with one allocation. The function is called once for each
    /// byte, in order. The whole input is one item.
    template <typename Function>
    requires std::same_as<std::invoke_result_t<Function&, std::byte>, std::byte>
    [[nodiscard]] SharedBytes process_bytes(const SharedBytes& /*input*/, Function&& /*function*/) {
        todo("ZeroCopyProcessor::process_bytes");
    }

    /// cacheline::transform_in_place. An item is an element, handed on without a copy.
    template <typename T, typename Function>
    requires std::invocable<Function&, const T&> &&
        std::assignable_from<T&, BatchResult<Function, T>>
    void transform_in_place(std::span<T> /*items*/, Function&& /*function*/,
                            AccessOrder /*order*/ = {}) {
        todo("ZeroCopyProcessor::transform_in_place");
    }

    /// cacheline::process_batch. An item is an element, copied, of sizeof(result) bytes.
    template <typename T, typename Function>
    requires std::invocable<Function&, const T&>
    [[nodiscard]] std::vector<BatchResult<Function, T>> process_batch(std::span<const T> /*input*/,
                                                                      Function&& /*function*/,
                                                                      AccessOrder /*order*/ = {}) {
        todo("ZeroCopyProcessor::process_batch");
    }

    template <typename T, typename Function>
    requires std::invocable<Function&, const T&>
    [[nodiscard]] std::vector<BatchResult<Function, T>> process_batch(const std::vector<T>& input,
                                                                      Function&& function,
                                                                      AccessOrder order = {}) {
        return process_batch(std::span<const T>(input), function, order);
    }

    /// The same for a vector that is given away: elements that take the input's place are handed on
    /// without a copy.
    template <typename T, typename Function>
    requires std::invocable<Function&, const T&>
    [[nodiscard]] std::vector<BatchResult<Function, T>> process_batch(std::vector<T>&& /*input*/,
                                                                      Function&& /*function*/,
                                                                      AccessOrder /*order*/ = {}) {
        todo("ZeroCopyProcessor::process_batch(vector&&)");
    }

    /// A ViewRegistry's functions, at the processor's end too. Views are not counted: nothing is
    /// processed.
    void create_view(std::string_view /*name*/, SharedBytes /*bytes*/) {
        todo("ZeroCopyProcessor::create_view");
    }

    [[nodiscard]] std::optional<SharedBytes> get_view(std::string_view /*name*/) const {
        todo("ZeroCopyProcessor::get_view");
    }

    [[nodiscard]] ProcessorStats stats() const { todo("ZeroCopyProcessor::stats"); }

    void reset_stats() { todo("ZeroCopyProcessor::reset_stats"); }

    [[nodiscard]] std::string report() const { return cacheline::report(stats()); }

private:
    // Yours.
};

}  // namespace cacheline
