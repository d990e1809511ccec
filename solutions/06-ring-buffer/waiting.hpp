#pragma once

#include <thread>

namespace cacheline::ring_detail {

/// Takes 10 to 50 ns and leaves the memory system alone meanwhile. A fence would do neither: it
/// orders accesses, and may wait for all of this core's stores to arrive.
inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("isb");  // `yield` does nothing on most cores; this refills the pipeline
#endif
}

/// What a waiting call does between two looks: at first nothing, since the answer is probably on
/// its way; then it pauses, which is kinder to a core that shares its units; and after some 50 us
/// the other thread more likely has no processor, and gets this one.
class Wait {
public:
    void operator()() {
        if (turns_ == kYieldAfter) {  // and stays there, however long the wait
            std::this_thread::yield();
            return;
        }
        ++turns_;
        if (turns_ > kPauseAfter) pause();
    }

private:
    static constexpr int kPauseAfter = 1024;
    static constexpr int kYieldAfter = 8192;

    int turns_ = 0;
};

}  // namespace cacheline::ring_detail
