// What the batch functions can be called with, put to the reference alone: code that a submission
// does not accept would fail to compile, and with it the whole suite.

#include <batch.hpp>
#include <cstdio>
#include <limits>
#include <memory>
#include <processor.hpp>
#include <shared_bytes.hpp>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

using namespace cacheline;

namespace {

int failures = 0;

void check(bool good, const char* what) {
    if (good) return;
    std::fprintf(stderr, "callables: %s\n", what);
    ++failures;
}

struct Point {
    int x = 0;
    [[nodiscard]] int twice() const { return 2 * x; }
    [[nodiscard]] Point next() const { return {x + 1}; }
};

// Neither assignable nor default-constructible: there is one way left to make a batch of it.
struct Fixed {
    explicit Fixed(int value) : x(value) {}
    const int x;
};

// Can only be called when it is given away, which a batch can't do again and again.
struct Once {
    int operator()(int x) && { return x; }
    void operator()(std::size_t) && {}
};

template <typename Function>
concept Visitor = requires(Function function) {
    visit_indices(3, AccessOrder{}, std::move(function));
};

template <typename Function>
concept Transformer = requires(std::span<int> items, Function function) {
    transform_in_place(items, std::move(function));
};

static_assert(!Visitor<Once>);
static_assert(!Transformer<Once>);

void members() {
    std::vector<Point> points = {{1}, {2}, {3}};
    ZeroCopyProcessor processor;
    check(process_batch(points, &Point::x) == std::vector{1, 2, 3}, "a member's address");
    check(process_batch(points, &Point::twice, AccessOrder::random(1)) == std::vector{2, 4, 6},
          "a member function's address, in random order");
    check(processor.process_batch(points, &Point::twice)[2] == 6, "the same, by a processor");
    transform_in_place(std::span(points), &Point::next, AccessOrder::strided(2));
    processor.transform_in_place(std::span(points), &Point::next);
    check(points[2].x == 5, "a member function's address, in place");
    points = process_batch(std::move(points), &Point::next);
    points = processor.process_batch(std::move(points), &Point::next);
    check(points[0].x == 5, "a member function's address, for a batch that is given away");
    check(process_batch(std::move(points), &Point::x)[1] == 6, "the same, of another type");
    const auto filled = SharedBytes::generate(3, &std::span<std::byte>::size);
    check(filled.size() == 3, "generate with a member function's address");
}

void fixed_results() {
    std::vector<Fixed> fixed;
    fixed.reserve(2);
    fixed.emplace_back(1);
    fixed.emplace_back(2);
    const auto more = [](const Fixed& f) { return Fixed(f.x + 1); };
    check(process_batch(fixed, more, AccessOrder::random(3))[1].x == 3,
          "results without assignment");
    ZeroCopyProcessor processor;
    check(processor.process_batch(std::move(fixed), more)[0].x == 2, "the same, given away");
    check(processor.stats().copy_operations == 2, "they did not take the input's place");
}

// As many indices as there can be, of which the visitor takes three.
void huge_counts() {
    for (const std::size_t count :
         {std::numeric_limits<std::size_t>::max(), (std::size_t{1} << 63) + 1}) {
        for (const AccessOrder order :
             {AccessOrder::sequential(), AccessOrder::strided(1 << 20), AccessOrder::random(1)}) {
            std::vector<std::size_t> seen;
            try {
                visit_indices(count, order, [&](std::size_t i) {
                    seen.push_back(i);
                    if (seen.size() == 3) throw std::runtime_error("enough");
                });
            } catch (const std::runtime_error&) {
            }
            check(seen.size() == 3 && seen[0] != seen[1] && seen[1] != seen[2], "a huge count");
        }
    }
}

}  // namespace

int main() {
    members();
    fixed_results();
    huge_counts();
    return failures == 0 ? 0 : 1;
}
