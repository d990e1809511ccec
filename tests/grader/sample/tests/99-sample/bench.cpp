#include <benchmark/benchmark.h>

#include <sample.hpp>

namespace {

void answer(benchmark::State& state) {
    for (auto _ : state)
        benchmark::DoNotOptimize(cacheline::answer());
}
BENCHMARK(answer)->Name("Answer/yours")->MinTime(0.01);
BENCHMARK(answer)->Name("Answer/yours-again")->MinTime(0.01);

}  // namespace
