// Step global: before main, after it, and in a thread's last moments.

#include "support/suite.hpp"

#include <instrumented_allocator.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <thread>
#include <utility>

#include "05-instrumented-allocator/change.hpp"
#include "05-instrumented-allocator/told_stats.hpp"

using namespace cacheline;
using support::Change;
using support::opaque;

namespace {

// Allocates in a static object's constructor, and, in a child process, in its destructor: one of
// the first and one of the last things that the process does.
class FirstAndLast {
public:
    static constexpr std::size_t kBlocks = 50;
    static constexpr std::size_t kSize = 40'000;

    FirstAndLast() {
        for (auto& block : blocks_)
            block = new char[kSize];
    }
    ~FirstAndLast() {
        if (verdict_ != nullptr) _exit(verdict_());
        release();
    }

    bool release() {
        bool had = false;
        for (auto& block : blocks_) {
            had = block != nullptr;
            delete[] std::exchange(block, nullptr);
        }
        return had;
    }

    // In a child: `verdict` is called in the destructor and makes the process's exit code.
    void judge_in_destructor(int (*verdict)()) { verdict_ = verdict; }

private:
    std::array<char*, kBlocks> blocks_{};
    int (*verdict_)() = nullptr;
};

__attribute__((init_priority(101))) FirstAndLast first_and_last;

// The exit code of a child that ends as main does, with static destructors; -1 if it was killed.
template <typename Function>
int exit_code_of_child(Function&& before_exit, int (*verdict)()) {
    const pid_t child = fork();
    if (child == 0) {
        alarm(8);  // a hang ends the child, not the suite
        first_and_last.judge_in_destructor(verdict);
        before_exit();
        std::exit(77);  // if the destructor does not get that far
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

enum Verdict { kRight = 0, kNotCounted = 1, kNotEven = 2, kPeakTooLow = 3, kPeakTooHigh = 4 };

std::atomic<std::uint64_t> pairs_of_straggler{0};

}  // namespace

TEST_CASE("what static objects allocate before main is counted", "[global]") {
    WHY("half of a program's leaks are taken before main by somebody's registry");
    const AllocationStats before = global_stats();
    const bool had = first_and_last.release();
    const Change change(before);
    REQUIRE(had);
    CHECK(before.histogram[size_class(FirstAndLast::kSize)] >= FirstAndLast::kBlocks);
    CHECK(before.live_bytes >= FirstAndLast::kBlocks * FirstAndLast::kSize);
    CHECK(change.deallocations == FirstAndLast::kBlocks);
    CHECK(change.live_bytes <=
          -static_cast<std::int64_t>(FirstAndLast::kBlocks * FirstAndLast::kSize));
}

TEST_CASE("what static destructors allocate is counted", "[global]") {
    WHY("a counter that has been destroyed by then is written to all the same, by someone else's "
        "logger");
    REQUIRE(global_stats().allocations > 0);
    const int code = exit_code_of_child([] {},
                                        []() -> int {
                                            const AllocationStats before = global_stats();
                                            for (int i = 0; i < 1000; ++i)
                                                delete opaque(new std::string(50, 's'));
                                            const Change change(before);
                                            return change.allocations != 2000 ? kNotCounted
                                                   : change.live_bytes != 0   ? kNotEven
                                                                              : kRight;
                                        });
    INFO("exit code: 0 right, 1 not all counted, 2 not even, -1 killed by a signal");
    CHECK(code == kRight);
}

TEST_CASE("the peak is exact in static destructors too", "[global]") {
    WHY("a program that takes the most memory while it ends, to write everything down, is killed "
        "there");
    REQUIRE(global_stats().allocations > 0);
    const int code = exit_code_of_child(
        [] {
            // So little that nobody needs to hear of it; it stays.
            for (int i = 0; i < 2; ++i)
                static_cast<void>(opaque(new char[1000]));
        },
        []() -> int {
            // A block that makes a new peak, and is gone before anybody looks.
            const AllocationStats before = global_stats();
            delete[] opaque(new char[before.peak_bytes - before.live_bytes + 200'000]);
            const AllocationStats after = global_stats();
            const std::uint64_t block = after.bytes_allocated - before.bytes_allocated;
            return after.peak_bytes < before.live_bytes + block   ? kPeakTooLow
                   : after.peak_bytes > before.live_bytes + block ? kPeakTooHigh
                                                                  : kRight;
        });
    INFO("exit code: 0 right, 3 too low, 4 too high, -1 killed by a signal");
    CHECK(code == kRight);
}

TEST_CASE("threads that outlive main are counted", "[global]") {
    WHY("a detached thread goes on while static objects are destroyed around it");
    REQUIRE(global_stats().allocations > 0);
    const int code = exit_code_of_child(
        [] {
            std::thread([] {
                for (;;) {
                    delete opaque(new std::string(50, 's'));
                    pairs_of_straggler.fetch_add(2);
                }
            }).detach();
            while (pairs_of_straggler < 100)
                std::this_thread::yield();
        },
        []() -> int {
            const AllocationStats before = global_stats();
            const std::uint64_t pairs_before = pairs_of_straggler;
            while (pairs_of_straggler < pairs_before + 5000)
                std::this_thread::yield();
            const AllocationStats after = global_stats();
            // But for those that were under way at the start.
            return after.allocations - before.allocations < 4990 ? kNotCounted : kRight;
        });
    INFO("exit code: 0 right, 1 not all counted, -1 killed by a signal");
    CHECK(code == kRight);
}

namespace {

struct LateAllocator {
    bool armed = false;
    ~LateAllocator() {
        if (!armed) return;
        for (int i = 0; i < 100; ++i)
            delete opaque(new std::string(50, 's'));
    }
};

}  // namespace

TEST_CASE("what a thread news in its last destructors is counted", "[global]") {
    WHY("whatever is kept for a thread ends before some of its other objects do");
    const AllocationStats before = global_stats();
    constexpr std::size_t kThreads = 20;
    for (std::size_t i = 0; i < kThreads; ++i) {
        std::thread([] {
            static thread_local LateAllocator late;
            late.armed = true;
        }).join();
    }
    const Change change(before);
    CHECK(change.allocations >= kThreads * 200);
    CHECK(change.allocations <= kThreads * 210);
    CHECK(change.live_bytes == 0);
}
