// Step threads: no cache line that two threads write. A look at each instruction, no clock.

#include "support/suite.hpp"

#include <instrumented_allocator.hpp>

#include <array>
#include <barrier>
#include <functional>
#include <latch>
#include <thread>

#include "05-instrumented-allocator/upstreams.hpp"
#include "support/single_step.hpp"
#include "support/threads.hpp"

using namespace cacheline;
using support::kCanSingleStep;
using support::Mirage;
using support::run_together;
using support::SingleStep;

namespace {

constexpr std::size_t kPairs = 60;

// What two threads write, each in kPairs pairs of 64 bytes, when they have done many before.
std::array<SingleStep, 2> writes_of_two(InstrumentedResource& resource) {
    std::array<SingleStep, 2> steppers;
    std::barrier both(2);
    std::vector<std::function<void()>> threads;
    for (SingleStep& stepper : steppers) {
        threads.emplace_back([&] {
            const auto pairs = [&](std::size_t count) {
                for (std::size_t i = 0; i < count; ++i)
                    resource.deallocate(resource.allocate(64), 64);
            };
            pairs(1000);
            both.arrive_and_wait();
            if constexpr (kCanSingleStep) stepper.run([&] { pairs(kPairs); });
            both.arrive_and_wait();  // neither ends before the other is done
        });
    }
    run_together(threads);
    return steppers;
}

void check_lines(const std::array<SingleStep, 2>& steppers) {
    if constexpr (kCanSingleStep) {
        std::size_t own = 0;
        std::size_t shared_lines = 0;
        for (std::size_t i = 0; i < steppers[0].line_count(); ++i) {
            const SingleStep::Line& line = steppers[0].begin_lines()[i];
            const std::size_t others = steppers[1].writes_to(line.number);
            own += line.writes >= kPairs;
            // Now and then something may be published.
            shared_lines += line.writes > kPairs / 10 && others > kPairs / 10;
        }
        CHECK(shared_lines == 0);
        CHECK(own > 0);  // they do count somewhere
        CHECK(steppers[0].instructions() > kPairs);
    }
}

}  // namespace

TEST_CASE("two threads write no common cache line", "[threads]") {
    WHY("a line that two cores write goes to and fro between them: 5 times the price of a pair, "
        "and the more cores the worse");
    Mirage mirage;
    InstrumentedResource resource(&mirage);
    REQUIRE(resource.stats().allocations == 0);
    const std::array<SingleStep, 2> steppers = writes_of_two(resource);
    CHECK(resource.stats().allocations >= 2000);
    check_lines(steppers);
}

TEST_CASE("two threads write no common cache line when 200 others are running", "[threads]") {
    WHY("a server has that many, and those that came last are the ones that work");
    Mirage mirage;
    InstrumentedResource resource(&mirage);
    resource.deallocate(resource.allocate(64), 64);
    constexpr std::size_t kOthers = 200;
    std::latch all_counted(kOthers);
    std::latch over(1);
    std::vector<std::thread> others;
    for (std::size_t i = 0; i < kOthers; ++i) {
        others.emplace_back([&] {
            resource.deallocate(resource.allocate(64), 64);
            all_counted.count_down();
            over.wait();
        });
    }
    all_counted.wait();
    const std::array<SingleStep, 2> steppers = writes_of_two(resource);
    over.count_down();
    for (std::thread& other : others)
        other.join();
    CHECK(resource.stats().allocations >= 2000 + kOthers);
    check_lines(steppers);
}
