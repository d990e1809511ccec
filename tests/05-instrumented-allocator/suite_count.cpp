// Step count: every block and byte of a single thread.

#include "support/suite.hpp"

#include <instrumented_allocator.hpp>

#include <list>
#include <map>
#include <new>
#include <stdexcept>
#include <utility>

#include "05-instrumented-allocator/told_stats.hpp"
#include "05-instrumented-allocator/upstreams.hpp"

using namespace cacheline;
using support::Heap;
using support::Mirage;
using support::Witness;

namespace {

struct Block {
    void* address;
    std::size_t size;
};

}  // namespace

TEST_CASE("blocks and bytes are counted as they come and go", "[count][asan]") {
    WHY("these five figures are what every other one is made of");
    SEEDED_RNG(rng);
    Heap heap;
    InstrumentedResource resource(&heap);
    CHECK(resource.stats() == AllocationStats{});

    AllocationStats expected;
    std::vector<Block> live;
    for (int i = 0; i < 20'000; ++i) {
        if (live.empty() || rng() % 100 < 52) {
            const std::size_t size = rng() % 3000;
            live.push_back({resource.allocate(size), size});
            ++expected.allocations;
            expected.bytes_allocated += size;
        } else {
            std::swap(live[rng() % live.size()], live.back());
            resource.deallocate(live.back().address, live.back().size);
            ++expected.deallocations;
            expected.bytes_deallocated += live.back().size;
            live.pop_back();
        }
    }
    const AllocationStats busy = resource.stats();
    CHECK(busy.allocations == expected.allocations);
    CHECK(busy.deallocations == expected.deallocations);
    CHECK(busy.bytes_allocated == expected.bytes_allocated);
    CHECK(busy.bytes_deallocated == expected.bytes_deallocated);
    CHECK(busy.live_blocks == live.size());
    CHECK(busy.live_bytes == expected.bytes_allocated - expected.bytes_deallocated);
    CHECK(busy.failed == 0);

    for (const Block& block : live)
        resource.deallocate(block.address, block.size);
    const AllocationStats quiet = resource.stats();
    CHECK(quiet.live_blocks == 0);
    CHECK(quiet.live_bytes == 0);
    CHECK(quiet.allocations == quiet.deallocations);
}

TEST_CASE("the peak of one thread is exact after every step", "[count]") {
    WHY("a peak that misses a spike sizes the machine too small");
    SEEDED_RNG(rng);
    Mirage mirage;
    InstrumentedResource resource(&mirage);
    void* somewhere = nullptr;
    std::vector<std::size_t> live;
    std::uint64_t bytes = 0;
    std::uint64_t peak = 0;
    std::size_t looks_at_a_wrong_peak = 0;
    std::uint64_t first_expected = 0;
    std::uint64_t first_got = 0;
    // Long tides of small, middling and large blocks, so that whatever is gathered before it is
    // published comes to be published at rising and at falling tide.
    for (int i = 0; i < 12'000; ++i) {
        const bool rising = i / 1500 % 2 == 0;
        if (live.empty() || rng() % 100 < (rising ? 70u : 35u)) {
            const std::size_t size = rng() % (std::size_t{1} << (4 + rng() % 16));
            resource.deallocate(resource.allocate(size), size);  // a spike of its own
            somewhere = resource.allocate(size);
            live.push_back(size);
            bytes += size;
            peak = std::max(peak, bytes);
        } else {
            std::swap(live[rng() % live.size()], live.back());
            resource.deallocate(somewhere, live.back());
            bytes -= live.back();
            live.pop_back();
        }
        // Looking must not be what keeps the peak right: mostly nobody looks.
        if (i % 97 == 0) {
            const std::uint64_t got = resource.stats().peak_bytes;
            if (got != peak && looks_at_a_wrong_peak++ == 0) {
                first_expected = peak;
                first_got = got;
            }
        }
    }
    CHECK(first_got == first_expected);
    CHECK(looks_at_a_wrong_peak == 0);
    for (const std::size_t size : live)
        resource.deallocate(somewhere, size);
    CHECK(resource.stats().peak_bytes == peak);
    CHECK(resource.stats().live_bytes == 0);
}

TEST_CASE("the histogram files each size under its power of two", "[count]") {
    WHY("the histogram is what size classes of a pool are chosen by; one class off doubles its "
        "slack");
    CHECK(size_class(0) == 0);
    CHECK(size_class(1) == 1);
    CHECK(size_class(2) == 2);
    CHECK(size_class(3) == 2);
    CHECK(size_class(4) == 3);
    CHECK(size_class(64) == 7);
    CHECK(size_class(~std::size_t{0}) == kSizeClasses - 1);

    Mirage mirage;
    InstrumentedResource resource(&mirage);
    std::array<std::uint64_t, kSizeClasses> expected{};
    const auto take = [&](std::size_t size, std::size_t expected_class) {
        resource.deallocate(resource.allocate(size), size);
        ++expected[expected_class];
    };
    take(0, 0);
    for (std::size_t k = 1; k <= 48; ++k) {
        take(std::size_t{1} << (k - 1), k);    // the least of its class
        take(((std::size_t{1} << k) - 1), k);  // the greatest
        take((std::size_t{1} << (k - 1)) | 1, k == 1 ? 1 : k);
    }
    const AllocationStats stats = resource.stats();
    CHECK(stats.histogram == expected);
    CHECK(stats.allocations == 1 + 3 * 48);
}

TEST_CASE("a failed allocation is counted as failed and changes nothing else", "[count][asan]") {
    WHY("memory that never was must not appear in the books");
    Witness upstream;
    InstrumentedResource resource(&upstream);
    void* const kept = resource.allocate(100);
    AllocationStats before = resource.stats();

    upstream.fail_next([] { throw std::bad_alloc(); });
    CHECK_THROWS_AS(resource.allocate(1 << 20), std::bad_alloc);
    before.failed = 1;
    CHECK(resource.stats() == before);

    // Whatever the upstream throws is the caller's to see.
    upstream.fail_next([] { throw std::runtime_error("the upstream is on strike"); });
    CHECK_THROWS_WITH(resource.allocate(64), "the upstream is on strike");
    upstream.fail_next([] { throw 7; });
    CHECK_THROWS_AS(resource.allocate(64), int);
    before.failed = 3;
    CHECK(resource.stats() == before);

    resource.deallocate(kept, 100);
    CHECK(upstream.live() == 0);
    CHECK(resource.stats().live_blocks == 0);
}

TEST_CASE("to give back null does nothing", "[count][asan]") {
    WHY("free and delete take null, so code that was written for them passes it");
    Witness upstream;
    InstrumentedResource resource(&upstream, Mode::checked);
    InstrumentedAllocator<int> allocator(&resource);
    allocator.deallocate(nullptr, 64);
    allocator.deallocate(nullptr, 0);
    CHECK(resource.stats() == AllocationStats{});
    CHECK(upstream.deallocations() == 0);
    CHECK(resource.misuses().empty());
}

TEST_CASE("size and alignment reach the upstream as they are, both ways", "[count][asan]") {
    WHY("an instrument must not change what it measures");
    Witness upstream;
    InstrumentedResource resource(&upstream);
    for (std::size_t alignment = 1; alignment <= 4096; alignment *= 2) {
        for (const std::size_t size :
             {std::size_t{0}, std::size_t{1}, std::size_t{24}, std::size_t{1000}}) {
            CAPTURE(size, alignment);
            void* const block = resource.allocate(size, alignment);
            CHECK(upstream.last() == Witness::Request{size, alignment});
            CHECK(reinterpret_cast<std::uintptr_t>(block) % alignment == 0);
            std::fill_n(static_cast<char*>(block), size, 'x');
            resource.deallocate(block, size, alignment);
        }
    }
    CHECK(upstream.mismatches() == 0);
    CHECK(upstream.live() == 0);
    CHECK(upstream.allocations() == 13 * 4);
}

TEST_CASE("objects that need more alignment get it from the allocator", "[count][asan]") {
    WHY("a vector of cache lines or of SIMD registers crashes on the first that is misaligned");
    struct alignas(256) Wide {
        char bytes[256];
    };
    Witness upstream;
    InstrumentedResource resource(&upstream);
    {
        const std::vector<Wide, InstrumentedAllocator<Wide>> wide(
            3, InstrumentedAllocator<Wide>(&resource));
        CHECK(upstream.last() == Witness::Request{3 * sizeof(Wide), alignof(Wide)});
        CHECK(reinterpret_cast<std::uintptr_t>(wide.data()) % alignof(Wide) == 0);
    }
    CHECK(upstream.mismatches() == 0);
    CHECK(resource.stats().live_blocks == 0);
}

TEST_CASE("standard containers count through the allocator and through pmr", "[count][asan]") {
    WHY("an instrument is of use where the allocations are: in containers");
    Witness upstream;
    InstrumentedResource resource(&upstream);
    {
        const InstrumentedAllocator<int> allocator(&resource);
        std::vector<int, InstrumentedAllocator<int>> numbers(allocator);
        numbers.reserve(100);
        CHECK(resource.stats().allocations == 1);
        CHECK(resource.stats().live_bytes == 100 * sizeof(int));

        std::list<std::uint64_t, InstrumentedAllocator<std::uint64_t>> list(allocator);
        for (std::uint64_t i = 0; i < 10; ++i)
            list.push_back(i);
        CHECK(resource.stats().allocations == 11);

        std::vector<int, InstrumentedAllocator<int>> copy = numbers;
        copy.assign(7, 1);
        CHECK(resource.stats().allocations == 12);
        CHECK(copy.get_allocator() == numbers.get_allocator());
        CHECK(InstrumentedAllocator<char>(allocator).resource() == &resource);

        std::pmr::map<int, std::pmr::string> words(&resource);
        for (int i = 0; i < 50; ++i)
            words.emplace(i, std::string(40, 'w'));
        CHECK(resource.stats().allocations == 12 + 100);
        CHECK(resource.stats().allocations == upstream.allocations());
    }
    CHECK(resource.stats().live_blocks == 0);
    CHECK(resource.stats().deallocations == upstream.deallocations());
    CHECK(upstream.mismatches() == 0);
}

TEST_CASE("a count whose bytes do not fit is refused before it wraps", "[count]") {
    WHY("n * sizeof(T) that wraps gives a small block to someone who will fill a large one");
    Mirage mirage;
    InstrumentedResource resource(&mirage);
    InstrumentedAllocator<std::uint64_t> allocator(&resource);
    const std::size_t too_many = ~std::size_t{0} / sizeof(std::uint64_t) + 1;
    CHECK_THROWS_AS(allocator.allocate(too_many), std::bad_array_new_length);
    CHECK_THROWS_AS(allocator.allocate(too_many + 7), std::bad_array_new_length);
    CHECK(resource.stats().allocations == 0);
    CHECK(allocator.allocate(too_many - 1) != nullptr);
}

TEST_CASE("each resource keeps books of its own", "[count]") {
    WHY("two resources that share counters tell nothing about either");
    Witness upstream;
    InstrumentedResource one(&upstream);
    InstrumentedResource other(&upstream);
    void* const block = one.allocate(64);
    CHECK(one.stats().live_blocks == 1);
    CHECK(other.stats() == AllocationStats{});
    CHECK(one.is_equal(one));
    // Memory of the one that came back through the other would spoil the books of both.
    CHECK_FALSE(one.is_equal(other));
    CHECK(InstrumentedAllocator<int>(&one) != InstrumentedAllocator<int>(&other));
    one.deallocate(block, 64);
    CHECK_THROWS_AS(InstrumentedResource(nullptr), std::invalid_argument);
    CHECK_THROWS_AS(InstrumentedAllocator<int>(nullptr), std::invalid_argument);
}
