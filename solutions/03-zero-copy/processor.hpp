#pragma once

#include <access_order.hpp>
#include <algorithm>
#include <batch.hpp>
#include <concepts>
#include <cow_string.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <processor_counters.hpp>
#include <processor_report.hpp>
#include <processor_stats.hpp>
#include <shared_bytes.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>
#include <view_registry.hpp>

namespace cacheline {

/// The pieces of this exercise behind one counter (see ProcessorStats). Any number of threads may
/// use one processor at once; the counts are exact once they are done. A call adds to them when it
/// ends, not for each item: it takes at most 8 locks, however many items it has. One that throws
/// adds nothing, neither items nor time.
class ZeroCopyProcessor {
public:
    /// cacheline::process_strings. An item is a text.
    [[nodiscard]] std::vector<CowString> process_strings(std::span<const std::string_view> input) {
        Call call(counters_);
        auto result = cacheline::process_strings(input);
        for (const CowString& text : result)
            text.is_borrowed() ? call.viewed(1, text.size()) : call.copied(1, text.size());
        call.finish();
        return result;
    }

    /// cacheline::process_with_reuse. An item is a text, and each counts as copied: reuse saves the
    /// allocation, not the copy.
    void process_with_reuse(std::span<const std::string_view> input,
                            std::vector<std::string>& output) {
        Call call(counters_);
        cacheline::process_with_reuse(input, output);
        for (const std::string_view text : input)
            call.copied(1, text.size());
        call.finish();
    }

    /// The bytes with `function` applied to each. Where no byte changes that is the input itself,
    /// shared; otherwise a new buffer, with one allocation. The function is called once for each
    /// byte, in order. The whole input is one item.
    template <typename Function>
    requires std::same_as<std::invoke_result_t<Function&, std::byte>, std::byte>
    [[nodiscard]] SharedBytes process_bytes(const SharedBytes& input, Function&& function) {
        Call call(counters_);
        const std::span<const std::byte> in = input.bytes();
        std::byte changed{};
        std::size_t same = 0;  // bytes that the function has left as they are
        while (same < in.size() && (changed = std::invoke(function, in[same])) == in[same])
            ++same;
        if (same == in.size()) {
            call.viewed(1, in.size());
            call.finish();
            return input;
        }
        auto result = SharedBytes::generate(in.size(), [&](std::span<std::byte> out) {
            std::ranges::copy(in.first(same), out.begin());
            out[same] = changed;
            for (std::size_t i = same + 1; i < in.size(); ++i)
                out[i] = std::invoke(function, in[i]);
        });
        call.copied(1, in.size());
        call.finish();
        return result;
    }

    /// cacheline::transform_in_place. An item is an element, handed on without a copy.
    template <typename T, typename Function>
    requires std::invocable<Function&, const T&> &&
        std::assignable_from<T&, BatchResult<Function, T>>
    void transform_in_place(std::span<T> items, Function&& function, AccessOrder order = {}) {
        Call call(counters_);
        cacheline::transform_in_place(items, function, order);
        call.viewed(items.size(), items.size_bytes());
        call.finish();
    }

    /// cacheline::process_batch. An item is an element, copied, of sizeof(result) bytes.
    template <typename T, typename Function>
    requires std::invocable<Function&, const T&>
    [[nodiscard]] std::vector<BatchResult<Function, T>> process_batch(std::span<const T> input,
                                                                      Function&& function,
                                                                      AccessOrder order = {}) {
        Call call(counters_);
        auto output = cacheline::process_batch(input, function, order);
        call.copied(output.size(), output.size() * sizeof(BatchResult<Function, T>));
        call.finish();
        return output;
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
    [[nodiscard]] std::vector<BatchResult<Function, T>> process_batch(std::vector<T>&& input,
                                                                      Function&& function,
                                                                      AccessOrder order = {}) {
        Call call(counters_);
        auto output = cacheline::process_batch(std::move(input), function, order);
        using Result = BatchResult<Function, T>;
        const std::size_t bytes = output.size() * sizeof(Result);
        constexpr bool kInPlace = std::same_as<T, Result> && std::assignable_from<T&, Result>;
        kInPlace ? call.viewed(output.size(), bytes) : call.copied(output.size(), bytes);
        call.finish();
        return output;
    }

    /// A ViewRegistry's functions, at the processor's end too. Views are not counted: nothing is
    /// processed.
    void create_view(std::string_view name, SharedBytes bytes) {
        views_.create_view(name, std::move(bytes));
    }

    [[nodiscard]] std::optional<SharedBytes> get_view(std::string_view name) const {
        return views_.get_view(name);
    }

    [[nodiscard]] ProcessorStats stats() const noexcept { return counters_.stats(); }

    void reset_stats() noexcept { counters_.reset(); }

    [[nodiscard]] std::string report() const { return cacheline::report(stats()); }

private:
    using Call = zero_copy_detail::ProcessorCounters::Call;

    zero_copy_detail::ProcessorCounters counters_;
    ViewRegistry views_;  // the last, so that it is the first to end: its bytes' owners may call
};

}  // namespace cacheline
