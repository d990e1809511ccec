#pragma once

#include <cacheline/todo.hpp>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <random>
#include <string>
#include <string_view>

namespace cacheline::support {

/// The audit's transcript: what an implementation computes from a seed, step by step, on standard
/// output. The grader runs the same script against the reference and against a submission, with a
/// seed that nobody knows beforehand, and compares; so it prints only what the contract fixes.
///
///     int main(int argc, char* argv[]) {
///         Replay replay(argc, argv);
///         replay.step("fifo", [](Replay& out) {
///             RingBuffer<int> buffer(1 + out.rng()() % 64);
///             out.print(buffer.capacity(), buffer.try_push(7));
///         });
///     }
class Replay {
public:
    Replay(int argc, char* argv[]) {
        if (argc == 2) {
            const std::string_view text = argv[1];
            if (std::from_chars(text.begin(), text.end(), seed_).ptr == text.end()) return;
        }
        std::fprintf(stderr, "usage: %s SEED\n", argv[0]);
        std::exit(2);
    }

    /// Runs one step's script. What it throws ends that step alone and is part of its transcript.
    template <typename Script>
    void step(std::string_view id, Script script) {
        step_ = id;
        rng_.seed(seed_);  // a step that ends early must not shift the others' numbers
        try {
            script(*this);
        } catch (const Todo&) {
            print("todo");
        } catch (const std::exception&) {
            print("an exception ended this step");
        } catch (...) {
            print("something that is no std::exception ended this step");
        }
        std::cout << std::flush;
    }

    /// One line of the transcript: the step, then the values.
    template <typename... Values>
    void print(const Values&... values) {
        std::cout << step_;
        ((std::cout << '\t' << values), ...);
        std::cout << '\n';
    }

    [[nodiscard]] std::mt19937_64& rng() noexcept { return rng_; }

    /// A number from 0 to bound - 1.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return rng_() % bound; }

private:
    std::uint64_t seed_ = 0;
    std::mt19937_64 rng_;
    std::string_view step_;
};

}  // namespace cacheline::support
