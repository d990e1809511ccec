#pragma once

// In the order in which they build on each other; each is one idea.

// clang-format off
#include <allocation_report.hpp>      // given: what is told

#include "at_thread_end.hpp"          // what is to be done when a thread ends
#include "thread_place.hpp"           // a place for each running thread
#include "shard.hpp"                  // what one thread has counted
#include "counters.hpp"               // all of them, their sums and their peak
#include "observing.hpp"              // observers that allocate
#include "allocation_tag.hpp"         // whose an allocation is
#include "block_book.hpp"             // which blocks are live
#include "instrumented_resource.hpp"  // all this around another resource
#include "container_allocator.hpp"    // the resource for containers
#include "allocation_scope.hpp"       // what happened between two points
// clang-format on

namespace cacheline {

/// The counts of the global operators new and delete, of the whole process, with the promises of
/// Counters::stats. Defined in global_new.cpp, which replaces the operators in each program that it
/// is linked into.
[[nodiscard]] AllocationStats global_stats();

}  // namespace cacheline
