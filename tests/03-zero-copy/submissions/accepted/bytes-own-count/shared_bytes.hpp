// accepted: a reference count of one's own, in front of the bytes, without std::shared_ptr
#pragma once

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <memory>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cacheline {

class SharedBytes {
public:
    static constexpr std::size_t kToTheEnd = static_cast<std::size_t>(-1);

    SharedBytes() noexcept = default;
    SharedBytes(const SharedBytes& other) noexcept : owner_(other.owner_), bytes_(other.bytes_) {
        if (owner_) owner_->count.fetch_add(1, std::memory_order_relaxed);
    }
    SharedBytes(SharedBytes&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), bytes_(std::exchange(other.bytes_, {})) {}
    SharedBytes& operator=(SharedBytes other) noexcept {
        std::swap(owner_, other.owner_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    ~SharedBytes() {
        // Whoever ends the owner must see what the others did to it, hence acquire and release.
        if (owner_ && owner_->count.fetch_sub(1, std::memory_order_acq_rel) == 1)
            owner_->end(owner_);
    }

    static SharedBytes copy_of(std::span<const std::byte> bytes) {
        return generate(bytes.size(),
                        [&](std::span<std::byte> out) { std::ranges::copy(bytes, out.begin()); });
    }
    static SharedBytes copy_of(std::string_view text) {
        return copy_of(std::as_bytes(std::span(text)));
    }

    template <std::invocable<std::span<std::byte>> Fill>
    static SharedBytes generate(std::size_t size, Fill&& fill) {
        if (size == 0) return {};
        if (size > static_cast<std::size_t>(-1) - sizeof(Owner)) throw std::bad_alloc();
        void* const block = ::operator new(sizeof(Owner) + size);
        auto* const bytes = static_cast<std::byte*>(block) + sizeof(Owner);
        auto* const owner = new (block) Owner{1, [](Owner* dead) {
                                                  dead->~Owner();
                                                  ::operator delete(dead);
                                              }};
        SharedBytes result(owner, {bytes, size});
        fill(std::span(bytes, size));
        return result;
    }

    template <typename Container>
    static constexpr bool kAdoptable =
        !std::is_lvalue_reference_v<Container> && !std::is_const_v<Container> &&
        !std::ranges::borrowed_range<Container>;

    template <typename Container>
    requires kAdoptable<Container>
    static SharedBytes adopt(Container&& container) {
        struct Holder : Owner {
            Holder(Container&& c)
                : Owner{1, [](Owner* dead) { delete static_cast<Holder*>(dead); }},
                  content(std::move(c)) {}
            const Container content;
        };
        auto* const holder = new Holder(std::move(container));
        return {holder,
                {reinterpret_cast<const std::byte*>(std::data(holder->content)),
                 std::size(holder->content)}};
    }

    SharedBytes slice(std::size_t offset, std::size_t count = kToTheEnd) const {
        if (offset <= size() && count == kToTheEnd) count = size() - offset;
        if (offset > size() || count > size() - offset)
            throw std::out_of_range("slice " + std::to_string(offset) + " + " +
                                    std::to_string(count) + " of " + std::to_string(size()));
        SharedBytes result = *this;
        result.bytes_ = bytes_.subspan(offset, count);
        return result;
    }

    std::span<const std::byte> bytes() const { return bytes_; }
    std::string_view text() const {
        return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
    }
    std::size_t size() const { return bytes_.size(); }
    bool empty() const { return bytes_.empty(); }
    std::size_t owners() const { return owner_ ? owner_->count.load() : 0; }

private:
    struct Owner {
        std::atomic<std::size_t> count;
        void (*end)(Owner*);
    };

    SharedBytes(Owner* owner, std::span<const std::byte> bytes) : owner_(owner), bytes_(bytes) {}

    Owner* owner_ = nullptr;
    std::span<const std::byte> bytes_;
};

}  // namespace cacheline
