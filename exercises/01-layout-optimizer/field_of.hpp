#pragma once

// Given: the Field of a member of a C++ type, as far as the type tells.

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include "record.hpp"
#include "target.hpp"

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

template <typename T>
constexpr bool is_int128() {
#if defined(__SIZEOF_INT128__)
    __extension__ using Signed = __int128;
    __extension__ using Unsigned = unsigned __int128;
    return std::is_same_v<T, Signed> || std::is_same_v<T, Unsigned>;
#else
    return false;
#endif
}

template <typename T>
inline constexpr bool kIsScalar = (std::is_scalar_v<T> && !std::is_member_pointer_v<T> &&
                                   (!std::is_floating_point_v<T> || std::is_same_v<T, float> ||
                                    std::is_same_v<T, double> || std::is_same_v<T, long double>)) ||
                                  std::is_reference_v<T> || is_int128<T>();

// May the type have been written as one that has another size elsewhere?
template <typename T>
constexpr bool is_ambiguous() {
    if constexpr (std::is_enum_v<T>) return is_ambiguous<std::underlying_type_t<T>>();
    return std::is_same_v<T, long> || std::is_same_v<T, unsigned long> ||
           std::is_same_v<T, std::size_t> || std::is_same_v<T, std::ptrdiff_t>;
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

// GNU's way to write a flexible array before C had them: int z[0], of which the library does not
// know that it is an array.
template <typename T>
constexpr bool is_array_of_none() {
    if constexpr (std::is_unbounded_array_v<T> || std::is_reference_v<T>)
        return false;
    else if constexpr (requires(T & array) { array[0]; })
        return sizeof(T) == 0;
    else
        return false;
}

template <typename T>
[[nodiscard]] Field field_of(std::string_view name) {
    if constexpr (is_array_of_none<T>()) {
        using Element = std::remove_reference_t<decltype(std::declval<T&>()[0])>;
        Field field = field_of<Element>(name);
        field.flexible = true;
        return field;
    } else if constexpr (std::is_unbounded_array_v<T>) {
        Field field = field_of<std::remove_extent_t<T>>(name);
        field.flexible = true;
        return field;
    } else if constexpr (std::is_array_v<T>) {
        Field field = field_of<std::remove_extent_t<T>>(name);
        field.count *= std::extent_v<T>;
        return field;
    } else if constexpr (kIsScalar<std::remove_cv_t<T>>) {
        Field field{std::string(name), scalar_of<std::remove_cv_t<T>>()};
        if (is_ambiguous<std::remove_cv_t<T>>()) field.seen_on = host_target().name;
        return field;
    } else {
        Field field{std::string(name), opaque<std::remove_cv_t<T>>()};
        field.seen_on = host_target().name;
        return field;
    }
}

}  // namespace cacheline::detail
