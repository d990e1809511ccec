#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <utility>

#include "support/single_step.hpp"

namespace cacheline::support {

/// Has `stepper` call a function before each nth instruction of what it runs. It must outlive that.
/// It stops calling after some seconds: where a hand-over to another thread has to wait for a busy
/// processor, there would be no end to ten thousands of them.
class Between {
public:
    Between(SingleStep& stepper, std::size_t n, std::function<void()> function)
        : n_(n), function_(std::move(function)) {
        stepper.between([](void* self) { static_cast<Between*>(self)->step(); }, this);
    }
    Between(const Between&) = delete;
    Between& operator=(const Between&) = delete;

private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds kBudget{5};

    void step() {
        if (++step_ % n_ == 0 && Clock::now() < end_) function_();
    }

    std::size_t n_;
    std::size_t step_ = 0;
    std::function<void()> function_;
    Clock::time_point end_ = Clock::now() + kBudget;
};

}  // namespace cacheline::support
