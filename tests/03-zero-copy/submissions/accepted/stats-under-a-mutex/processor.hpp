// accepted: one mutex for the statistics, taken once a call; the report from a stream
#pragma once

#include <access_order.hpp>
#include <batch.hpp>
#include <chrono>
#include <concepts>
#include <cow_string.hpp>
#include <cstddef>
#include <iomanip>
#include <locale>
#include <mutex>
#include <optional>
#include <processor_stats.hpp>
#include <shared_bytes.hpp>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include <view_registry.hpp>

namespace cacheline {

inline std::string report(const ProcessorStats& stats) {
    const std::size_t n = stats.total_processed;
    const double time = static_cast<double>(stats.processing_time.count());
    const double rate =
        n == 0 ? 0.0
               : 100.0 * static_cast<double>(stats.zero_copy_operations) / static_cast<double>(n);
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out << std::fixed;
    out << "# Report\n\n| Figure           | Value |\n|---|---|\n"
        << "| Items processed  | " << n << "  |\n"
        << "| Without a copy   | " << stats.zero_copy_operations << "  |\n"
        << "| Copied           | " << stats.copy_operations << "  |\n"
        << "| Zero-copy rate   | " << std::setprecision(2) << rate << " %  |\n"
        << "| Bytes viewed     | " << stats.bytes_viewed << "  |\n"
        << "| Bytes copied     | " << stats.bytes_copied << "  |\n"
        << "| Memory saved     | " << stats.memory_saved() << " bytes  |\n"
        << "| Processing time  | " << std::setprecision(3) << time / 1e6 << " ms  |\n"
        << "| Time per item    | " << std::setprecision(0)
        << (n == 0 ? 0.0 : time / static_cast<double>(n)) << " ns  |\n";
    return out.str();
}

class ZeroCopyProcessor {
public:
    std::vector<CowString> process_strings(std::span<const std::string_view> input) {
        const auto start = Clock::now();
        auto result = cacheline::process_strings(input);
        ProcessorStats done;
        for (const CowString& text : result) {
            if (text.is_borrowed())
                view(done, 1, text.size());
            else
                copy(done, 1, text.size());
        }
        add(done, start);
        return result;
    }

    void process_with_reuse(std::span<const std::string_view> input,
                            std::vector<std::string>& output) {
        const auto start = Clock::now();
        cacheline::process_with_reuse(input, output);
        ProcessorStats done;
        for (const std::string_view text : input)
            copy(done, 1, text.size());
        add(done, start);
    }

    template <typename Function>
    requires std::same_as<std::invoke_result_t<Function&, std::byte>, std::byte> SharedBytes
    process_bytes(const SharedBytes& input, Function&& function) {
        const auto start = Clock::now();
        const auto bytes = input.bytes();
        ProcessorStats done;
        SharedBytes result = input;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            const std::byte first = function(bytes[i]);
            if (first == bytes[i]) continue;
            result = SharedBytes::generate(bytes.size(), [&](std::span<std::byte> out) {
                for (std::size_t k = 0; k < i; ++k)
                    out[k] = bytes[k];
                out[i] = first;
                for (std::size_t k = i + 1; k < bytes.size(); ++k)
                    out[k] = function(bytes[k]);
            });
            copy(done, 1, bytes.size());
            break;
        }
        if (done.copy_operations == 0) view(done, 1, bytes.size());
        add(done, start);
        return result;
    }

    template <typename T, typename Function>
    requires std::invocable<Function&, const T&> && std::assignable_from<T&, BatchResult<Function, T>>
    void transform_in_place(std::span<T> items, Function&& function, AccessOrder order = {}) {
        const auto start = Clock::now();
        cacheline::transform_in_place(items, function, order);
        ProcessorStats done;
        view(done, items.size(), items.size_bytes());
        add(done, start);
    }

    template <typename T, typename Function>
    requires std::invocable<Function&, const T&> std::vector<BatchResult<Function, T>> process_batch(
        std::span<const T> input, Function&& function, AccessOrder order = {}) {
        const auto start = Clock::now();
        auto result = cacheline::process_batch(input, function, order);
        ProcessorStats done;
        copy(done, result.size(), result.size() * sizeof(BatchResult<Function, T>));
        add(done, start);
        return result;
    }

    template <typename T, typename Function>
    requires std::invocable<Function&, const T&> std::vector<BatchResult<Function, T>> process_batch(
        const std::vector<T>& input, Function&& function, AccessOrder order = {}) {
        return process_batch(std::span<const T>(input), function, order);
    }

    template <typename T, typename Function>
    requires std::invocable<Function&, const T&> std::vector<BatchResult<Function, T>> process_batch(
        std::vector<T>&& input, Function&& function, AccessOrder order = {}) {
        if constexpr (std::same_as<T, BatchResult<Function, T>> &&
                      std::assignable_from<T&, BatchResult<Function, T>>) {
            transform_in_place(std::span<T>(input), function, order);
            return std::move(input);
        } else {
            return process_batch(std::span<const T>(input), function, order);
        }
    }

    void create_view(std::string_view name, SharedBytes bytes) {
        views_.create_view(name, std::move(bytes));
    }
    std::optional<SharedBytes> get_view(std::string_view name) const {
        return views_.get_view(name);
    }

    ProcessorStats stats() const {
        const std::lock_guard lock(mutex_);
        return stats_;
    }

    void reset_stats() {
        const std::lock_guard lock(mutex_);
        stats_ = {};
    }

    std::string report() const { return cacheline::report(stats()); }

private:
    using Clock = std::chrono::steady_clock;

    static void view(ProcessorStats& done, std::size_t items, std::size_t bytes) {
        done.zero_copy_operations += items;
        done.bytes_viewed += bytes;
    }
    static void copy(ProcessorStats& done, std::size_t items, std::size_t bytes) {
        done.copy_operations += items;
        done.bytes_copied += bytes;
    }

    void add(const ProcessorStats& done, Clock::time_point start) {
        const std::lock_guard lock(mutex_);
        stats_.zero_copy_operations += done.zero_copy_operations;
        stats_.copy_operations += done.copy_operations;
        stats_.total_processed += done.zero_copy_operations + done.copy_operations;
        stats_.bytes_viewed += done.bytes_viewed;
        stats_.bytes_copied += done.bytes_copied;
        stats_.processing_time += Clock::now() - start;
    }

    mutable std::mutex mutex_;
    ProcessorStats stats_;
    ViewRegistry views_;
};

}  // namespace cacheline
