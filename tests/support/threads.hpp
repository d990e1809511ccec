#pragma once

#include <pthread.h>
#include <sched.h>

#include <barrier>
#include <cstddef>
#include <exception>
#include <functional>
#include <thread>
#include <vector>

namespace cacheline::support {

/// Keeps the calling thread on one processor; does nothing where there is no such processor.
inline void pin_to_core(std::size_t core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core % std::thread::hardware_concurrency(), &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

/// Runs each function on a thread of its own, all started together, and waits for all of them. The
/// first exception, in the order of the functions, is thrown again here, so that a Todo or a wrong
/// answer inside a thread fails the test case rather than the process. Assertions of Catch2 belong
/// on the calling thread: let the functions gather, and check afterwards.
inline void run_together(const std::vector<std::function<void()>>& functions) {
    std::barrier start(static_cast<std::ptrdiff_t>(functions.size()));
    std::vector<std::exception_ptr> errors(functions.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < functions.size(); ++i) {
        threads.emplace_back([&, i] {
            start.arrive_and_wait();
            try {
                functions[i]();
            } catch (...) {
                errors[i] = std::current_exception();
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    for (const std::exception_ptr& error : errors)
        if (error) std::rethrow_exception(error);
}

}  // namespace cacheline::support
