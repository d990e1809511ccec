#pragma once

// How a failed check names a strategy, and free blocks: "3 of 64 bytes".

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

template <>
struct Catch::StringMaker<cacheline::CachedBlocks> {
    static std::string convert(const cacheline::CachedBlocks& cached) {
        return std::to_string(cached.blocks) + " of " + std::to_string(cached.block_size) +
               " bytes";
    }
};
