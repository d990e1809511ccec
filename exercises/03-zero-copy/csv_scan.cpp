// The part of the CSV reader that looks at every byte, with Google Highway: this file is compiled
// once for each instruction set, and the best one that the machine has is chosen at run time.

// Highway 1.0.3 trips over a compiler that was told of these instructions (-march=native) unless
// one asks for them by name.
#ifndef HWY_WANT_AVX3_DL
#define HWY_WANT_AVX3_DL
#endif
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "csv_scan.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include <hwy/highway.h>

#include <cacheline/todo.hpp>
#include <csv_scan.hpp>

HWY_BEFORE_NAMESPACE();
namespace cacheline::zero_copy_detail::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// At most 64 lanes of bytes, so that a comparison's result fits a 64-bit mask.
using D = hn::CappedTag<std::uint8_t, 64>;

// Everything here is compiled for one instruction set at a time. hn::LoadU, hn::Eq and
// hn::StoreMaskBits turn bytes into bits; std::countr_zero walks them.
std::size_t scan(const char* /*text*/, std::size_t /*size*/, char /*delimiter*/,
                 std::uint32_t* /*positions*/) {
    todo("scan_csv");
}

}  // namespace cacheline::zero_copy_detail::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cacheline::zero_copy_detail {

HWY_EXPORT(scan);

std::size_t scan_csv(const char* text, std::size_t size, char delimiter, std::uint32_t* positions) {
    return HWY_DYNAMIC_DISPATCH(scan)(text, size, delimiter, positions);
}

}  // namespace cacheline::zero_copy_detail
#endif
