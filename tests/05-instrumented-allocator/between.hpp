#pragma once

#include <cstddef>
#include <functional>
#include <utility>

#include "support/single_step.hpp"

namespace cacheline::support {

/// Has `stepper` call a function before each nth instruction of what it runs. It must outlive that.
class Between {
public:
    Between(SingleStep& stepper, std::size_t n, std::function<void()> function)
        : n_(n), function_(std::move(function)) {
        stepper.between(
            [](void* self) {
                auto& between = *static_cast<Between*>(self);
                if (++between.step_ % between.n_ == 0) between.function_();
            },
            this);
    }
    Between(const Between&) = delete;
    Between& operator=(const Between&) = delete;

private:
    std::size_t n_;
    std::size_t step_ = 0;
    std::function<void()> function_;
};

}  // namespace cacheline::support
