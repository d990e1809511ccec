#pragma once

// How a failed check names a strategy.

#include <catch2/catch_tostring.hpp>
#include <memory_pool.hpp>
#include <string>

template <>
struct Catch::StringMaker<cacheline::Strategy> {
    static std::string convert(cacheline::Strategy strategy) {
        switch (strategy) {
            case cacheline::Strategy::unsynchronized:
                return "unsynchronized";
            case cacheline::Strategy::locked:
                return "locked";
            case cacheline::Strategy::thread_cached:
                return "thread_cached";
        }
        return "none that there is";
    }
};
