// Step global: operator new and delete of the whole process, in all their forms.

#include "support/suite.hpp"

#include <instrumented_allocator.hpp>

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

#include "05-instrumented-allocator/change.hpp"
#include "05-instrumented-allocator/told_stats.hpp"
#include "support/allocation_counter.hpp"
#include "support/threads.hpp"

using namespace cacheline;
using support::AllocationCounter;
using support::Change;
using support::kSanitized;
using support::opaque;

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
    // The nothrow forms give the handler its chance too.
    handled = 0;
    std::set_new_handler([] {
        ++handled;
        throw std::bad_alloc();
    });
    CHECK(::operator new(huge, std::nothrow) == nullptr);
    CHECK(::operator new[](huge, std::nothrow) == nullptr);
    CHECK(::operator new (huge, std::align_val_t{64}, std::nothrow) == nullptr);
    CHECK(::operator new[](huge, std::align_val_t{64}, std::nothrow) == nullptr);
    std::set_new_handler(nullptr);
    CHECK(handled == 4);
    CHECK(Change(before).failed == 13);

    void* const one = ::operator new(0);
    void* const other = ::operator new(0);
    CHECK(one != nullptr);
    CHECK(one != other);
    ::operator delete(one);
    ::operator delete(other);
}
