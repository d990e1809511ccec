// Step global: operator new and delete of the whole process.

#include "support/suite.hpp"

#include <instrumented_allocator.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <list>
#include <map>
#include <new>
#include <replaceable.hpp>
#include <sstream>
#include <thread>

#include "05-instrumented-allocator/told_stats.hpp"
#include "support/allocation_counter.hpp"
#include "support/threads.hpp"

using namespace cacheline;
using support::AllocationCounter;
using support::kSanitized;

namespace {

// What has happened since an earlier snapshot.
struct Change {
    explicit Change(const AllocationStats& earlier, const AllocationStats& now = global_stats())
        : allocations(now.allocations - earlier.allocations),
          deallocations(now.deallocations - earlier.deallocations),
          failed(now.failed - earlier.failed),
          live_blocks(static_cast<std::int64_t>(now.live_blocks - earlier.live_blocks)),
          live_bytes(static_cast<std::int64_t>(now.live_bytes - earlier.live_bytes)) {}

    std::uint64_t allocations;
    std::uint64_t deallocations;
    std::uint64_t failed;
    std::int64_t live_blocks;
    std::int64_t live_bytes;
};

// Not to be seen through by a compiler that knows what new does.
template <typename T>
T* opaque(T* pointer) {
    T* volatile hidden = pointer;
    return hidden;
}

}  // namespace

TEST_CASE("every form of new and delete is counted", "[global][asan]") {
    WHY("the form that was forgotten goes past the books, or is freed by an operator that never "
        "saw it taken");
    using std::align_val_t;
    using std::nothrow;
    constexpr align_val_t kAligned{256};
    constexpr std::size_t n = 200;
    struct Form {
        const char* name;
        void* (*take)();
        void (*give)(void*);
        std::size_t alignment;
    };
    // Each new with each delete that may follow it.
    const Form forms[] = {
        {"new, delete", [] { return ::operator new(n); }, [](void* p) { ::operator delete(p); },
         16},
        {"new, sized delete", [] { return ::operator new(n); },
         [](void* p) { ::operator delete(p, n); }, 16},
        {"new[], delete[]", [] { return ::operator new[](n); },
         [](void* p) { ::operator delete[](p); }, 16},
        {"new[], sized delete[]", [] { return ::operator new[](n); },
         [](void* p) { ::operator delete[](p, n); }, 16},
        {"nothrow new, delete", [] { return ::operator new(n, nothrow); },
         [](void* p) { ::operator delete(p); }, 16},
        {"nothrow new, nothrow delete", [] { return ::operator new(n, nothrow); },
         [](void* p) { ::operator delete(p, nothrow); }, 16},
        {"nothrow new[], nothrow delete[]", [] { return ::operator new[](n, nothrow); },
         [](void* p) { ::operator delete[](p, nothrow); }, 16},
        {"aligned new, aligned delete", [] { return ::operator new(n, kAligned); },
         [](void* p) { ::operator delete(p, kAligned); }, 256},
        {"aligned new, aligned sized delete", [] { return ::operator new(n, kAligned); },
         [](void* p) { ::operator delete(p, n, kAligned); }, 256},
        {"aligned new[], aligned delete[]", [] { return ::operator new[](n, kAligned); },
         [](void* p) { ::operator delete[](p, kAligned); }, 256},
        {"aligned new[], aligned sized delete[]", [] { return ::operator new[](n, kAligned); },
         [](void* p) { ::operator delete[](p, n, kAligned); }, 256},
        {"aligned nothrow new, aligned nothrow delete",
         [] { return ::operator new(n, kAligned, nothrow); },
         [](void* p) { ::operator delete(p, kAligned, nothrow); }, 256},
        {"aligned nothrow new[], aligned nothrow delete[]",
         [] { return ::operator new[](n, kAligned, nothrow); },
         [](void* p) { ::operator delete[](p, kAligned, nothrow); }, 256},
    };
    for (const Form& form : forms) {
        CAPTURE(form.name);
        const AllocationStats before = global_stats();
        void* const block = opaque(form.take());
        const Change taken(before);
        std::fill_n(static_cast<char*>(block), n, 'x');
        const auto misaligned = reinterpret_cast<std::uintptr_t>(block) % form.alignment;
        form.give(block);
        const Change both(before);
        CHECK(taken.allocations == 1);
        CHECK(taken.live_blocks == 1);
        // What the caller asked for, or with what the allocator adds.
        CHECK(taken.live_bytes >= static_cast<std::int64_t>(n));
        CHECK(taken.live_bytes <= static_cast<std::int64_t>(2 * n + 2 * form.alignment));
        CHECK(misaligned == 0);
        CHECK(both.allocations == 1);
        CHECK(both.deallocations == 1);
        CHECK(both.live_bytes == 0);
    }
    const AllocationStats before = global_stats();
    ::operator delete(opaque(static_cast<void*>(nullptr)));
    ::operator delete[](opaque(static_cast<void*>(nullptr)), n);
    ::operator delete(opaque(static_cast<void*>(nullptr)), n, kAligned);
    CHECK(Change(before).deallocations == 0);
}

TEST_CASE("every new of the process is seen, against an independent count", "[global][asan]") {
    WHY("an instrument that sees nine of ten allocations is worse than none: one believes it");
    const AllocationStats before = global_stats();
    const AllocationCounter malloc_counter;  // this thread's malloc, from outside
    std::uint64_t elements = 0;
    {
        // Nothing here comes from malloc but by way of new.
        std::vector<std::string> words;
        std::map<std::string, std::unique_ptr<int>> index;
        std::list<std::shared_ptr<std::string>> shared;
        for (int i = 0; i < 300; ++i) {
            words.push_back(std::string(30, 'w') + std::to_string(i));
            index.emplace(words.back(), std::make_unique<int>(i));
            shared.push_back(std::make_shared<std::string>(words.back()));
        }
        std::stable_sort(words.begin(), words.end());  // nothrow new, for its buffer
        std::ostringstream text;
        for (int i = 0; i < 1000; ++i)
            text << i << ' ';
        const std::function<std::size_t()> all = [words, shared] { return words.size(); };
        const std::filesystem::path path = std::filesystem::path("a") / words[0] / "b" / words[1];
        elements = all() + static_cast<std::uint64_t>(std::distance(path.begin(), path.end())) +
                   text.str().size();
    }
    const std::size_t mallocs = malloc_counter.allocations();
    const std::size_t frees = malloc_counter.deallocations();
    const Change change(before);
    CHECK(elements == 300 + 4 + 3890);
    CHECK(change.allocations == mallocs);
    CHECK(change.deallocations == frees);
    CHECK(change.live_blocks == 0);
    CHECK(change.live_bytes == 0);
    CHECK(change.allocations > 2000);
}

TEST_CASE("files, streams, directories and threads come out even", "[global][asan]") {
    WHY("the library's compiled half calls the operators too, by way of the dynamic linker");
    namespace fs = std::filesystem;
    const auto work = [] {
        char name[] = "/tmp/cacheline-global-XXXXXX";
        if (mkdtemp(name) == nullptr) return;
        const fs::path folder = name;
        for (int i = 0; i < 5; ++i)
            std::ofstream(folder / ("a file with a rather long name " + std::to_string(i))) << i;
        std::size_t found = 0;
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
            std::ifstream file(entry.path());
            std::string word;
            found += file >> word && !word.empty();
        }
        std::vector<std::thread> threads;
        std::atomic<int> sum{0};
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&sum] {
                for (int k = 0; k < 500; ++k) {
                    const int* const one = opaque(new int(1));
                    sum += *one;
                    delete one;
                }
            });
        for (std::thread& thread : threads)
            thread.join();
        fs::remove_all(folder);
        if (found == 5 && sum == 2000) std::ostringstream() << found;
    };
    const AllocationStats first = global_stats();
    work();  // what is set up once and kept is set up now
    const AllocationStats before = global_stats();
    const support::ProcessAllocationCounter malloc_counter;
    work();
    const std::size_t mallocs = malloc_counter.allocations();
    const Change change(before);
    CHECK(before.allocations - first.allocations >= change.allocations);
    CHECK(change.allocations == change.deallocations);
    CHECK(change.live_bytes == 0);
    CHECK(change.allocations >= 2000 + 5 + 4);  // ints, file buffers, threads
    CHECK(change.allocations <= mallocs);       // the C library's own calls of malloc are not ours
}

TEST_CASE("the counts are exact when eight threads use new at once", "[global]") {
    WHY("the whole process meets at these operators");
    const AllocationStats before = global_stats();
    const std::size_t rounds = kSanitized ? 2000 : 20'000;
    {
        std::array<std::atomic<std::string*>, 64> cells{};
        const std::function<void()> work = [&] {
            for (std::size_t i = 0; i < rounds; ++i)
                delete cells[(i * 7) % cells.size()].exchange(new std::string(40, 's'));
        };
        const std::vector<std::function<void()>> eight(8, work);
        const Change started(before);
        support::run_together(eight);
        for (auto& cell : cells)
            delete cell.load();
        CHECK(started.allocations <= 100);
    }
    const Change change(before);
    CHECK(change.allocations >= 8 * 2 * rounds);
    CHECK(change.allocations <= 8 * 2 * rounds + 200);  // the threads themselves
    CHECK(change.live_blocks == 0);
    CHECK(change.live_bytes == 0);
}

TEST_CASE("out of memory is what the standard says it is", "[global]") {
    WHY("a program that handles bad_alloc, or frees its caches in a new-handler, lives on");
    constexpr std::size_t kHuge = ~std::size_t{0} / 4;
    volatile std::size_t huge = kHuge;  // or the compiler warns of what it can foresee
    volatile std::size_t wraps = ~std::size_t{0} - 3;
    const AllocationStats before = global_stats();
    CHECK_THROWS_AS(::operator new(huge), std::bad_alloc);
    CHECK_THROWS_AS(::operator new[](huge), std::bad_alloc);
    CHECK_THROWS_AS(::operator new (huge, std::align_val_t{64}), std::bad_alloc);
    // With room added for anything, these are small numbers.
    CHECK_THROWS_AS(::operator new(wraps), std::bad_alloc);
    CHECK_THROWS_AS(::operator new (wraps, std::align_val_t{4096}), std::bad_alloc);
    CHECK(::operator new(huge, std::nothrow) == nullptr);
    CHECK(::operator new[](wraps, std::nothrow) == nullptr);
    CHECK(::operator new[](huge, std::align_val_t{64}, std::nothrow) == nullptr);
    CHECK(Change(before).failed == 8);

    static int handled;
    handled = 0;
    std::set_new_handler([] {
        if (++handled == 3) std::set_new_handler(nullptr);
    });
    CHECK_THROWS_AS(::operator new(huge), std::bad_alloc);
    CHECK(handled == 3);
    std::set_new_handler([] { throw std::bad_alloc(); });
    CHECK(::operator new(huge, std::nothrow) == nullptr);
    std::set_new_handler(nullptr);
    CHECK(Change(before).failed == 10);

    void* const one = ::operator new(0);
    void* const other = ::operator new(0);
    CHECK(one != nullptr);
    CHECK(one != other);
    ::operator delete(one);
    ::operator delete(other);
}

// ------------------------------------------------------------------------- before main, after main

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

enum Verdict { kRight = 0, kNotCounted = 1, kNotEven = 2 };

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
