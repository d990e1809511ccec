#include "support/suite.hpp"

// The student's headers.
#include <shared_bytes.hpp>
#include <view_registry.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "support/allocation_counter.hpp"
#include "support/threads.hpp"
#include "support/watchdog.hpp"

using cacheline::SharedBytes;
using cacheline::ViewRegistry;
using cacheline::support::AllocationCounter;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string kAlphabet = "abcdefghijklmnopqrstuvwxyz";

// A container of bytes that tells of its end.
class Announcing {
public:
    Announcing(std::string text, std::function<void()> at_end)
        : text_(std::move(text)), at_end_(std::move(at_end)) {}
    Announcing(Announcing&& other) noexcept
        : text_(std::move(other.text_)), at_end_(std::exchange(other.at_end_, nullptr)) {}
    Announcing& operator=(Announcing&&) = delete;
    ~Announcing() {
        if (at_end_) at_end_();
    }

    [[nodiscard]] const char* data() const { return text_.data(); }
    [[nodiscard]] std::size_t size() const { return text_.size(); }

private:
    std::string text_;
    std::function<void()> at_end_;
};

std::string text_of(const std::optional<SharedBytes>& bytes) {
    return bytes ? std::string(bytes->text()) : "(none)";
}

}  // namespace

TEST_CASE("copy_of makes a buffer of its own with one allocation", "[slices][asan]") {
    WHY("bytes and reference count fit in one block; two blocks cost twice, and a cache miss more");
    std::string source = kAlphabet;
    const AllocationCounter counter;
    const SharedBytes bytes = SharedBytes::copy_of(source);
    const std::size_t allocations = counter.allocations();
    source.assign("overwritten, and longer than it was");
    CHECK(allocations == 1);
    CHECK(bytes.text() == kAlphabet);
    CHECK(bytes.size() == 26);
    CHECK(SharedBytes::copy_of("").empty());
    CHECK(SharedBytes().text() == "");
}

TEST_CASE("copies and slices allocate nothing and share the bytes", "[slices]") {
    WHY("a slice is a pair of numbers and a share in the owner: the bytes stay where they are");
    const SharedBytes bytes = SharedBytes::copy_of(kAlphabet);
    const AllocationCounter counter;
    const SharedBytes copy = bytes;
    const SharedBytes middle = bytes.slice(3, 4);
    const SharedBytes rest = middle.slice(1);
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 0);
    CHECK(copy.text().data() == bytes.text().data());
    CHECK(middle.text() == "defg");
    CHECK(middle.text().data() == bytes.text().data() + 3);
    CHECK(rest.text() == "efg");
    CHECK(rest.text().data() == bytes.text().data() + 4);
}

TEST_CASE("a slice keeps its buffer alive", "[slices][asan]") {
    WHY("a view of a vector that can go away dangles: a slice must own its bytes too");
    SharedBytes slice;
    {
        SharedBytes bytes = SharedBytes::copy_of(kAlphabet);
        slice = bytes.slice(20).slice(1, 3);
        bytes = SharedBytes::copy_of("others");
    }
    CHECK(slice.text() == "vwx");
    auto source = std::make_unique<SharedBytes>(SharedBytes::copy_of(kAlphabet));
    const SharedBytes moved = std::move(*source);
    source.reset();
    CHECK(moved.text() == kAlphabet);
}

TEST_CASE("a slice that leaves the buffer is refused", "[slices][asan]") {
    WHY("offset plus count can wrap around zero: a check of the sum lets the worst slices pass");
    constexpr std::size_t kHuge = static_cast<std::size_t>(-1);
    const SharedBytes bytes = SharedBytes::copy_of("0123456789");
    CHECK_THROWS_AS(bytes.slice(11), std::out_of_range);
    CHECK_THROWS_AS(bytes.slice(0, 11), std::out_of_range);
    CHECK_THROWS_AS(bytes.slice(10, 1), std::out_of_range);
    CHECK_THROWS_AS(bytes.slice(6, 5), std::out_of_range);
    CHECK_THROWS_AS(bytes.slice(kHuge), std::out_of_range);
    CHECK_THROWS_AS(bytes.slice(kHuge, 1), std::out_of_range);
    CHECK_THROWS_AS(bytes.slice(5, kHuge - 4), std::out_of_range);
    CHECK_THROWS_AS(bytes.slice(1, kHuge - 1), std::out_of_range);
    CHECK_THROWS_AS(SharedBytes().slice(1), std::out_of_range);
    CHECK_THROWS_WITH(bytes.slice(7, 33),
                      ContainsSubstring("7") && ContainsSubstring("33") && ContainsSubstring("10"));
    CHECK(bytes.slice(10).text() == "");
    CHECK(bytes.slice(10, 0).text() == "");
    CHECK(bytes.slice(0, 10).text() == "0123456789");
    CHECK(bytes.slice(9, 1).text() == "9");
}

TEST_CASE("a slice of a slice is measured from the slice", "[slices][asan]") {
    WHY("a slice is all that its receiver may see: not the buffer behind it");
    const SharedBytes bytes = SharedBytes::copy_of("0123456789");
    const SharedBytes slice = bytes.slice(2, 5);
    CHECK(slice.slice(1, 3).text() == "345");
    CHECK(slice.slice(5).text() == "");
    CHECK_THROWS_AS(slice.slice(6), std::out_of_range);
    CHECK_THROWS_AS(slice.slice(0, 6), std::out_of_range);
    CHECK_THROWS_AS(slice.slice(4, 2), std::out_of_range);
}

TEST_CASE("adopt takes a container over without copying its bytes", "[slices][asan]") {
    WHY("the bytes are on the heap already: only who owns them has to change");
    std::vector<std::byte> numbers(1000, std::byte{7});
    const std::byte* const before = numbers.data();
    const AllocationCounter counter;
    const SharedBytes bytes = SharedBytes::adopt(std::move(numbers));
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 1);
    CHECK(bytes.bytes().data() == before);
    CHECK(bytes.size() == 1000);

    const SharedBytes large = SharedBytes::adopt(std::string(500, 'x'));
    CHECK(large.text() == std::string(500, 'x'));
    CHECK(SharedBytes::adopt(std::vector<unsigned char>{65, 66}).text() == "AB");
    CHECK(SharedBytes::adopt(std::string()).empty());
}

TEST_CASE("a short string can be adopted", "[slices][asan]") {
    WHY("its bytes lie in the string object, so they move when it does: take the address "
        "afterwards");
    SharedBytes slice;
    {
        std::string text = "short";
        const SharedBytes bytes = SharedBytes::adopt(std::move(text));
        text = "other";
        CHECK(bytes.text() == "short");
        slice = bytes.slice(1, 3);
    }
    CHECK(slice.text() == "hor");
}

TEST_CASE("owners are counted, and the last one ends the buffer", "[slices][asan]") {
    WHY("too few and a slice dangles; too many and the buffer is never returned");
    int ends = 0;
    {
        SharedBytes first = SharedBytes::adopt(Announcing(kAlphabet, [&ends] { ++ends; }));
        CHECK(first.owners() == 1);
        SharedBytes copy = first;
        SharedBytes slice = first.slice(1, 2);
        CHECK(slice.owners() == 3);
        const SharedBytes moved = std::move(copy);
        CHECK(moved.owners() == 3);
        copy = SharedBytes();
        first = SharedBytes();
        CHECK(moved.owners() == 2);
        CHECK(ends == 0);
        slice = slice.slice(0, 1);
        CHECK(slice.text() == "b");
        CHECK(ends == 0);
    }
    CHECK(ends == 1);
}

TEST_CASE("generate lets the caller write the bytes, with one allocation", "[slices][asan]") {
    WHY("bytes that are about to be written need no copy from elsewhere");
    const AllocationCounter counter;
    const SharedBytes bytes = SharedBytes::generate(1000, [](std::span<std::byte> out) {
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = static_cast<std::byte>(i);
    });
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 1);
    CHECK(bytes.size() == 1000);
    CHECK(bytes.bytes()[999] == std::byte{999 % 256});

    int calls = 0;
    CHECK(SharedBytes::generate(0, [&](std::span<std::byte>) { ++calls; }).empty());
    CHECK(calls == 0);
    CHECK_THROWS_AS(SharedBytes::generate(
                        10, [](std::span<std::byte>) { throw std::runtime_error("no data"); }),
                    std::runtime_error);
}

TEST_CASE("the registry hands out the bytes that it was given", "[slices][asan]") {
    WHY("what is called zero-copy must not copy: a view made by a copy only hides the cost");
    ViewRegistry registry;
    const SharedBytes bytes = SharedBytes::copy_of(kAlphabet);
    registry.create_view("whole", bytes);
    registry.create_view("part", bytes.slice(2, 3));
    CHECK(registry.size() == 2);
    const auto whole = registry.get_view("whole");
    REQUIRE(whole.has_value());
    CHECK(whole->text().data() == bytes.text().data());
    CHECK(text_of(registry.get_view("part")) == "cde");
    CHECK(text_of(registry.get_view("none")) == "(none)");
    CHECK(text_of(registry.get_view("whol")) == "(none)");
    CHECK(text_of(registry.get_view("")) == "(none)");
}

TEST_CASE("a look-up allocates nothing", "[slices]") {
    WHY("a map that can only be asked with a std::string makes one for each question");
    ViewRegistry registry;
    const std::string name = "a name that is too long for a string object " + kAlphabet;
    registry.create_view(name, SharedBytes::copy_of(kAlphabet));
    const AllocationCounter counter;
    const auto found = registry.get_view(std::string_view(name));
    const auto missing = registry.get_view("another long name, which nobody has registered so far");
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 0);
    CHECK(text_of(found) == kAlphabet);
    CHECK_FALSE(missing.has_value());
}

TEST_CASE("views that are out survive whatever happens to their name", "[slices][asan]") {
    WHY("a view dangles if the next create_view frees the bytes under it");
    auto registry = std::make_unique<ViewRegistry>();
    for (const char* name : {"replaced", "removed", "cleared", "destroyed"})
        registry->create_view(name, SharedBytes::copy_of(kAlphabet + name));
    const auto replaced = registry->get_view("replaced");
    const auto removed = registry->get_view("removed");
    const auto cleared = registry->get_view("cleared");

    registry->create_view("replaced", SharedBytes::copy_of("new"));
    CHECK(registry->size() == 4);
    CHECK(text_of(registry->get_view("replaced")) == "new");
    CHECK(registry->remove_view("removed"));
    CHECK_FALSE(registry->remove_view("removed"));
    CHECK(text_of(registry->get_view("removed")) == "(none)");
    registry->clear();
    CHECK(registry->size() == 0);
    CHECK(text_of(registry->get_view("cleared")) == "(none)");
    registry->create_view("destroyed", SharedBytes::copy_of(kAlphabet + "destroyed"));
    const auto destroyed = registry->get_view("destroyed");
    registry.reset();

    CHECK(text_of(replaced) == kAlphabet + "replaced");
    CHECK(text_of(removed) == kAlphabet + "removed");
    CHECK(text_of(cleared) == kAlphabet + "cleared");
    CHECK(text_of(destroyed) == kAlphabet + "destroyed");
}

TEST_CASE("the registry keeps names of its own", "[slices][asan]") {
    WHY("the caller's name may be a temporary: a registry of string_views would dangle");
    ViewRegistry registry;
    {
        std::string name = "temporary name that is long enough for the heap";
        registry.create_view(name, SharedBytes::copy_of("1"));
        std::ranges::fill(name, '#');
    }
    CHECK(text_of(registry.get_view("temporary name that is long enough for the heap")) == "1");
    CHECK(text_of(registry.get_view("###############################################")) ==
          "(none)");
}

TEST_CASE("forgotten bytes are returned at once", "[slices][asan]") {
    WHY("a registry that keeps what was replaced grows without bound");
    int ends = 0;
    const auto announcing = [&ends] {
        return SharedBytes::adopt(Announcing(kAlphabet, [&ends] { ++ends; }));
    };
    ViewRegistry registry;
    registry.create_view("a", announcing());
    registry.create_view("a", announcing());
    CHECK(ends == 1);
    registry.remove_view("a");
    CHECK(ends == 2);
    registry.create_view("b", announcing());
    registry.create_view("c", announcing());
    registry.clear();
    CHECK(ends == 4);
}

TEST_CASE("bytes may use the registry when they end", "[slices]") {
    WHY("a destructor that runs under the registry's lock waits for that lock for ever");
    using namespace std::chrono_literals;
    const cacheline::support::Watchdog watchdog(
        5s, "the registry did not return",
        "it ended the old bytes while it held its lock, and their owner asked it for a view");
    ViewRegistry registry;
    int seen = 0;
    const auto curious = [&] {
        return SharedBytes::adopt(Announcing(
            kAlphabet, [&] { seen += registry.get_view("other").has_value() ? 1 : 10; }));
    };
    registry.create_view("other", SharedBytes::copy_of("x"));
    registry.create_view("name", curious());
    registry.create_view("name", curious());
    CHECK(seen == 1);
    registry.remove_view("name");
    CHECK(seen == 2);
    registry.create_view("name", curious());
    registry.clear();
    CHECK(seen == 12);
}

TEST_CASE("threads share a registry", "[slices][asan][tsan]") {
    WHY("one thread reads what another replaces: each view must be whole, old or new");
    constexpr int kRounds = cacheline::support::kSanitized ? 300 : 3000;
    ViewRegistry registry;
    registry.create_view("name", SharedBytes::copy_of(std::string(64, '0')));
    std::atomic<int> torn{0};
    const auto read = [&] {
        for (int i = 0; i < kRounds; ++i) {
            const auto view = registry.get_view("name");
            if (!view) continue;
            const std::string_view text = view->text();
            if (text.size() != 64 || text != std::string(64, text[0])) ++torn;
        }
    };
    const auto write = [&] {
        for (int i = 0; i < kRounds; ++i) {
            const std::string text(64, static_cast<char>('0' + i % 10));
            registry.create_view("name", SharedBytes::copy_of(text));
            if (i % 64 == 0) registry.remove_view("name");
            if (i % 100 == 0) registry.clear();
            registry.create_view("name " + std::to_string(i % 7), SharedBytes::copy_of(text));
        }
    };
    cacheline::support::run_together({read, write, read, write});
    CHECK(torn == 0);
}

TEST_CASE("threads share a buffer", "[slices][asan][tsan]") {
    WHY("a reference count that is not atomic loses a share, and then the buffer");
    constexpr int kRounds = cacheline::support::kSanitized ? 2000 : 20000;
    std::atomic<int> ends{0};
    std::atomic<int> wrong_bytes{0};
    {
        const SharedBytes bytes = SharedBytes::adopt(Announcing(kAlphabet, [&ends] { ++ends; }));
        const auto work = [&wrong_bytes, bytes] {
            for (int i = 0; i < kRounds; ++i) {
                const SharedBytes copy = bytes;
                const SharedBytes slice = copy.slice(static_cast<std::size_t>(i % 26), 1);
                if (slice.text()[0] != 'a' + i % 26) ++wrong_bytes;
            }
        };
        cacheline::support::run_together({work, work, work, work});
        CHECK(ends == 0);
        CHECK(bytes.owners() >= 1);
    }
    CHECK(wrong_bytes == 0);
    CHECK(ends == 1);
}
