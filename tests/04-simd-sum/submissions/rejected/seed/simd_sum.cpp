// rejected: [vector] the Rust original: one AVX2 accumulator, scalar everywhere else
// also: [unroll] [accurate]
#include "simd_sum.hpp"

#include <immintrin.h>

namespace cacheline {
namespace {

__attribute__((target("avx2"))) float sum_avx2(std::span<const float> x) {
    __m256 sum = _mm256_setzero_ps();
    std::size_t i = 0;
    for (; i + 8 <= x.size(); i += 8)
        sum = _mm256_add_ps(sum, _mm256_loadu_ps(x.data() + i));
    float lanes[8];
    _mm256_storeu_ps(lanes, sum);
    float total = 0;
    for (const float lane : lanes)
        total += lane;
    float rest = 0;
    for (; i < x.size(); ++i)
        rest += x[i];
    return total + rest;
}

}  // namespace

float sum_ordered(std::span<const float> x) {
    float total = 0;
    for (const float value : x)
        total += value;
    return total;
}

float sum_pairwise(std::span<const float> x) {
    if (x.size() <= 64) return sum_ordered(x);
    return sum_pairwise(x.first(x.size() / 2)) + sum_pairwise(x.subspan(x.size() / 2));
}

float sum(std::span<const float> x) {
    return __builtin_cpu_supports("avx2") ? sum_avx2(x) : sum_ordered(x);
}

// The original has nothing like it.
float sum_compensated(std::span<const float> x) {
    return sum(x);
}

}  // namespace cacheline
