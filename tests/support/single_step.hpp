#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "support/build_kind.hpp"

#if defined(__x86_64__) && defined(__linux__)
#    include <signal.h>
#    include <ucontext.h>
#endif

namespace cacheline::support {

#if defined(__x86_64__) && defined(__linux__)
inline constexpr bool kCanSingleStep = !kSanitized;
#else
inline constexpr bool kCanSingleStep = false;
#endif

/// Runs a function one machine instruction at a time, by the processor's trap flag, and looks at
/// what each one does. So what a clock can only hint at is counted: which cache lines a hot path
/// writes, and what another thread sees or does between any two instructions. About 2 us an
/// instruction. Only where kCanSingleStep; elsewhere `run` does nothing.
///
///     SingleStep stepper;
///     stepper.run([&] { queue.push(1); });
///     for (const SingleStep::Line& line : stepper.lines()) …
///
/// A write is seen when it changes the eight bytes at the instruction's memory operand; pushes,
/// calls and thread-local storage (the FS segment) are left out, and so are AVX-512 instructions.
class SingleStep {
public:
    struct Line {
        std::uintptr_t number = 0;  ///< address / 64
        std::size_t writes = 0;
    };

    /// Called before each instruction, if set.
    void between(void (*hook)(void*), void* context) {
        hook_ = hook;
        context_ = context;
    }

    template <typename Function>
    void run(Function&& function) {
        begin();
        function();
        end();
    }

    [[nodiscard]] std::size_t instructions() const { return instructions_; }
    /// Atomic ones: instructions with a lock prefix, and exchanges with memory.
    [[nodiscard]] std::size_t read_modify_writes() const { return read_modify_writes_; }
    [[nodiscard]] const Line* begin_lines() const { return lines_.data(); }
    [[nodiscard]] std::size_t line_count() const { return line_count_; }
    [[nodiscard]] std::size_t writes_to(std::uintptr_t number) const {
        for (std::size_t i = 0; i < line_count_; ++i)
            if (lines_[i].number == number) return lines_[i].writes;
        return 0;
    }

#if defined(__x86_64__) && defined(__linux__)
private:
    // The handler stays installed: another thread may still be at it.
    [[gnu::noinline]] void begin() {
        struct sigaction action = {};
        action.sa_sigaction = &SingleStep::trapped;
        action.sa_flags = SA_SIGINFO;
        sigaction(SIGTRAP, &action, nullptr);
        operand_ = nullptr;
        current_ = this;
        raise(SIGTRAP);  // the handler sets the flag for the code that it returns to
    }

    [[gnu::noinline]] static void end() {
        current_ = nullptr;
    }

    static void trapped(int, siginfo_t*, void* where) {
        auto& registers = static_cast<ucontext_t*>(where)->uc_mcontext.gregs;
        constexpr greg_t kTrapFlag = 0x100;
        SingleStep* const self = current_;
        if (self == nullptr) {
            registers[REG_EFL] &= ~kTrapFlag;
            return;
        }
        registers[REG_EFL] |= kTrapFlag;
        self->finish_instruction();
        ++self->instructions_;
        if (self->hook_ != nullptr) self->hook_(self->context_);
        self->read_modify_writes_ += is_read_modify_write(registers);
        self->operand_ = memory_operand(registers);
        if (self->operand_ != nullptr) self->before_ = content(self->operand_);
    }

    void finish_instruction() {
        if (operand_ == nullptr || content(operand_) == before_) return;
        const std::uintptr_t number = reinterpret_cast<std::uintptr_t>(operand_) / 64;
        std::size_t i = 0;
        while (i < line_count_ && lines_[i].number != number)
            ++i;
        if (i == lines_.size()) return;
        if (i == line_count_) lines_[line_count_++] = {number, 0};
        ++lines_[i].writes;
    }

    // Eight bytes, or fewer where the page ends.
    static std::uint64_t content(const std::uint8_t* address) {
        const std::size_t to_page_end = 4096 - reinterpret_cast<std::uintptr_t>(address) % 4096;
        std::uint64_t value = 0;
        std::memcpy(&value, address, to_page_end < sizeof value ? to_page_end : sizeof value);
        return value;
    }

    static bool is_read_modify_write(const greg_t* registers) {
        const auto* at = reinterpret_cast<const std::uint8_t*>(registers[REG_RIP]);
        for (; *at == 0x64 || *at == 0x65 || *at == 0x66 || *at == 0x67 || *at == 0xF0 ||
               *at == 0xF2 || *at == 0xF3;
             ++at)
            if (*at == 0xF0) return true;
        if ((*at & 0xF0) == 0x40) ++at;
        return (*at == 0x86 || *at == 0x87) && at[1] >> 6 != 3;  // xchg locks without a prefix
    }

    // The address of the memory operand of the instruction at RIP; null if it has none. Encoding:
    // Intel SDM volume 2, chapter 2 and appendix A.
    static const std::uint8_t* memory_operand(const greg_t* registers) {
        const auto* at = reinterpret_cast<const std::uint8_t*>(registers[REG_RIP]);
        bool half_immediate = false;
        for (;; ++at) {  // legacy prefixes
            if (*at == 0x64 || *at == 0x65) return nullptr;
            if (*at == 0x66) half_immediate = true;
            if (*at != 0x66 && *at != 0x67 && *at != 0xF0 && *at != 0xF2 && *at != 0xF3 &&
                *at != 0x2E && *at != 0x36 && *at != 0x3E && *at != 0x26)
                break;
        }
        unsigned rex = 0;  // 0100WRXB
        int map = 0;
        if ((*at & 0xF0) == 0x40) rex = *at++;
        if (*at == 0xC5) {  // VEX, two bytes
            map = 1;
            at += 2;
        } else if (*at == 0xC4) {  // VEX, three bytes, X and B inverted
            rex = (~static_cast<unsigned>(at[1]) >> 5) & 7;
            map = at[1] & 0x1F;
            at += 3;
        } else if (*at == 0x62) {
            return nullptr;
        } else if (*at == 0x0F) {
            map = at[1] == 0x38 ? 2 : at[1] == 0x3A ? 3 : 1;
            at += map == 1 ? 1 : 2;
        }
        const std::uint8_t opcode = *at++;
        if (map == 0 && (opcode == 0xA4 || opcode == 0xA5 || opcode == 0xAA || opcode == 0xAB))
            return reinterpret_cast<const std::uint8_t*>(registers[REG_RDI]);  // movs, stos
        if (!has_modrm(map, opcode)) return nullptr;

        const unsigned modrm = *at++;
        const unsigned mod = modrm >> 6;
        const unsigned rm = modrm & 7;
        if (mod == 3) return nullptr;
        const bool no_base_form = mod == 0;
        std::int64_t address = 0;
        bool rip_relative = false;
        if (rm == 4) {
            const unsigned sib = *at++;
            const unsigned index = ((sib >> 3) & 7) | (rex & 2) << 2;
            const unsigned base = sib & 7;
            if (index != 4) address += general(registers, index) * (1 << (sib >> 6));
            if (base == 5 && no_base_form) {
                address += displacement(at, 4);
                at += 4;
            } else {
                address += general(registers, base | (rex & 1) << 3);
            }
        } else if (rm == 5 && no_base_form) {
            rip_relative = true;
            address += displacement(at, 4);
            at += 4;
        } else {
            address += general(registers, rm | (rex & 1) << 3);
        }
        if (mod == 1) {
            address += displacement(at, 1);
            at += 1;
        } else if (mod == 2) {
            address += displacement(at, 4);
            at += 4;
        }
        if (rip_relative)
            address += static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(at)) +
                       immediate_bytes(map, opcode, modrm, half_immediate);
        return reinterpret_cast<const std::uint8_t*>(address);
    }

    // Also false for those whose memory operand is only an address: lea, nop, prefetch.
    static bool has_modrm(int map, unsigned op) {
        if (map >= 2) return true;
        if (map == 1) {
            const bool none = (op >= 0x05 && op <= 0x0E) || op == 0x18 || op == 0x1E ||
                              op == 0x1F || (op >= 0x30 && op <= 0x37) || op == 0x77 ||
                              (op >= 0x80 && op <= 0x8F) || (op >= 0xA0 && op <= 0xA2) ||
                              (op >= 0xA8 && op <= 0xAA) || (op >= 0xC8 && op <= 0xCF);
            return !none;
        }
        if (op < 0x40) return (op & 7) < 4;
        return op == 0x63 || op == 0x69 || op == 0x6B || (op >= 0x80 && op <= 0x8F && op != 0x8D) ||
               op == 0xC0 || op == 0xC1 || op == 0xC6 || op == 0xC7 || (op >= 0xD0 && op <= 0xD3) ||
               (op >= 0xD8 && op <= 0xDF) || op == 0xF6 || op == 0xF7 || op == 0xFE || op == 0xFF;
    }

    static int immediate_bytes(int map, unsigned op, unsigned modrm, bool half) {
        if (map == 3) return 1;
        if (map == 2) return 0;
        if (map == 1)
            return (op >= 0x70 && op <= 0x73) || op == 0xA4 || op == 0xAC || op == 0xBA ||
                   op == 0xC2 || (op >= 0xC4 && op <= 0xC6);
        const int full = half ? 2 : 4;
        const bool is_test = ((modrm >> 3) & 7) < 2;
        if (op == 0x81 || op == 0x69 || op == 0xC7) return full;
        if (op == 0xF7) return is_test ? full : 0;
        if (op == 0xF6) return is_test ? 1 : 0;
        return op == 0x80 || op == 0x83 || op == 0xC0 || op == 0xC1 || op == 0x6B || op == 0xC6;
    }

    static std::int64_t general(const greg_t* registers, unsigned number) {
        static constexpr int kOrder[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                           REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                           REG_R12, REG_R13, REG_R14, REG_R15};
        return registers[kOrder[number]];
    }

    static std::int64_t displacement(const std::uint8_t* at, int bytes) {
        if (bytes == 1) return static_cast<std::int8_t>(*at);
        std::int32_t value;
        std::memcpy(&value, at, sizeof value);
        return value;
    }

    inline static constinit thread_local SingleStep* current_ = nullptr;
    const std::uint8_t* operand_ = nullptr;
    std::uint64_t before_ = 0;
#else
private:
    void begin() {}
    void end() {}
#endif

    void (*hook_)(void*) = nullptr;
    void* context_ = nullptr;
    std::size_t instructions_ = 0;
    std::size_t read_modify_writes_ = 0;
    std::array<Line, 512> lines_{};
    std::size_t line_count_ = 0;
};

}  // namespace cacheline::support
