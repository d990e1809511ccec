#include "support/suite.hpp"

// The student's header.
#include <view_registry.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>

#include "announcing.hpp"
#include "support/allocation_counter.hpp"
#include "support/threads.hpp"
#include "support/watchdog.hpp"

using cacheline::SharedBytes;
using cacheline::ViewRegistry;
using cacheline::support::AllocationCounter;
using cacheline::support::Announcing;
using cacheline::support::kAlphabet;

namespace {

std::string text_of(const std::optional<SharedBytes>& bytes) {
    return bytes ? std::string(bytes->text()) : "(none)";
}

}  // namespace

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

TEST_CASE("bytes may use the registry when it ends too", "[slices][asan]") {
    WHY("a map that is being destroyed cannot be asked: the bytes must go before it does");
    using namespace std::chrono_literals;
    const cacheline::support::Watchdog watchdog(
        5s, "the registry's end did not come",
        "the owner of bytes that ended with it asked it for a view, and waits for the answer");
    int ends = 0;
    int found_themselves = 0;
    {
        std::function<SharedBytes(std::string, int)> bytes;
        ViewRegistry registry;  // ends first
        registry.create_view("other", SharedBytes::copy_of("x"));
        CHECK(text_of(registry.get_view("other")) == "x");
        bytes = [&](std::string name, int more) {
            return SharedBytes::adopt(Announcing(kAlphabet, [&, name, more] {
                ++ends;
                found_themselves += registry.get_view(name).has_value();
                (void)registry.get_view("a name that nobody has");
                // And once more, into the registry that is about to end.
                if (more > 0) registry.create_view(name, bytes(name, more - 1));
            }));
        };
        for (int i = 0; i < 20; ++i) {
            const std::string name = "name " + std::to_string(i);
            registry.create_view(name, bytes(name, i % 4));
        }
        CHECK(registry.size() == 21);
    }
    CHECK(ends == 20 + 5 * (1 + 2 + 3));
    CHECK(found_themselves == 0);
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
