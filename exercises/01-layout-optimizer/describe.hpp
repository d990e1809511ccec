#pragma once

// Given: a Record of a real C++ type.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "record.hpp"

/// The Record of a struct, of its members in their order (up to 256; all of them, or the sizes will
/// not agree; no bit-fields):
///
///     struct Order { char side; double price; int lots[3]; };
///     const Record order = CACHELINE_DESCRIBE(Order, side, price, lots);
///
/// `alignas` and packing are found out. A member that is a class or union itself becomes a nested
/// record of its size and alignment with nothing known of its inside; assign another description to
/// `fields[i].type` where that matters. The macro sees types, not how they were written: on Linux
/// `std::int64_t` is `long`, and is described as such.
#define CACHELINE_DESCRIBE(type, ...)                                                  \
    [] {                                                                               \
        using CachelineDescribed = type;                                               \
        return ::cacheline::detail::finish<CachelineDescribed>(                        \
            #type, {CACHELINE_DETAIL_FOR_EACH(CACHELINE_DETAIL_MEMBER, __VA_ARGS__)}); \
    }()

#define CACHELINE_DETAIL_MEMBER(member)                                  \
    ::cacheline::detail::describe<decltype(CachelineDescribed::member)>( \
        #member, __alignof__(std::declval<CachelineDescribed&>().member)),

#define CACHELINE_DETAIL_EXPAND(...) \
    CACHELINE_DETAIL_EXPAND4(        \
        CACHELINE_DETAIL_EXPAND4(CACHELINE_DETAIL_EXPAND4(CACHELINE_DETAIL_EXPAND4(__VA_ARGS__))))
#define CACHELINE_DETAIL_EXPAND4(...) \
    CACHELINE_DETAIL_EXPAND3(         \
        CACHELINE_DETAIL_EXPAND3(CACHELINE_DETAIL_EXPAND3(CACHELINE_DETAIL_EXPAND3(__VA_ARGS__))))
#define CACHELINE_DETAIL_EXPAND3(...) \
    CACHELINE_DETAIL_EXPAND2(         \
        CACHELINE_DETAIL_EXPAND2(CACHELINE_DETAIL_EXPAND2(CACHELINE_DETAIL_EXPAND2(__VA_ARGS__))))
#define CACHELINE_DETAIL_EXPAND2(...) \
    CACHELINE_DETAIL_EXPAND1(         \
        CACHELINE_DETAIL_EXPAND1(CACHELINE_DETAIL_EXPAND1(CACHELINE_DETAIL_EXPAND1(__VA_ARGS__))))
#define CACHELINE_DETAIL_EXPAND1(...) __VA_ARGS__
#define CACHELINE_DETAIL_AGAIN() CACHELINE_DETAIL_NEXT
#define CACHELINE_DETAIL_PARENS ()
#define CACHELINE_DETAIL_NEXT(macro, first, ...) \
    macro(first) __VA_OPT__(CACHELINE_DETAIL_AGAIN CACHELINE_DETAIL_PARENS(macro, __VA_ARGS__))
// The trick is David Mazières's, "Recursive macros with C++20 __VA_OPT__".
#define CACHELINE_DETAIL_FOR_EACH(macro, ...) \
    CACHELINE_DETAIL_EXPAND(CACHELINE_DETAIL_NEXT(macro, __VA_ARGS__))

namespace cacheline::detail {

template <typename T>
[[nodiscard]] Scalar scalar_of() {
    if constexpr (std::is_enum_v<T>)
        return scalar_of<std::underlying_type_t<T>>();
    else if constexpr (std::is_pointer_v<T> || std::is_reference_v<T> || std::is_null_pointer_v<T>)
        return Scalar::kPointer;
    else if constexpr (std::is_same_v<T, bool>)
        return Scalar::kBool;
    else if constexpr (std::is_same_v<T, char>)
        return Scalar::kChar;
    else if constexpr (std::is_same_v<T, wchar_t>)
        return Scalar::kWchar;
    else if constexpr (std::is_same_v<T, long>)
        return Scalar::kLong;
    else if constexpr (std::is_same_v<T, unsigned long>)
        return Scalar::kUnsignedLong;
    else if constexpr (std::is_same_v<T, float>)
        return Scalar::kFloat;
    else if constexpr (std::is_same_v<T, double>)
        return Scalar::kDouble;
    else if constexpr (std::is_same_v<T, long double>)
        return Scalar::kLongDouble;
    else if constexpr (sizeof(T) == 1)
        return std::is_signed_v<T> ? Scalar::kInt8 : Scalar::kUint8;
    else if constexpr (sizeof(T) == 2)
        return std::is_signed_v<T> ? Scalar::kInt16 : Scalar::kUint16;
    else if constexpr (sizeof(T) == 4)
        return std::is_signed_v<T> ? Scalar::kInt32 : Scalar::kUint32;
    else if constexpr (sizeof(T) == 8)
        return std::is_signed_v<T> ? Scalar::kInt64 : Scalar::kUint64;
    else
        return Scalar::kInt128;
}

// Size and alignment of a class of which nothing else is known: integers of its alignment.
template <typename T>
[[nodiscard]] Record opaque() {
    constexpr std::size_t kUnit = alignof(T) < 8 ? alignof(T) : 8;
    constexpr Scalar kScalar = kUnit == 1   ? Scalar::kUint8
                               : kUnit == 2 ? Scalar::kUint16
                               : kUnit == 4 ? Scalar::kUint32
                                            : Scalar::kUint64;
    return {
        "opaque", {Field{"bytes", kScalar, sizeof(T) / kUnit}}, alignof(T) > 8 ? alignof(T) : 0};
}

struct Member {
    Field field;
    std::uint64_t natural_align;  ///< of its type
    std::uint64_t align;          ///< of this member
};

template <typename T>
[[nodiscard]] Member describe(std::string_view name, std::uint64_t align) {
    if constexpr (std::is_array_v<T>) {
        Member member = describe<std::remove_extent_t<T>>(name, align);
        member.field.count *= std::extent_v<T>;
        return member;
    } else if constexpr (std::is_class_v<T> || std::is_union_v<T>) {
        return {Field{std::string(name), opaque<std::remove_cv_t<T>>()}, alignof(T), align};
    } else {
        return {Field{std::string(name), scalar_of<std::remove_cv_t<T>>()}, alignof(T), align};
    }
}

template <typename T>
[[nodiscard]] Record finish(std::string_view name, std::initializer_list<Member> members) {
    if (name.starts_with("struct ")) name.remove_prefix(7);
    Record record{std::string(name), {}};
    std::uint64_t align = 1;
    for (const Member& member : members) {
        align = std::max(align, member.align);
        record.packed = record.packed || member.align < member.natural_align;
        record.fields.push_back(member.field);
        if (member.align > member.natural_align) record.fields.back().min_align = member.align;
    }
    if (alignof(T) > align) record.min_align = alignof(T);
    return record;
}

}  // namespace cacheline::detail
