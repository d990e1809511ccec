#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

namespace cacheline::support {

inline const std::string kAlphabet = "abcdefghijklmnopqrstuvwxyz";

/// A container of bytes that tells of its end.
class Announcing {
public:
    Announcing(std::string text, std::function<void()> at_end)
        : text_(std::move(text)), at_end_(std::move(at_end)) {}
    Announcing(Announcing&& other) noexcept
        : text_(std::move(other.text_)), at_end_(std::exchange(other.at_end_, nullptr)) {}
    Announcing& operator=(Announcing&&) = delete;
    ~Announcing() {
        if (at_end_) at_end_();
    }

    [[nodiscard]] const char* data() const { return text_.data(); }
    [[nodiscard]] std::size_t size() const { return text_.size(); }

private:
    std::string text_;
    std::function<void()> at_end_;
};

}  // namespace cacheline::support
