# The libraries that the project stands on: the system's packages where they are, else a pinned
# release from upstream. Versions are the oldest ones that the project is tried with.
include(FetchContent)
set(FETCHCONTENT_QUIET OFF)

FetchContent_Declare(
  Catch2
  URL https://github.com/catchorg/Catch2/archive/refs/tags/v3.7.1.tar.gz
  URL_HASH SHA256=c991b247a1a0d7bb9c39aa35faf0fe9e19764213f28ffba3109388e62ee0269c
  FIND_PACKAGE_ARGS 3.4)
FetchContent_Declare(
  benchmark
  URL https://github.com/google/benchmark/archive/refs/tags/v1.9.1.tar.gz
  FIND_PACKAGE_ARGS 1.7)
FetchContent_Declare(
  hwy
  URL https://github.com/google/highway/archive/refs/tags/1.2.0.tar.gz
  FIND_PACKAGE_ARGS 1.0)
set(BENCHMARK_ENABLE_TESTING OFF)
set(BENCHMARK_ENABLE_GTEST_TESTS OFF)
set(HWY_ENABLE_TESTS OFF)
set(HWY_ENABLE_EXAMPLES OFF)
FetchContent_MakeAvailable(Catch2 benchmark hwy)
if(catch2_SOURCE_DIR)
  list(APPEND CMAKE_MODULE_PATH "${catch2_SOURCE_DIR}/extras")
endif()
if(NOT TARGET hwy::hwy)
  add_library(hwy::hwy ALIAS hwy)
endif()

if(CACHELINE_GRADER)
  FetchContent_Declare(
    nlohmann_json
    URL https://github.com/nlohmann/json/archive/refs/tags/v3.11.3.tar.gz
    FIND_PACKAGE_ARGS 3.11)
  FetchContent_Declare(
    CLI11
    URL https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.4.2.tar.gz
    FIND_PACKAGE_ARGS 2.1)
  FetchContent_MakeAvailable(nlohmann_json CLI11)
endif()

find_package(Threads REQUIRED)
