// The suites' main: Catch2's session, with this file linked in directly so that a `main` among the
// student's files is an error of the linker rather than a replacement.

#include <catch2/catch_session.hpp>

int main(int argc, char* argv[]) {
    return Catch::Session().run(argc, argv);
}
