#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <batch.hpp>
#include <chrono>
#include <concepts>
#include <cow_string.hpp>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <processor_stats.hpp>
#include <shared_bytes.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <view_registry.hpp>

namespace cacheline {

[[nodiscard]] inline std::string report(const ProcessorStats& stats) {
    std::string text = "# Zero-copy processor\n\n| | |\n|:--|--:|\n";
    const auto row = [&text](std::string_view label, std::string_view value) {
        text.append("| ").append(label).append(" | ").append(value).append(" |\n");
    };
    const auto number = [](const char* format, double value) {
        std::array<char, 64> buffer{};
        std::snprintf(buffer.data(), buffer.size(), format, value);
        return std::string(buffer.data());
    };
    const auto items = static_cast<double>(stats.total_processed);
    const auto share = [items](double whole) { return items == 0 ? 0 : whole / items; };
    const auto time = static_cast<double>(stats.processing_time.count());

    row("Items processed", std::to_string(stats.total_processed));
    row("Without a copy", std::to_string(stats.zero_copy_operations));
    row("Copied", std::to_string(stats.copy_operations));
    row("Zero-copy rate",
        number("%.2f %%", share(100 * static_cast<double>(stats.zero_copy_operations))));
    row("Bytes viewed", std::to_string(stats.bytes_viewed));
    row("Bytes copied", std::to_string(stats.bytes_copied));
    row("Memory saved", std::to_string(stats.memory_saved()) + " bytes");
    row("Processing time", number("%.3f ms", time / 1e6));
    row("Time per item", number("%.0f ns", share(time)));
    return text;
}

class ZeroCopyProcessor {
public:
    [[nodiscard]] std::vector<CowString> process_strings(std::span<const std::string_view> input) {
        Work work(*this);
        auto result = cacheline::process_strings(input);
        for (const CowString& text : result)
            text.is_borrowed() ? work.viewed(1, text.size()) : work.copied(1, text.size());
        return result;
    }

    void process_with_reuse(std::span<const std::string_view> input,
                            std::vector<std::string>& output) {
        Work work(*this);
        cacheline::process_with_reuse(input, output);
        for (const std::string_view text : input)
            work.copied(1, text.size());
    }

    template <typename Function>
    requires std::same_as<std::invoke_result_t<Function&, std::byte>, std::byte>
    [[nodiscard]] SharedBytes process_bytes(const SharedBytes& input, Function&& function) {
        Work work(*this);
        const std::span<const std::byte> in = input.bytes();
        std::byte changed{};
        std::size_t same = 0;  // bytes that the function has left as they are
        while (same < in.size() && (changed = function(in[same])) == in[same])
            ++same;
        if (same == in.size()) {
            work.viewed(1, in.size());
            return input;
        }
        work.copied(1, in.size());
        return SharedBytes::generate(in.size(), [&](std::span<std::byte> out) {
            std::ranges::copy(in.first(same), out.begin());
            out[same] = changed;
            for (std::size_t i = same + 1; i < in.size(); ++i)
                out[i] = function(in[i]);
        });
    }

    template <typename T, std::invocable<const T&> Function>
    void transform_in_place(std::span<T> items, Function&& function, AccessOrder order = {}) {
        Work work(*this);
        cacheline::transform_in_place(items, function, order);
        work.viewed(items.size(), items.size_bytes());
    }

    template <typename T, std::invocable<const T&> Function>
    [[nodiscard]] std::vector<ResultOf<Function, T>> process_batch(std::span<const T> input,
                                                                   Function&& function,
                                                                   AccessOrder order = {}) {
        Work work(*this);
        auto output = cacheline::process_batch(input, function, order);
        work.copied(output.size(), output.size() * sizeof(ResultOf<Function, T>));
        return output;
    }

    template <typename T, std::invocable<const T&> Function>
    [[nodiscard]] std::vector<ResultOf<Function, T>> process_batch(const std::vector<T>& input,
                                                                   Function&& function,
                                                                   AccessOrder order = {}) {
        return process_batch(std::span<const T>(input), function, order);
    }

    template <typename T, std::invocable<const T&> Function>
    [[nodiscard]] std::vector<ResultOf<Function, T>> process_batch(std::vector<T>&& input,
                                                                   Function&& function,
                                                                   AccessOrder order = {}) {
        Work work(*this);
        auto output = cacheline::process_batch(std::move(input), function, order);
        using Result = ResultOf<Function, T>;
        const std::size_t bytes = output.size() * sizeof(Result);
        constexpr bool kInPlace = std::same_as<T, Result>;
        kInPlace ? work.viewed(output.size(), bytes) : work.copied(output.size(), bytes);
        return output;
    }

    void create_view(std::string_view name, SharedBytes bytes) {
        views_.create_view(name, std::move(bytes));
    }

    [[nodiscard]] std::optional<SharedBytes> get_view(std::string_view name) const {
        return views_.get_view(name);
    }

    [[nodiscard]] ProcessorStats stats() const {
        ProcessorStats stats;
        stats.zero_copy_operations = viewed_items_;
        stats.copy_operations = copied_items_;
        stats.total_processed = stats.zero_copy_operations + stats.copy_operations;
        stats.bytes_viewed = viewed_bytes_;
        stats.bytes_copied = copied_bytes_;
        stats.processing_time = std::chrono::nanoseconds(nanoseconds_);
        return stats;
    }

    void reset_stats() noexcept {
        viewed_items_ = copied_items_ = viewed_bytes_ = copied_bytes_ = 0;
        nanoseconds_ = 0;
    }

    [[nodiscard]] std::string report() const { return cacheline::report(stats()); }

private:
    // What one call did. It counts in locals and adds them up once, at the end: a shared counter
    // for each item would cost more than the item.
    class Work {
    public:
        explicit Work(ZeroCopyProcessor& processor) : processor_(processor) {}
        Work(const Work&) = delete;
        Work& operator=(const Work&) = delete;

        ~Work() {
            const auto relaxed = std::memory_order_relaxed;  // sums only; they order nothing
            processor_.viewed_items_.fetch_add(viewed_items_, relaxed);
            processor_.viewed_bytes_.fetch_add(viewed_bytes_, relaxed);
            processor_.copied_items_.fetch_add(copied_items_, relaxed);
            processor_.copied_bytes_.fetch_add(copied_bytes_, relaxed);
            const auto time = std::chrono::steady_clock::now() - start_;
            processor_.nanoseconds_.fetch_add(
                std::chrono::duration_cast<std::chrono::nanoseconds>(time).count(), relaxed);
        }

        void viewed(std::size_t items, std::size_t bytes) {
            viewed_items_ += items;
            viewed_bytes_ += bytes;
        }

        void copied(std::size_t items, std::size_t bytes) {
            copied_items_ += items;
            copied_bytes_ += bytes;
        }

    private:
        ZeroCopyProcessor& processor_;
        std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
        std::size_t viewed_items_ = 0;
        std::size_t viewed_bytes_ = 0;
        std::size_t copied_items_ = 0;
        std::size_t copied_bytes_ = 0;
    };

    ViewRegistry views_;
    std::atomic<std::size_t> viewed_items_{0};
    std::atomic<std::size_t> viewed_bytes_{0};
    std::atomic<std::size_t> copied_items_{0};
    std::atomic<std::size_t> copied_bytes_{0};
    std::atomic<std::chrono::nanoseconds::rep> nanoseconds_{0};
};

}  // namespace cacheline
