#pragma once

// Given: how large and how aligned the scalar types are, target by target.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cacheline {

/// The types that no record is made of any further. An enum is its underlying type, every pointer
/// is `kPointer`.
enum class Scalar : std::uint8_t {
    kBool,
    kChar,
    kInt8,
    kUint8,
    kInt16,
    kUint16,
    kInt32,
    kUint32,
    kInt64,
    kUint64,
    kInt128,
    kLong,
    kUnsignedLong,
    kSize,
    kFloat,
    kDouble,
    kLongDouble,
    kWchar,
    kPointer,
};

inline constexpr std::size_t kScalarCount = 19;

/// As C++ writes it; for messages, reports and declarations.
[[nodiscard]] constexpr std::string_view name(Scalar scalar) {
    constexpr std::array<std::string_view, kScalarCount> kNames = {
        "bool",          "char",         "std::int8_t",   "std::uint8_t", "std::int16_t",
        "std::uint16_t", "std::int32_t", "std::uint32_t", "std::int64_t", "std::uint64_t",
        "__int128",      "long",         "unsigned long", "std::size_t",  "float",
        "double",        "long double",  "wchar_t",       "void*",
    };
    const auto index = static_cast<std::size_t>(scalar);
    return index < kScalarCount ? kNames[index] : "a scalar that is none";
}

struct ScalarLayout {
    /// Bytes; 0 where the target's compiler has no such type.
    std::uint64_t size = 0;
    /// Of a field of this type: on i386 a double has 4 as a field, though 8 outside of records.
    std::uint64_t align = 0;
};

/// How a target's compiler places bit-fields. See `Field::bits`.
enum class BitFieldRule : std::uint8_t {
    /// A bit-field goes to the next free bit, unless it would then reach over the end of a unit of
    /// its type, aligned as its type is: it starts at the next such unit then. One of no bits moves
    /// on to the next unit. The record is aligned like the types of its bit-fields that have names.
    kSystemV,
    /// The same (Arm's AAPCS32 and AAPCS64), but those without a name align the record too.
    kArm,
    /// Each bit-field opens a unit of its type, which takes the place of a field of that type, and
    /// shares it with the bit-fields behind it as long as their types have the same size and they
    /// fit. One of no bits closes the unit and aligns what follows to its own type; where no unit
    /// is open, it does nothing. Units align the record, but not a union, in which each starts at
    /// 0.
    kMicrosoft,
};

/// An architecture with its operating system's ABI.
struct Target {
    std::string_view name;
    std::uint64_t cache_line = 64;  ///< bytes that one core fetches or takes from another at once
    /// Packing drops the alignment that a type has by nature; Microsoft's rules leave what was
    /// asked for by `alignas`, here and inside nested records. See `Record::packed`.
    bool packing_keeps_declared_alignment = false;
    BitFieldRule bit_fields = BitFieldRule::kSystemV;
    std::array<ScalarLayout, kScalarCount> scalars{};

    /// Null where the target's compiler has no such type.
    [[nodiscard]] constexpr const ScalarLayout* find(Scalar scalar) const {
        const auto index = static_cast<std::size_t>(scalar);
        if (index >= kScalarCount || scalars[index].size == 0) return nullptr;
        return &scalars[index];
    }

    /// The largest object in bytes: PTRDIFF_MAX.
    [[nodiscard]] constexpr std::uint64_t max_size() const {
        const std::uint64_t pointer_bits =
            8 * scalars[static_cast<std::size_t>(Scalar::kPointer)].size;
        return (std::uint64_t{1} << (pointer_bits - 1)) - 1;
    }
};

namespace detail {

struct DataModel {
    std::uint64_t long_size = 8;
    std::uint64_t pointer_size = 8;
    std::uint64_t eight_byte_align = 8;  ///< of std::int64_t and double
    ScalarLayout long_double = {16, 16};
    std::uint64_t wchar_size = 4;
    ScalarLayout int128 = {16, 16};
};

constexpr Target make_target(std::string_view name, std::uint64_t cache_line,
                             const DataModel& model) {
    Target target;
    target.name = name;
    target.cache_line = cache_line;
    const auto set = [&](Scalar scalar, std::uint64_t size, std::uint64_t align) {
        target.scalars[static_cast<std::size_t>(scalar)] = {size, align};
    };
    for (const Scalar s : {Scalar::kBool, Scalar::kChar, Scalar::kInt8, Scalar::kUint8})
        set(s, 1, 1);
    for (const Scalar s : {Scalar::kInt16, Scalar::kUint16})
        set(s, 2, 2);
    for (const Scalar s : {Scalar::kInt32, Scalar::kUint32, Scalar::kFloat})
        set(s, 4, 4);
    for (const Scalar s : {Scalar::kInt64, Scalar::kUint64, Scalar::kDouble})
        set(s, 8, model.eight_byte_align);
    for (const Scalar s : {Scalar::kLong, Scalar::kUnsignedLong})
        set(s, model.long_size, model.long_size);
    for (const Scalar s : {Scalar::kSize, Scalar::kPointer})
        set(s, model.pointer_size, model.pointer_size);
    set(Scalar::kLongDouble, model.long_double.size, model.long_double.align);
    set(Scalar::kWchar, model.wchar_size, model.wchar_size);
    set(Scalar::kInt128, model.int128.size, model.int128.align);
    return target;
}

constexpr Target make_windows_target() {
    Target target =
        make_target("x86_64-windows", 64,
                    {.long_size = 4, .long_double = {8, 8}, .wchar_size = 2, .int128 = {}});
    target.packing_keeps_declared_alignment = true;
    target.bit_fields = BitFieldRule::kMicrosoft;
    return target;
}

constexpr Target make_arm_target(std::string_view name, const DataModel& model) {
    Target target = make_target(name, 64, model);
    target.bit_fields = BitFieldRule::kArm;
    return target;
}

}  // namespace detail

/// Sources: the System V psABIs of i386, x86-64, AArch64 (AAPCS64), Arm (AAPCS32), RISC-V and
/// s390x, Microsoft's x64 ABI, Apple's "Writing ARM64 code for Apple platforms", WebAssembly's
/// BasicCABI; the table is checked against clang's record layouts (but for __int128, which
/// Microsoft's compiler lacks and clang has, and which the psABI of s390x aligns to 8 bytes and
/// clang 14 to 16). Apple's AArch64 has the bit-fields of System V, not Arm's. Lines: 64 bytes on
/// x86, Armv7 and Armv8 cores as a rule (an Armv7 core may have 32, where 64 errs on the safe
/// side), 128 on Apple's (sysctl hw.cachelinesize), 256 on z/Architecture; a WebAssembly module
/// lives on its host's, taken as 64.
inline constexpr std::array<Target, 9> kTargets = {
    detail::make_target("x86_64-linux", 64, {}),
    detail::make_target("i386-linux", 64,
                        {.long_size = 4,
                         .pointer_size = 4,
                         .eight_byte_align = 4,
                         .long_double = {12, 4},
                         .int128 = {}}),
    detail::make_windows_target(),
    detail::make_arm_target("aarch64-linux", {}),
    detail::make_target("aarch64-apple", 128, {.long_double = {8, 8}}),
    detail::make_arm_target(
        "arm-linux", {.long_size = 4, .pointer_size = 4, .long_double = {8, 8}, .int128 = {}}),
    detail::make_target("riscv64-linux", 64, {}),
    detail::make_target("s390x-linux", 256, {.long_double = {16, 8}, .int128 = {16, 8}}),
    detail::make_target("wasm32", 64, {.long_size = 4, .pointer_size = 4}),
};

/// The target of that name. Throws std::invalid_argument for an unknown one.
[[nodiscard]] inline const Target& target(std::string_view name) {
    const auto* const found = std::ranges::find(kTargets, name, &Target::name);
    if (found == kTargets.end())
        throw std::invalid_argument("no target is called \"" + std::string(name) + '"');
    return *found;
}

/// The one that this program is compiled for, as far as it is among the nine.
[[nodiscard]] inline const Target& host_target() {
#if defined(_WIN32)
    return target("x86_64-windows");
#elif defined(__APPLE__)
    return target("aarch64-apple");
#elif defined(__aarch64__)
    return target("aarch64-linux");
#elif defined(__arm__)
    return target("arm-linux");
#elif defined(__i386__)
    return target("i386-linux");
#elif defined(__riscv)
    return target("riscv64-linux");
#elif defined(__s390x__)
    return target("s390x-linux");
#elif defined(__wasm32__)
    return target("wasm32");
#else
    return target("x86_64-linux");
#endif
}

}  // namespace cacheline
