#pragma once

#include <atomic>
#include <compare>
#include <cstddef>
#include <stdexcept>

namespace cacheline {

/// An iterator over numbers of which one copy, the one counted down to, throws.
class Fragile {
public:
    using value_type = int;
    using difference_type = std::ptrdiff_t;
    static inline std::atomic<int> copies_left{0};

    Fragile() = default;
    explicit Fragile(const int* at) : at_(at) {}
    Fragile(const Fragile& other) : at_(other.at_) {
        if (--copies_left == 0) throw std::runtime_error("a copy of the iterator");
    }
    Fragile& operator=(const Fragile&) = default;

    const int& operator*() const { return *at_; }
    const int& operator[](difference_type i) const { return at_[i]; }
    Fragile& operator+=(difference_type i) { return at_ += i, *this; }
    Fragile& operator-=(difference_type i) { return at_ -= i, *this; }
    Fragile& operator++() { return ++at_, *this; }
    Fragile& operator--() { return --at_, *this; }
    Fragile operator++(int) { return Fragile(at_++); }
    Fragile operator--(int) { return Fragile(at_--); }
    friend Fragile operator+(const Fragile& i, difference_type n) { return Fragile(i.at_ + n); }
    friend Fragile operator+(difference_type n, const Fragile& i) { return Fragile(i.at_ + n); }
    friend Fragile operator-(const Fragile& i, difference_type n) { return Fragile(i.at_ - n); }
    friend difference_type operator-(const Fragile& a, const Fragile& b) { return a.at_ - b.at_; }
    friend auto operator<=>(const Fragile& a, const Fragile& b) { return a.at_ <=> b.at_; }
    friend bool operator==(const Fragile& a, const Fragile& b) { return a.at_ == b.at_; }

private:
    const int* at_ = nullptr;
};

}  // namespace cacheline
