#pragma once

// Given: a Record of a real C++ type.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "field_of.hpp"
#include "for_each.hpp"
#include "layout_optimizer.hpp"
#include "record.hpp"

/// The Record of a struct or union, of its members in their order (up to 256, and all of them):
///
///     struct Order { char side; double price; int lots[3]; };
///     const Record order = CACHELINE_DESCRIBE(Order, side, price, lots);
///
/// `alignas`, packing, bit-fields and flexible arrays are found out. What the compiler says of the
/// type on this machine is compared with `place`: where one offset, the size or the alignment
/// differs, std::invalid_argument names the member. So it does where a member is forgotten, and for
/// what cannot be listed: base classes with data, virtual functions, `[[no_unique_address]]`,
/// anonymous unions, bit-fields without names. Describe those by hand. (A forgotten member that lay
/// where there is padding without it leaves no trace.) Bit-fields are found only in trivially
/// copyable types.
///
/// The macro sees types, not how they were written, and only as they are on this machine:
///  - A member that is a class or union itself becomes a nested record of its size and alignment
///    with nothing known of its inside; so does a vector, a complex number, a pointer to member.
///  - `std::int64_t` and `std::size_t` are `long` and `unsigned long` on 64-bit Linux, and are
///    described as such.
///  - Members that are all packed to 2 bytes, or as far as they would need more, are taken for
///    those of a `#pragma pack(2)`.
/// The first two are marked in `Field::seen_on`, and `place` refuses them for targets on which they
/// may be something else. To lay them out there, put a field of your own in their place:
/// `order.fields[i] = Field{"count", Scalar::kSize}`. The length of an array is always that of this
/// machine: an array of `sizeof(long)` chars has eight elsewhere too.
#define CACHELINE_DESCRIBE(type, ...)                                                  \
    [] {                                                                               \
        using CachelineDescribed = type;                                               \
        return ::cacheline::detail::finish<CachelineDescribed>(                        \
            #type, {CACHELINE_DETAIL_FOR_EACH(CACHELINE_DETAIL_MEMBER, __VA_ARGS__)}); \
    }()

// Nothing points to a bit-field: that is how one is told, and then its bits are found by looking.
#define CACHELINE_DETAIL_MEMBER(member)                                                      \
    ::cacheline::detail::describe<CachelineDescribed, decltype(CachelineDescribed::member)>( \
        #member, []<typename Object>([[maybe_unused]] const Object* object) {                \
            if constexpr (std::is_reference_v<decltype(Object::member)>)                     \
                return ::cacheline::detail::Place{alignof(void*), {}};                       \
            else if constexpr (requires { &Object::member; })                                \
                return ::cacheline::detail::Place{                                           \
                    __alignof__(object->member),                                             \
                    ::cacheline::detail::offset_in<Object>(&Object::member)};                \
            else                                                                             \
                return object->member != decltype(Object::member){};                         \
        }),

namespace cacheline::detail {

template <typename T>
constexpr std::uint64_t natural_align() {
    if constexpr (std::is_reference_v<T>)
        return alignof(void*);
    else
        return alignof(std::remove_all_extents_t<T>);
}

// Of a member that is no bit-field; references have an offset that C++ does not tell.
struct Place {
    std::uint64_t align;
    std::optional<std::uint64_t> offset;
};

// A pointer to a data member is the member's offset (Itanium C++ ABI, 2.3.1).
template <typename T, typename M, typename Base>
[[nodiscard]] std::uint64_t offset_in(M Base::*member) {
    M T::*const in_whole = member;
    return static_cast<std::uint64_t>(std::bit_cast<std::ptrdiff_t>(in_whole));
}

struct Member {
    Field field;
    std::uint64_t natural_align = 1;        ///< of its type
    std::uint64_t align = 1;                ///< of this member
    std::optional<std::uint64_t> offset{};  ///< by the compiler
    std::uint64_t bit_offset = 0;
};

// The bits of an object that make a member differ from 0, one by one.
template <typename T, typename Probe>
[[nodiscard]] Member find_bits(Field field, Probe is_set) {
    Member member{std::move(field)};
    if constexpr (std::is_trivially_copyable_v<T>) {
        using Bytes = std::array<unsigned char, sizeof(T)>;
        const auto touches = [&](std::size_t byte, unsigned char value) {
            Bytes bytes{};
            bytes[byte] = value;
            const T object = std::bit_cast<T>(bytes);
            return is_set(&object);
        };
        member.field.bits = 0;
        for (std::size_t byte = 0; byte < sizeof(T); ++byte) {
            if (!touches(byte, 0xff)) continue;
            for (unsigned bit = 0; bit < 8; ++bit) {
                // The first bit of a byte is the most significant one on big-endian machines.
                const unsigned shift = std::endian::native == std::endian::little ? bit : 7 - bit;
                if (!touches(byte, static_cast<unsigned char>(1U << shift))) continue;
                if (!member.offset) member.bit_offset = bit;
                if (!member.offset) member.offset = byte;
                ++*member.field.bits;
            }
        }
        return member;
    } else {
        throw std::invalid_argument("CACHELINE_DESCRIBE: the bit-field \"" + member.field.name +
                                    "\" is in a type that is not trivially copyable, where its "
                                    "bits cannot be looked for; describe it by hand");
    }
}

template <typename T, typename M, typename Probe>
[[nodiscard]] Member describe(std::string_view name, Probe probe) {
    if constexpr (std::is_same_v<std::invoke_result_t<Probe, const T*>, bool>) {
        return find_bits<T>(field_of<M>(name), probe);
    } else {
        const Place place = probe(static_cast<const T*>(nullptr));
        return {field_of<M>(name), natural_align<M>(), place.align, place.offset};
    }
}

// A limit that accounts for all reduced alignments is taken for one of the whole record.
inline void describe_packing(Record& record, const std::vector<Member>& members) {
    const auto is_packed = [](const Member& member) { return member.align < member.natural_align; };
    const auto first = std::ranges::find_if(members, is_packed);
    if (first == members.end()) return;
    const std::uint64_t limit = first->align;
    const bool of_all = std::ranges::all_of(members, [&](const Member& member) {
        return is_packed(member) ? member.align == limit : member.natural_align <= limit;
    });
    if (of_all && limit == 1) record.packed = true;
    if (of_all && limit != 1) record.pack = limit;
    if (of_all) return;
    for (std::size_t i = 0; i < members.size(); ++i) {
        record.fields[i].packed = is_packed(members[i]);
        if (is_packed(members[i]) && members[i].align != 1)
            record.fields[i].min_align = members[i].align;
    }
}

// Where place() disagrees with the compiler; empty where it does not.
inline std::string difference(const Record& record, const std::vector<Member>& members,
                              std::uint64_t size, std::uint64_t align) {
    const Layout layout = place(record, host_target());
    const auto differs = [](const std::string& what, std::uint64_t by_compiler,
                            std::uint64_t by_place) {
        return what + " is " + std::to_string(by_compiler) + " by this compiler and " +
               std::to_string(by_place) + " by place()";
    };
    for (std::size_t i = 0; i < members.size(); ++i) {
        const Member& member = members[i];
        const FieldLayout& placed = layout.fields.at(i);
        const std::string name = " of \"" + member.field.name + '"';
        if (member.offset && *member.offset != placed.offset)
            return differs("the offset" + name, *member.offset, placed.offset) +
                   ": is there a base class, a virtual function, an unlisted or nameless member "
                   "before it, or does it share its address?";
        if (member.field.bits && member.bit_offset != placed.bit_offset)
            return differs("the first bit" + name, member.bit_offset, placed.bit_offset);
    }
    const std::string last = "behind \"" + members.back().field.name + '"';
    if (layout.size != size)
        return differs("the size", size, layout.size) + ": is there an unlisted member " + last +
               '?';
    return layout.align == align ? "" : differs("the alignment", align, layout.align);
}

template <typename T>
[[nodiscard]] Record finish(std::string_view type, const std::vector<Member>& members) {
    std::string_view name = type;
    for (const std::string_view keyword : {"struct ", "class ", "union "})
        if (name.starts_with(keyword)) name.remove_prefix(keyword.size());
    Record record{std::string(name), {}};
    record.is_union = std::is_union_v<T>;
    for (const Member& member : members) {
        record.fields.push_back(member.field);
        if (member.align > member.natural_align) record.fields.back().min_align = member.align;
    }
    describe_packing(record, members);
    // No member tells whether bit-fields are packed: both ways are tried.
    std::string first_fault;
    for (const bool packed : {record.packed, true}) {
        record.packed = packed;
        record.min_align = 0;
        const std::uint64_t align = place(record, host_target()).align;
        if (alignof(T) > align) record.min_align = alignof(T);
        const std::string fault = difference(record, members, sizeof(T), alignof(T));
        if (fault.empty()) return record;
        if (first_fault.empty()) first_fault = fault;
        const bool has_bit_fields =
            std::ranges::any_of(record.fields, [](const Field& f) { return f.bits.has_value(); });
        if (!has_bit_fields) break;
    }
    throw std::invalid_argument("CACHELINE_DESCRIBE(" + std::string(type) + "): " + first_fault);
}

}  // namespace cacheline::detail
