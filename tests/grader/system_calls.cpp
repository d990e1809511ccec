#include "system_calls.hpp"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/syscall.h>

#include <cstddef>
#include <cstdint>

namespace cacheline::grader {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
#else
#    error "Add this machine's AUDIT_ARCH_… here."
#endif

// The x32 calls of x86-64 have numbers of their own.
constexpr std::uint32_t kOtherNumbers = 0x40000000;

constexpr std::uint32_t kRefused[] = {
    // memory on nobody's account
    SYS_memfd_create, SYS_shmget,
#if defined(SYS_memfd_secret)
    SYS_memfd_secret,
#endif
    // namespaces and mounts
    SYS_unshare, SYS_setns, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_open_tree,
    SYS_move_mount, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick,
    // the kernel's back rooms
    SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_io_uring_setup, SYS_keyctl, SYS_add_key,
    SYS_request_key, SYS_process_vm_readv, SYS_process_vm_writev, SYS_kexec_load};

constexpr std::uint32_t kNamespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
                                      CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

constexpr std::uint32_t refuse(std::uint32_t error) {
    return SECCOMP_RET_ERRNO | error;
}

sock_filter load(std::size_t offset) {
    return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}

sock_filter answer(std::uint32_t what) {
    return BPF_STMT(BPF_RET | BPF_K, what);
}

// Goes on to the next statement if the test holds, else passes over it.
sock_filter unless(std::uint16_t test, std::uint32_t value) {
    return BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), value, 0, 1);
}

}  // namespace

std::vector<sock_filter> system_call_filter() {
    std::vector<sock_filter> filter{
        load(offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kMachine, 1, 0),
        answer(SECCOMP_RET_KILL_PROCESS),
        load(offsetof(seccomp_data, nr)),
        unless(BPF_JGE, kOtherNumbers),
        answer(refuse(ENOSYS)),
        // Its flags are out of the filter's sight; the C library then takes clone instead.
        unless(BPF_JEQ, SYS_clone3),
        answer(refuse(ENOSYS)),
    };
    for (const std::uint32_t number : kRefused) {
        filter.push_back(unless(BPF_JEQ, number));
        filter.push_back(answer(refuse(EPERM)));
    }
    // clone(flags, …): both machines have the flags first, and these in their lower half.
    filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3));
    filter.push_back(load(offsetof(seccomp_data, args)));
    filter.push_back(unless(BPF_JSET, kNamespaces));
    filter.push_back(answer(refuse(EPERM)));
    filter.push_back(answer(SECCOMP_RET_ALLOW));
    return filter;
}

}  // namespace cacheline::grader
