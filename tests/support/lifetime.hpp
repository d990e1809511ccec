#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace cacheline::support {

/// What the elements below have been through since `reset`. Safe to use from several threads.
struct Lifetime {
    static inline std::atomic<std::ptrdiff_t> live{0};      ///< constructed and not yet destroyed
    static inline std::atomic<std::size_t> constructed{0};  ///< by any constructor
    static inline std::atomic<std::size_t> copied{0};
    static inline std::atomic<std::size_t> moved{0};
    /// Uses of an object that is not alive: destroyed twice, read or assigned when never built.
    static inline std::atomic<std::size_t> misused{0};
    /// Those of them that were built at an address that is no multiple of their alignment.
    static inline std::atomic<std::size_t> misaligned{0};
    /// The construction that is to throw std::runtime_error: 1 is the next; 0 is none.
    static inline std::atomic<std::size_t> throw_at{0};

    static void reset() noexcept {
        live = 0;
        constructed = copied = moved = misused = misaligned = throw_at = 0;
    }

    /// What went wrong up to a moment at which no element should be left, or kFlawless: for a
    /// check, so that a failure says it in words.
    static std::string at_the_end() {
        std::string text;
        const auto add = [&](std::ptrdiff_t count, const char* what) {
            if (count > 0) text += (text.empty() ? "" : ", ") + std::to_string(count) + what;
        };
        const auto bad_places = static_cast<std::ptrdiff_t>(misaligned);
        add(live, " never destroyed");
        add(-live, " destroyed more often than built");
        add(bad_places, " built at an address that does not fit their alignment");
        add(static_cast<std::ptrdiff_t>(misused) - bad_places,
            " times one was used that was not alive (never built, or destroyed before)");
        return text.empty() ? kFlawless : text;
    }
    static constexpr const char* kFlawless = "each item built was destroyed once";
};

/// An element that keeps Lifetime's books. It has no default constructor, can be copied only if
/// `Copyable`, and is aligned to `Alignment` bytes, which its constructors check.
template <bool Copyable = true, std::size_t Alignment = alignof(std::uint64_t)>
class alignas(Alignment) Tracked {
public:
    explicit Tracked(std::uint64_t value) : value_(value) { start(); }

    Tracked(const Tracked& other) requires Copyable : value_(other.checked()) {
        start();
        ++Lifetime::copied;
    }

    Tracked(Tracked&& other) : value_(other.checked()) {
        start();
        other.value_ = kMovedFrom;
        ++Lifetime::moved;
    }

    Tracked& operator=(const Tracked& other) requires Copyable {
        checked();
        value_ = other.checked();
        ++Lifetime::copied;
        return *this;
    }

    Tracked& operator=(Tracked&& other) {
        checked();
        value_ = other.checked();
        if (this != &other) other.value_ = kMovedFrom;
        ++Lifetime::moved;
        return *this;
    }

    ~Tracked() {
        checked();
        self_ = nullptr;
        --Lifetime::live;
    }

    [[nodiscard]] std::uint64_t value() const { return checked(); }
    [[nodiscard]] bool moved_from() const { return checked() == kMovedFrom; }

    static constexpr std::uint64_t kMovedFrom = ~std::uint64_t{0};

private:
    void start() {
        if (Lifetime::throw_at != 0 && --Lifetime::throw_at == 0)
            throw std::runtime_error("an element's constructor throws");
        if (reinterpret_cast<std::uintptr_t>(this) % Alignment != 0) {
            ++Lifetime::misused;
            ++Lifetime::misaligned;
        }
        self_ = this;
        ++Lifetime::live;
        ++Lifetime::constructed;
    }

    // An object that is alive knows its own address; copied bytes and raw memory do not.
    std::uint64_t checked() const {
        if (self_ != this) ++Lifetime::misused;
        return value_;
    }

    const Tracked* volatile self_ = nullptr;
    std::uint64_t value_;
};

using MoveOnly = Tracked<false>;
using OverAligned = Tracked<true, 128>;

}  // namespace cacheline::support
