#pragma once

#include <vector>

struct sock_filter;

namespace cacheline::grader {

/// The kernel's filter for what runs in a sandbox (seccomp), in the form that bwrap reads. It
/// refuses what no exercise and no compiler needs and what would undo a limit: memory that no
/// process is charged for, namespaces and mounts of its own, and parts of the kernel that have
/// often let somebody out.
std::vector<sock_filter> system_call_filter();

}  // namespace cacheline::grader
