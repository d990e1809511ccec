#pragma once

// A sanitizer's build has only the test cases that are tagged for it. The others become templates
// that nobody instantiates, which spares the compiler a quarter of its work.

#include <catch2/catch_test_macros.hpp>
#include <string_view>

#include "support/build_kind.hpp"

#if defined(CACHELINE_ASAN) || defined(CACHELINE_TSAN)

namespace cacheline::support {

constexpr bool in_this_build(std::string_view tags) {
#    if defined(CACHELINE_ASAN)
    return tags.find("[asan]") != std::string_view::npos;
#    else
    return tags.find("[tsan]") != std::string_view::npos;
#    endif
}

}  // namespace cacheline::support

#    define CACHELINE_TEST_CASE(function, registered, name, tags)                             \
        template <int>                                                                        \
        static void function();                                                               \
        namespace {                                                                           \
        [[maybe_unused]] const bool registered = [] {                                         \
            if constexpr (::cacheline::support::in_this_build(tags))                          \
                Catch::AutoReg(Catch::makeTestInvoker(&function<0>), CATCH_INTERNAL_LINEINFO, \
                               Catch::StringRef(), Catch::NameAndTags{name, tags});           \
            return true;                                                                      \
        }();                                                                                  \
        }                                                                                     \
        template <int>                                                                        \
        static void function()

// What only they use is then used by nobody.
#    if defined(__clang__)
#        pragma clang diagnostic ignored "-Wunneeded-internal-declaration"
#    endif

#    undef TEST_CASE
#    define TEST_CASE(name, tags)                                  \
        CACHELINE_TEST_CASE(INTERNAL_CATCH_UNIQUE_NAME(test_case), \
                            INTERNAL_CATCH_UNIQUE_NAME(registered), name, tags)

#endif
