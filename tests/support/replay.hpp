#pragma once

#include <cacheline/todo.hpp>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <string_view>

namespace cacheline::support {

/// The audit's transcript: what an implementation computes from a seed, step by step. The grader
/// runs the same script against the reference and against a submission, with a seed that nobody
/// knows beforehand, and compares; so it prints only what the contract fixes.
///
/// `replay SEED [FILE [STEP]]` writes to the file, or to standard output; all steps, or just one.
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
        const std::string_view seed = argc > 1 ? argv[1] : "";
        if (argc < 2 || argc > 4 ||
            std::from_chars(seed.begin(), seed.end(), seed_).ptr != seed.end()) {
            std::fprintf(stderr, "usage: %s SEED [FILE [STEP]]\n", argv[0]);
            std::exit(2);
        }
        if (argc > 2) file_.open(argv[2]);
        if (argc > 3) only_ = argv[3];
    }

    /// Runs one step's script. What it throws ends that step alone and is part of its transcript.
    template <typename Script>
    void step(std::string_view id, Script script) {
        if (!only_.empty() && id != only_) return;
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
        out() << std::flush;
    }

    /// One line of the transcript: the step, then the values.
    template <typename... Values>
    void print(const Values&... values) {
        out() << step_;
        ((out() << '\t' << values), ...);
        out() << '\n';
    }

    [[nodiscard]] std::mt19937_64& rng() noexcept { return rng_; }

    /// A number from 0 to bound - 1.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return rng_() % bound; }

private:
    std::ostream& out() { return file_.is_open() ? file_ : std::cout; }

    std::uint64_t seed_ = 0;
    std::ofstream file_;
    std::string_view only_;
    std::mt19937_64 rng_;
    std::string_view step_;
};

}  // namespace cacheline::support
