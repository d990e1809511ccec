#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include "support/threads.hpp"

namespace cacheline::support {

/// The time in ns in which one cache line goes from core 0 to core 1 and back: 55 to 60 where they
/// share a cache, 150 to 430 where they do not. Virtual machines move between the two without
/// notice, so each two-thread sample is tagged with it. Takes about 2 ms; the median of 5 bursts.
inline double core_round_trip_ns() {
    constexpr int kBursts = 5;
    constexpr int kTrips = 1000;
    alignas(128) static std::atomic<int> line;
    line = 0;
    std::array<double, kBursts> times{};
    std::thread other([] {
        pin_to_core(1);
        for (int i = 0; i < kBursts * kTrips; ++i) {
            while (line.load(std::memory_order_acquire) != 2 * i + 1) {
            }
            line.store(2 * i + 2, std::memory_order_release);
        }
    });
    cpu_set_t before;
    pthread_getaffinity_np(pthread_self(), sizeof before, &before);
    pin_to_core(0);
    for (int burst = 0; burst < kBursts; ++burst) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = burst * kTrips; i < (burst + 1) * kTrips; ++i) {
            line.store(2 * i + 1, std::memory_order_release);
            while (line.load(std::memory_order_acquire) != 2 * i + 2) {
            }
        }
        const std::chrono::duration<double, std::nano> time =
            std::chrono::steady_clock::now() - start;
        times[static_cast<std::size_t>(burst)] = time.count() / kTrips;
    }
    other.join();
    pthread_setaffinity_np(pthread_self(), sizeof before, &before);
    std::ranges::nth_element(times, times.begin() + kBursts / 2);
    return times[kBursts / 2];
}

}  // namespace cacheline::support
