#pragma once

#include <array>
#include <pool_types.hpp>
#include <utility>
#include <vector>

namespace cacheline {

inline constexpr std::array kStrategies{Strategy::unsynchronized, Strategy::locked,
                                        Strategy::thread_cached};
/// Those that several threads may use at once.
inline constexpr std::array kSharedStrategies{Strategy::locked, Strategy::thread_cached};

/// The default configuration but for these two.
[[nodiscard]] inline PoolConfig with(Strategy strategy,
                                     Statistics statistics = Statistics::counts) {
    PoolConfig config;
    config.strategy = strategy;
    config.statistics = statistics;
    return config;
}

/// The default configuration but for the classes.
[[nodiscard]] inline PoolConfig with_classes(std::vector<SizeClass> classes) {
    PoolConfig config;
    config.classes = std::move(classes);
    return config;
}

}  // namespace cacheline
