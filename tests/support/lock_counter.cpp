#include "support/lock_counter.hpp"

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdarg>

#include "support/build_kind.hpp"

namespace cacheline::support {
namespace {

constinit thread_local std::size_t locks = 0;
constinit thread_local const char* last_lock = "";
constinit std::atomic<std::chrono::microseconds> slow_by = std::chrono::microseconds(0);

}  // namespace

LockCounter::LockCounter() noexcept : start_(locks) {}
std::size_t LockCounter::count() const noexcept {
    return locks - start_;
}
const char* LockCounter::last() noexcept {
    return last_lock;
}

SlowLocks::SlowLocks(std::chrono::microseconds by) noexcept {
    slow_by = by;
}
SlowLocks::~SlowLocks() {
    slow_by = std::chrono::microseconds(0);
}

#if !defined(CACHELINE_ASAN) && !defined(CACHELINE_TSAN)

namespace {

void count(const char* name) noexcept {
    ++locks;
    last_lock = name;
    const auto idle = slow_by.load(std::memory_order_relaxed);
    if (idle == std::chrono::microseconds(0)) return;
    // No sleep, which would be counted in its turn.
    const auto over = std::chrono::steady_clock::now() + idle;
    while (std::chrono::steady_clock::now() < over) {
    }
}

// The function of that name behind ours. A static local variable would guard its initialisation by
// a futex, and so call `syscall` from within `syscall`; to look twice does no harm.
template <typename Function>
Function* next(std::atomic<Function*>& known, const char* name) noexcept {
    Function* function = known.load(std::memory_order_relaxed);
    if (function == nullptr) {
        function = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
        known.store(function, std::memory_order_relaxed);
    }
    return function;
}

}  // namespace
}  // namespace cacheline::support

// Each interposed function counts, then does what it always did.
#    define INTERPOSE(result, name, parameters, arguments)                      \
        extern "C" result name parameters {                                     \
            static constinit std::atomic<result(*) parameters> known = nullptr; \
            cacheline::support::count(#name);                                   \
            return cacheline::support::next(known, #name) arguments;            \
        }

INTERPOSE(int, pthread_mutex_lock, (pthread_mutex_t * mutex) noexcept, (mutex))
INTERPOSE(int, pthread_mutex_trylock, (pthread_mutex_t * mutex) noexcept, (mutex))
INTERPOSE(int, pthread_mutex_timedlock, (pthread_mutex_t * mutex, const timespec* until) noexcept,
          (mutex, until))
INTERPOSE(int, pthread_mutex_clocklock,
          (pthread_mutex_t * mutex, clockid_t clock, const timespec* until) noexcept,
          (mutex, clock, until))
INTERPOSE(int, mtx_lock, (mtx_t * mutex), (mutex))
INTERPOSE(int, mtx_trylock, (mtx_t * mutex), (mutex))
INTERPOSE(int, mtx_timedlock, (mtx_t * mutex, const timespec* until), (mutex, until))
INTERPOSE(int, pthread_rwlock_rdlock, (pthread_rwlock_t * lock) noexcept, (lock))
INTERPOSE(int, pthread_rwlock_wrlock, (pthread_rwlock_t * lock) noexcept, (lock))
INTERPOSE(int, pthread_rwlock_tryrdlock, (pthread_rwlock_t * lock) noexcept, (lock))
INTERPOSE(int, pthread_rwlock_trywrlock, (pthread_rwlock_t * lock) noexcept, (lock))
INTERPOSE(int, pthread_spin_lock, (pthread_spinlock_t * lock) noexcept, (lock))
INTERPOSE(int, pthread_spin_trylock, (pthread_spinlock_t * lock) noexcept, (lock))
INTERPOSE(int, pthread_cond_wait, (pthread_cond_t * condition, pthread_mutex_t* mutex),
          (condition, mutex))
INTERPOSE(int, pthread_cond_timedwait,
          (pthread_cond_t * condition, pthread_mutex_t* mutex, const timespec* until),
          (condition, mutex, until))
INTERPOSE(int, pthread_cond_clockwait,
          (pthread_cond_t * condition, pthread_mutex_t* mutex, clockid_t clock,
           const timespec* until),
          (condition, mutex, clock, until))
INTERPOSE(int, pthread_cond_signal, (pthread_cond_t * condition) noexcept, (condition))
INTERPOSE(int, pthread_cond_broadcast, (pthread_cond_t * condition) noexcept, (condition))
INTERPOSE(int, sem_wait, (sem_t * semaphore), (semaphore))
INTERPOSE(int, sem_trywait, (sem_t * semaphore) noexcept, (semaphore))
INTERPOSE(int, sem_timedwait, (sem_t * semaphore, const timespec* until), (semaphore, until))
INTERPOSE(int, sem_post, (sem_t * semaphore) noexcept, (semaphore))
INTERPOSE(int, sched_yield, () noexcept, ())
INTERPOSE(int, usleep, (useconds_t length), (length))
INTERPOSE(int, nanosleep, (const timespec* length, timespec* rest), (length, rest))
INTERPOSE(int, clock_nanosleep,
          (clockid_t clock, int flags, const timespec* length, timespec* rest),
          (clock, flags, length, rest))

// A system call has at most six arguments, all of a register's width.
extern "C" long syscall(long number, ...) noexcept {
    static constinit std::atomic<long (*)(long, ...)> known = nullptr;
    va_list list;
    va_start(list, number);
    long a[6];
    for (long& argument : a)
        argument = va_arg(list, long);
    va_end(list);
    if (number == SYS_futex) cacheline::support::count("futex");
    return cacheline::support::next(known, "syscall")(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#else
}  // namespace cacheline::support
#endif
