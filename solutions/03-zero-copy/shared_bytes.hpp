#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <new>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace cacheline {

namespace zero_copy_detail {

/// As a template's parameter deduced from `Container&&`: an object that is given away, can be, and
/// is not just a view of somebody else's bytes.
template <typename Container>
concept Adoptable = !std::is_lvalue_reference_v<Container> && !std::is_const_v<Container> &&
                    !std::ranges::borrowed_range<Container>;

}  // namespace zero_copy_detail

/// Immutable bytes with shared ownership.
///
/// Copies and slices share the buffer: they cost O(1), allocate nothing, copy no byte, and keep the
/// whole buffer alive until the last of them is gone. Different objects may be copied, sliced and
/// destroyed by different threads at once, also when they share a buffer. An object that was moved
/// from has no bytes.
class SharedBytes {
public:
    /// For `slice`: up to the end of the buffer.
    static constexpr std::size_t kToTheEnd = static_cast<std::size_t>(-1);

    /// No bytes.
    SharedBytes() noexcept = default;

    SharedBytes(const SharedBytes&) noexcept = default;
    SharedBytes(SharedBytes&& other) noexcept
        : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
    // Copies and moves. The old bytes go with the parameter, when both members are new: their
    // owner's destructor may look at this object.
    SharedBytes& operator=(SharedBytes other) noexcept {
        data_.swap(other.data_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~SharedBytes() = default;

    /// A buffer of its own with the same bytes: one allocation, one copy.
    [[nodiscard]] static SharedBytes copy_of(std::span<const std::byte> bytes) {
        return generate(bytes.size(), [bytes](std::span<std::byte> out) {
            std::ranges::copy(bytes, out.begin());
        });
    }

    [[nodiscard]] static SharedBytes copy_of(std::string_view text) {
        return copy_of(std::as_bytes(std::span(text)));
    }

    /// A buffer of `size` bytes that `fill` writes, with one allocation. `fill` is called once (by
    /// std::invoke) with a std::span<std::byte>, or not at all for a size of 0; what it throws goes
    /// to the caller, and nothing leaks. The bytes need no value before `fill` runs. Throws
    /// std::bad_alloc if there is no memory, also for a size that none can have.
    template <typename Fill>
    requires std::invocable<Fill&, std::span<std::byte>>
    [[nodiscard]] static SharedBytes generate(std::size_t size, Fill&& fill) {
        if (size == 0) return {};
        // The library adds the count's size to ours, and may not notice that the sum wraps around.
        if (size > PTRDIFF_MAX) throw std::bad_array_new_length();
        // Bytes and reference count in one block, and nothing is zeroed only to be overwritten.
        auto buffer = std::make_shared_for_overwrite<std::byte[]>(size);
        std::invoke(fill, std::span(buffer.get(), size));
        const std::byte* const data = buffer.get();
        return {std::shared_ptr<const std::byte>(std::move(buffer), data), size};
    }

    /// Takes over a container of bytes or characters (a vector, a string, a MappedFile; anything
    /// that std::data and std::size know) and keeps it until the last owner is gone. One
    /// allocation, no byte on the heap is copied; where there is no memory for that one, the
    /// container is as before. A string_view or a span is no container: it owns nothing, so there
    /// is nothing to take over, and that does not compile.
    template <zero_copy_detail::Adoptable Container>
    [[nodiscard]] static SharedBytes adopt(Container&& container) {
        static_assert(sizeof(*std::data(container)) == 1, "the container must hold bytes");
        const auto owner = std::make_shared<const Container>(std::move(container));
        // Only now: a short std::string's bytes moved with it.
        const auto* const data = reinterpret_cast<const std::byte*>(std::data(*owner));
        return {std::shared_ptr<const std::byte>(owner, data), std::size(*owner)};
    }

    /// The `count` bytes from `offset` on, as another owner of the same buffer.
    ///
    /// Throws std::out_of_range, with offset, count and size in its message, where they are not all
    /// in the buffer. `offset == size()` gives an empty slice. A slice without bytes need not keep
    /// the buffer.
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

    /// The bytes; valid for as long as any owner of the buffer lives. Of a temporary that may be no
    /// longer than the expression.
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_.get(), size_}; }

    /// The same as characters.
    [[nodiscard]] std::string_view text() const noexcept {
        return {reinterpret_cast<const char*>(bytes().data()), bytes().size()};
    }

    [[nodiscard]] std::size_t size() const noexcept { return bytes().size(); }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    /// How many objects share the buffer, this one included. Exact while no other thread changes
    /// it. Means nothing where there are no bytes.
    [[nodiscard]] std::size_t owners() const noexcept {
        return static_cast<std::size_t>(data_.use_count());
    }

private:
    SharedBytes(std::shared_ptr<const std::byte> data, std::size_t size) noexcept
        : data_(std::move(data)), size_(size) {}

    // The aliasing constructor lets one pointer say both where the bytes are and whose they are.
    std::shared_ptr<const std::byte> data_;
    std::size_t size_ = 0;
};

}  // namespace cacheline
