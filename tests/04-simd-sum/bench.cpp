// Sums of floats in memory of the first and second level and beyond: Sum/yours/<bytes>. The limit
// is what a loop reaches that only loads; the peers are compiled for this machine, as everything
// here.

#include <benchmark/benchmark.h>
#include <hwy/aligned_allocator.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <simd_sum.hpp>
#include <span>
#include <string>
#include <utility>

#include "data.hpp"

#if defined(CACHELINE_PEERS) && __has_include(<Eigen/Core>)
#    include <Eigen/Core>
#    define HAS_EIGEN
#endif
#if defined(CACHELINE_PEERS) && __has_include(<xsimd/xsimd.hpp>)
#    include <xsimd/xsimd.hpp>
#    define HAS_XSIMD
#endif

namespace cacheline {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20;

std::span<float> values(std::size_t bytes) {
    static Data data = [] {
        const char* const seed = std::getenv("CACHELINE_SEED");
        FastRandom random(seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10));
        return Data(kMostBytes / sizeof(float), [&](std::size_t) { return random.uniform(); });
    }();
    return data.span().first(bytes / sizeof(float));
}

using Sum = float (*)(std::span<const float>);

constexpr double kAnything = 1e30;  // the tolerance of what is no sum

// Raises a number by a ten-thousandth of the sum, and at the next change lets it down again: when
// and where can't be foreseen, so that who remembers a sum gives a wrong one. In a small array,
// whose sum is quick, more than a hundred sums lie between two changes, so that these cost nothing.
class Changes {
public:
    explicit Changes(std::span<float> x)
        : x_(x), sum_(sum_in_double(x)), raise_(static_cast<float>(1e-4 * sum_)) {}
    ~Changes() {
        if (raised_ != nullptr) change();
    }
    Changes(const Changes&) = delete;
    Changes& operator=(const Changes&) = delete;

    // To be called before each sum: what it should be.
    double next() {
        if (--left_ == 0) {
            change();
            left_ = 1 + random_.below(x_.size_bytes() < (1U << 20) ? 256 : 1);
        }
        return sum_;
    }

private:
    static double sum_in_double(std::span<const float> x) {
        double sum = 0;
        for (const float value : x)
            sum += static_cast<double>(value);
        return sum;
    }

    void change() {
        float* const number = raised_ == nullptr ? &x_[random_.below(x_.size())] : raised_;
        const float other = raised_ == nullptr ? *number + raise_ : before_;
        before_ = std::exchange(*number, other);
        raised_ = raised_ == nullptr ? number : nullptr;
        sum_ += static_cast<double>(other) - static_cast<double>(before_);
    }

    std::span<float> x_;
    double sum_;
    float raise_;
    float before_ = 0;
    float* raised_ = nullptr;
    FastRandom random_{std::random_device{}()};
    std::size_t left_ = 1;
};

template <Sum function>
void sum_values(benchmark::State& state, double tolerance) {
    const auto bytes = static_cast<std::size_t>(state.range(0));
    const std::span<float> x = values(bytes);
    Changes changes(x);
    // Compared at the end, so that no comparison stands between two sums that are measured.
    double all = 0;
    double expected = 0;
    for (auto _ : state) {
        expected += changes.next();
        benchmark::ClobberMemory();  // as if any number might have changed
        all += static_cast<double>(function(x));
    }
    const bool right = std::fabs(all - expected) <= tolerance * expected;  // NaN is not
    if (!right && tolerance != kAnything) state.SkipWithError("wrong sum");
    state.SetBytesProcessed(state.iterations() * state.range(0));
}

#if defined(__x86_64__)
#    if defined(__AVX512F__)
constexpr std::size_t kVector = 64;
#    elif defined(__AVX__)
constexpr std::size_t kVector = 32;
#    else
constexpr std::size_t kVector = 16;
#    endif

// Brings every vector into a register and does nothing with it.
float load_only(std::span<const float> x) {
    typedef float Vector __attribute__((vector_size(kVector), aligned(kVector)));
    const auto* v = reinterpret_cast<const Vector*>(x.data());
    const auto* const end = v + x.size_bytes() / kVector;
    for (; v != end; v += 8) {
#    pragma GCC unroll 8
        for (int i = 0; i < 8; ++i) {
            const Vector loaded = v[i];
            asm volatile("" : : "v"(loaded));
        }
    }
    return 0;
}
#endif

// Loads every vector and combines it by the cheapest operation there is, so that the result depends
// on all of them: what any sum of the machine's registers has to do at least.
float load_and_or(std::span<const float> x) {
    constexpr std::size_t kInts =
        16;  // of 64 bytes; narrower machines take several registers for it
    typedef std::int32_t Vector __attribute__((vector_size(4 * kInts), aligned(4), may_alias));
    const auto* v = reinterpret_cast<const Vector*>(x.data());
    const auto* const end = v + x.size() / kInts;
    Vector a{}, b{}, c{}, d{}, e{}, f{}, g{}, h{};
    for (; v != end; v += 8) {
        a |= v[0];
        b |= v[1];
        c |= v[2];
        d |= v[3];
        e |= v[4];
        f |= v[5];
        g |= v[6];
        h |= v[7];
    }
    a |= b | c | d | e | f | g | h;
    std::int32_t all = 0;
    for (std::size_t i = 0; i < kInts; ++i)
        all |= a[i];
    return static_cast<float>(all);
}

#if defined(HAS_EIGEN)
float eigen(std::span<const float> x) {
    const auto size = static_cast<Eigen::Index>(x.size());
    return Eigen::Map<const Eigen::ArrayXf, Eigen::Aligned64>(x.data(), size).sum();
}
#endif

#if defined(HAS_XSIMD)
float xsimd_4(std::span<const float> x) {
    using Batch = xsimd::batch<float>;
    constexpr std::size_t kLanes = Batch::size;
    Batch a(0.0f), b(0.0f), c(0.0f), d(0.0f);
    for (std::size_t i = 0; i < x.size(); i += 4 * kLanes) {
        a += Batch::load_aligned(&x[i]);
        b += Batch::load_aligned(&x[i + kLanes]);
        c += Batch::load_aligned(&x[i + 2 * kLanes]);
        d += Batch::load_aligned(&x[i + 3 * kLanes]);
    }
    alignas(64) float lanes[kLanes];
    ((a + b) + (c + d)).store_aligned(lanes);
    float sum = 0;
    for (const float lane : lanes)
        sum += lane;
    return sum;
}
#endif

template <Sum function>
void add(const std::string& name, double tolerance) {
    auto* const added = benchmark::RegisterBenchmark(
        name.c_str(), [=](benchmark::State& state) { sum_values<function>(state, tolerance); });
    added->Arg(4 << 10)->Arg(32 << 10)->Arg(1 << 20)->Arg(kMostBytes)->MinTime(0.03);
}

const bool kAdded = [] {
    add<sum_ordered>("Sum/baseline", 1e-2);
    add<sum>("Sum/yours", 1e-6);
#if defined(HAS_EIGEN)
    add<eigen>("Sum/eigen", 1e-4);
#endif
#if defined(HAS_XSIMD)
    add<xsimd_4>("Sum/xsimd", 1e-4);
#endif
#if defined(__x86_64__)
    add<load_only>("Sum/load_only", kAnything);
#endif
    add<load_and_or>("Sum/load_and_or", kAnything);
    add<sum_compensated>("Compensated/yours", 1e-7);
    return true;
}();

}  // namespace
}  // namespace cacheline
