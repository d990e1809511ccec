#pragma once

#include <allocation_report.hpp>
#include <cstdint>

#include "instrumented_resource.hpp"

namespace cacheline {

/// Measures what happens to a resource, by all threads and in either mode, from the object's
/// construction on. Scopes nest and overlap freely: an outer one includes what an inner one sees.
class AllocationScope {
public:
    explicit AllocationScope(const InstrumentedResource& resource)
        : resource_(&resource), start_(resource.stats()) {}

    /// What has happened since the construction.
    [[nodiscard]] AllocationDelta so_far() const {
        const AllocationStats now = resource_->stats();
        AllocationDelta delta;
        delta.allocations = now.allocations - start_.allocations;
        delta.deallocations = now.deallocations - start_.deallocations;
        delta.failed = now.failed - start_.failed;
        delta.bytes_allocated = now.bytes_allocated - start_.bytes_allocated;
        delta.bytes_deallocated = now.bytes_deallocated - start_.bytes_deallocated;
        delta.live_blocks = static_cast<std::int64_t>(now.live_blocks - start_.live_blocks);
        delta.live_bytes = static_cast<std::int64_t>(now.live_bytes - start_.live_bytes);
        return delta;
    }

private:
    const InstrumentedResource* resource_;
    AllocationStats start_;
};

}  // namespace cacheline
