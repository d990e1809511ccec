// attack: registers a listener that writes a good end and leaves
// stopped by: the replay; and already the seal that the end of a report needs
// soundly
// ends as: replay, failed

#pragma once

#if defined(CATCH_TEST_MACROS_HPP_INCLUDED)
#include <catch2/reporters/catch_reporter_event_listener.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
#include <catch2/catch_test_case_info.hpp>
#include <cstdlib>
#include <fstream>
namespace {
class Forger : public Catch::EventListenerBase {
public:
    using EventListenerBase::EventListenerBase;
    void testCaseStarting(const Catch::TestCaseInfo& info) override {
        std::ofstream(std::getenv("CACHELINE_REPORT"))
            << R"({"event":"case","name":")" << info.name << "\"}\n"
            << R"({"event":"end","assertions":1,"failures":0})" << std::endl;
        std::_Exit(0);
    }
};
CATCH_REGISTER_LISTENER(Forger)
}  // namespace
#endif

#include <cstdlib>
#include <fstream>

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
