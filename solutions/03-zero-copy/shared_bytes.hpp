#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cacheline {

/// Immutable bytes with shared ownership: a copy or a slice costs one increment and keeps the whole
/// buffer alive, whatever becomes of the object that it was cut from.
///
/// Two words and a control block: the shared_ptr's aliasing constructor lets one pointer say both
/// where the bytes are and whose they are.
class SharedBytes {
public:
    static constexpr std::size_t kToTheEnd = static_cast<std::size_t>(-1);

    SharedBytes() noexcept = default;

    [[nodiscard]] static SharedBytes copy_of(std::span<const std::byte> bytes) {
        return generate(bytes.size(), [bytes](std::span<std::byte> out) {
            std::ranges::copy(bytes, out.begin());
        });
    }

    [[nodiscard]] static SharedBytes copy_of(std::string_view text) {
        return copy_of(std::as_bytes(std::span(text)));
    }

    template <std::invocable<std::span<std::byte>> Fill>
    [[nodiscard]] static SharedBytes generate(std::size_t size, Fill&& fill) {
        if (size == 0) return {};
        // Bytes and reference count in one block, and nothing is zeroed only to be overwritten.
        auto buffer = std::make_shared_for_overwrite<std::byte[]>(size);
        fill(std::span(buffer.get(), size));
        const std::byte* const data = buffer.get();
        return {std::shared_ptr<const std::byte>(std::move(buffer), data), size};
    }

    template <typename Container>
    requires(!std::is_lvalue_reference_v<Container>) [[nodiscard]] static SharedBytes
        adopt(Container&& container) {
        static_assert(sizeof(*std::data(container)) == 1, "the container must hold bytes");
        const auto owner = std::make_shared<const Container>(std::move(container));
        // Only now: a short std::string's bytes moved with it.
        const auto* const data = reinterpret_cast<const std::byte*>(std::data(*owner));
        return {std::shared_ptr<const std::byte>(owner, data), std::size(*owner)};
    }

    [[nodiscard]] SharedBytes slice(std::size_t offset, std::size_t count = kToTheEnd) const {
        // Never offset + count: the sum may wrap around.
        if (offset > size_ || (count != kToTheEnd && count > size_ - offset))
            throw std::out_of_range("a slice at " + std::to_string(offset) + " of " +
                                    (count == kToTheEnd ? "the rest" : std::to_string(count)) +
                                    " bytes leaves a buffer of " + std::to_string(size_) +
                                    " bytes");
        if (count == kToTheEnd) count = size_ - offset;
        if (count == 0) return {};  // nothing to keep alive
        return {std::shared_ptr<const std::byte>(data_, data_.get() + offset), count};
    }

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_.get(), size_}; }

    [[nodiscard]] std::string_view text() const noexcept {
        return {reinterpret_cast<const char*>(data_.get()), size_};
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    [[nodiscard]] std::size_t owners() const noexcept {
        return static_cast<std::size_t>(data_.use_count());
    }

private:
    SharedBytes(std::shared_ptr<const std::byte> data, std::size_t size) noexcept
        : data_(std::move(data)), size_(size) {}

    std::shared_ptr<const std::byte> data_;
    std::size_t size_ = 0;
};

}  // namespace cacheline
