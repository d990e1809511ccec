// What a suite can't ask, since a submission that fails it would not compile at all: the pools
// stand in one program with the other exercise that has a peak, and fill takes elements that can't
// be assigned to.

#include <allocation_report.hpp>
#include <memory_pool.hpp>
#include <memory_resource>
#include <type_traits>

namespace {

struct Constant {
    const int value;
};

}  // namespace

int main() {
    static_assert(cacheline::PoolStats::kPeakSlack > 0);
    static_assert(!std::is_assignable_v<Constant&, Constant>);
    cacheline::VectorPool<Constant> pool(4);
    cacheline::PooledVector<Constant> vector = pool.acquire();
    for (const int factor : {1, 2})
        vector.fill(10, [=](std::size_t i) { return Constant{factor * static_cast<int>(i)}; });
    if (vector->size() != 10 || vector->back().value != 18) return 1;

    // Through the base, as a container does it: no call but those that are written here.
    cacheline::PoolResource resource;
    std::pmr::memory_resource& base = resource;
    base.deallocate(base.allocate(100, 8), 100, 8);
    cacheline::BlockPool blocks(24);
    blocks.deallocate(blocks.allocate());
    return 0;
}
