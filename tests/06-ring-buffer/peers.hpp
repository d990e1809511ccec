#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

#include "support/build_kind.hpp"

namespace cacheline::tests {

/// Waits between two tries: spins while the other side is likely to run, then yields. Either alone
/// is slow on a loaded machine.
class Patience {
public:
    void operator()() {
        if (++turns_ > 500) std::this_thread::yield();
    }

private:
    int turns_ = 0;
};

/// Tries until it succeeds.
template <typename Try>
auto insist(Try attempt) {
    auto result = attempt();
    for (Patience patience; !result; result = attempt())
        patience();
    return result;
}

/// Holds whoever passes until it is opened.
class Gate {
public:
    void pass() {
        entered_ = true;
        while (!open_)
            std::this_thread::yield();
    }
    /// Until somebody stands in the gate, or never will.
    void await_visitor() const {
        while (!entered_)
            std::this_thread::yield();
    }
    void open() { open_ = true; }
    void give_up() { entered_ = true; }

private:
    std::atomic<bool> entered_{false};
    std::atomic<bool> open_{false};
};

/// Does something at the end of a block, however it ends.
template <typename Action>
class AtExit {
public:
    explicit AtExit(Action action) : action_(action) {}
    ~AtExit() { action_(); }
    AtExit(const AtExit&) = delete;
    AtExit& operator=(const AtExit&) = delete;

private:
    Action action_;
};

/// An item too large to be written at once: each word says the same number, in its own way.
struct Wide {
    static constexpr std::size_t kWords = 9;  // more than a cache line

    explicit Wide(std::uint64_t number) {
        for (std::size_t i = 0; i < kWords; ++i)
            words[i] = number * (2 * i + 1);
    }

    [[nodiscard]] bool torn() const {
        for (std::size_t i = 1; i < kWords; ++i)
            if (words[i] != words[0] * (2 * i + 1)) return true;
        return false;
    }

    std::uint64_t words[kWords];
};

}  // namespace cacheline::tests
