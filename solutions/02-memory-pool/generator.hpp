#pragma once

#include <cstddef>
#include <iterator>
#include <type_traits>

namespace cacheline::pool_detail {

/// f(0), f(1), … as an iterator range, which std::vector can measure first and then copy in one
/// loop without a look at its capacity for each element: a loop that compilers vectorize. (The
/// iterators of a C++20 transform view count as input iterators here and would be pushed back one
/// by one.)
template <typename F>
class Generator {
public:
    using iterator_category = std::forward_iterator_tag;
    using reference = std::invoke_result_t<F&, std::size_t>;
    using value_type = std::remove_cvref_t<reference>;
    using difference_type = std::ptrdiff_t;
    using pointer = void;

    Generator(F& f, std::size_t i) noexcept : f_(&f), i_(i) {}
    reference operator*() const { return (*f_)(i_); }
    Generator& operator++() noexcept {
        ++i_;
        return *this;
    }
    bool operator==(const Generator& other) const noexcept { return i_ == other.i_; }

private:
    F* f_;
    std::size_t i_;
};

}  // namespace cacheline::pool_detail
