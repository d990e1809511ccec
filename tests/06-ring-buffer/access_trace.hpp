#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <set>
#include <utility>

#include "support/single_step.hpp"

#if defined(__x86_64__) && defined(__linux__)
#    include <sys/mman.h>
#    include <unistd.h>
#endif

namespace cacheline::tests {

/// An object on pages of its own, and which of its words (8 bytes, numbered from its start) a call
/// reads and writes. A write that changes nothing counts as well, since it takes the cache line
/// from the other core all the same. The pages are inaccessible before each instruction, so its
/// first access is a fault; then they may be read, so that a write is another. Nothing is traced
/// where kCanSingleStep is false, nor what the object keeps elsewhere.
template <typename T>
class Traced {
public:
    struct Accesses {
        std::set<std::size_t> reads;
        std::set<std::size_t> writes;
    };

#if defined(__x86_64__) && defined(__linux__)
    template <typename... Args>
    explicit Traced(Args&&... args) {
        const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        bytes_ = (sizeof(T) + page - 1) / page * page;
        pages_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages_ == MAP_FAILED) throw std::bad_alloc();
        try {
            object_ = ::new (pages_) T(std::forward<Args>(args)...);
        } catch (...) {
            munmap(pages_, bytes_);
            throw;
        }
    }
    ~Traced() {
        object_->~T();
        munmap(pages_, bytes_);
    }
    Traced(const Traced&) = delete;
    Traced& operator=(const Traced&) = delete;

    /// What `call` reads and writes. It must not throw.
    template <typename Call>
    Accesses trace(Call call) {
        count_ = 0;
        if constexpr (support::kCanSingleStep) {
            struct sigaction action = {};
            struct sigaction before = {};
            action.sa_sigaction = &Traced::faulted;
            action.sa_flags = SA_SIGINFO;
            current_ = this;
            sigaction(SIGSEGV, &action, &before);
            support::SingleStep stepper;
            stepper.between([](void* self) { static_cast<Traced*>(self)->forbid(); }, this);
            stepper.run(call);
            protect(PROT_READ | PROT_WRITE);
            sigaction(SIGSEGV, &before, nullptr);
        } else {
            call();
        }
        Accesses accesses;
        for (std::size_t i = 0; i < count_; ++i)
            (log_[i].writes ? accesses.writes : accesses.reads).insert(log_[i].word);
        return accesses;
    }
#else
    template <typename... Args>
    explicit Traced(Args&&... args) : object_(new T(std::forward<Args>(args)...)) {}
    ~Traced() {
        delete object_;
    }
    Traced(const Traced&) = delete;
    Traced& operator=(const Traced&) = delete;

    template <typename Call>
    Accesses trace(Call call) {
        call();
        return {};
    }
#endif

    T& operator*() {
        return *object_;
    }
    T* operator->() {
        return object_;
    }

private:
    T* object_ = nullptr;

#if defined(__x86_64__) && defined(__linux__)
    struct Access {
        std::size_t word;
        bool writes;
    };

    void forbid() {
        faults_ = 0;
        protect(PROT_NONE);
    }
    void protect(int access) {
        mprotect(pages_, bytes_, access);
    }

    static void faulted(int, siginfo_t* info, void*) {
        Traced& self = *current_;
        const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
        const std::size_t offset = address - reinterpret_cast<std::uintptr_t>(self.pages_);
        if (offset >= self.bytes_) {  // none of ours: let it end the process as it would have
            signal(SIGSEGV, SIG_DFL);
            return;
        }
        // What still faults where reading is allowed is a write.
        if (self.faults_++ == 0) {
            if (self.count_ < kMost) self.log_[self.count_++] = {offset / 8, false};
            self.protect(PROT_READ);
        } else {
            self.log_[self.count_ - 1] = {offset / 8, true};
            self.protect(PROT_READ | PROT_WRITE);
        }
    }

    static constexpr std::size_t kMost = 4096;
    inline static Traced* current_ = nullptr;
    void* pages_ = nullptr;
    std::size_t bytes_ = 0;
    int faults_ = 0;  // by the instruction at hand
    std::size_t count_ = 0;
    Access log_[kMost];
#endif
};

/// How many of the words that one side writes the other side reads.
template <typename Accesses>
std::size_t in_common(const Accesses& writer, const Accesses& reader) {
    std::size_t count = 0;
    for (const std::size_t word : writer.writes)
        count += reader.reads.count(word);
    return count;
}

}  // namespace cacheline::tests
