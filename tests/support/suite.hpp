#pragma once

// What every suite starts from; precompiled. A suite includes it first, then the student's header.

// So that a failure shows what is in an optional, and not {?}.
#define CATCH_CONFIG_ENABLE_OPTIONAL_STRINGMAKER

#include <cacheline/todo.hpp>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_get_random_seed.hpp>
#include <catch2/catch_message.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "support/build_kind.hpp"
#include "support/test_case.hpp"
#include "support/why.hpp"

/// One sentence on why the assertions that follow, up to the end of the block, matter. It is shown
/// with their failures.
#define WHY(text)                          \
    ::cacheline::support::last_why = text; \
    INFO("why: " text)

/// A generator for this run's seed, which a failure shows; `--rng-seed N` repeats the run.
#define SEEDED_RNG(name)                    \
    std::mt19937_64 name{Catch::getSeed()}; \
    INFO("seed: --rng-seed " << Catch::getSeed())
