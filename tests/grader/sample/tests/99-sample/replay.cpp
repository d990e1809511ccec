#include <sample.hpp>

#include "support/replay.hpp"

using cacheline::support::Replay;

int main(int argc, char* argv[]) {
    Replay replay(argc, argv);
    replay.step("answer", [](Replay& out) { out.print(cacheline::answer()); });
    replay.step("echo", [](Replay& out) {
        for (int i = 0; i < 100; ++i)
            out.print(cacheline::echo(static_cast<int>(out.below(1'000'000))));
    });
}
