// What a refused push and an empty pop cost the reference, in machine instructions: few, with a
// pause of fixed length where the last hand-over was a short one, and without where there was none.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ring_buffer.hpp>

#include "support/single_step.hpp"

namespace {

using cacheline::support::kCanSingleStep;
using cacheline::support::SingleStep;

constexpr std::size_t kPlain = 100;                  // what is left of a call without its pause
constexpr std::size_t kWithPause = kPlain + 4 * 16;  // 16 turns of a short loop

bool all_well = true;

template <typename Call>
void expect(const char* what, std::size_t at_most, Call call) {
    SingleStep stepper;
    stepper.run(call);
    const bool well = stepper.instructions() <= at_most;
    all_well = all_well && well;
    std::printf("%-45s %4zu instructions%s\n", what, stepper.instructions(),
                well ? "" : ", which is too many");
}

}  // namespace

int main() {
    if constexpr (!kCanSingleStep) return 77;
    constexpr std::size_t kCapacity = 1024;
    cacheline::RingBuffer<std::uint64_t> ring(kCapacity);
    const auto push = [&] { static_cast<void>(ring.try_push(1u)); };
    const auto pop = [&] { static_cast<void>(ring.try_pop()); };
    for (std::size_t i = 0; i <= kCapacity; ++i)
        push();
    pop();
    push();
    expect("a refused push after a short hand-over", kWithPause, push);
    expect("the next one", kPlain, push);
    pop();
    expect("a push into the only free slot", kPlain, push);
    for (std::size_t i = 0; i <= kCapacity; ++i)
        pop();
    push();
    pop();
    expect("an empty pop after a short hand-over", kWithPause, pop);
    expect("the next one", kPlain, pop);
    return all_well ? 0 : 1;
}
