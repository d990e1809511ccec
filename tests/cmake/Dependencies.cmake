# The libraries that the project stands on: the system's packages where they are, else a release from
# upstream, pinned by its commit. The versions asked for are the oldest that the project is tried with.
include(FetchContent)

FetchContent_Declare(
  Catch2
  GIT_REPOSITORY https://github.com/catchorg/Catch2.git
  GIT_TAG fa43b77429ba76c462b1898d6cd2f2d7a9416b14 # v3.7.1
  FIND_PACKAGE_ARGS 3.4)
FetchContent_Declare(
  benchmark
  GIT_REPOSITORY https://github.com/google/benchmark.git
  GIT_TAG c58e6d0710581e3a08d65c349664128a8d9a2461 # v1.9.1
  FIND_PACKAGE_ARGS 1.7)
FetchContent_Declare(
  hwy
  GIT_REPOSITORY https://github.com/google/highway.git
  GIT_TAG 457c891775a7397bdb0376bb1031e6e027af1c48 # 1.2.0
  FIND_PACKAGE_ARGS 1.0)
# Where they are fetched, their own tests stay out.
foreach(tests BENCHMARK_ENABLE_TESTING BENCHMARK_ENABLE_GTEST_TESTS HWY_ENABLE_TESTS
              HWY_ENABLE_EXAMPLES HWY_ENABLE_CONTRIB JSON_BuildTests CLI11_BUILD_TESTS
              CLI11_BUILD_EXAMPLES)
  set(${tests} OFF CACHE BOOL "" FORCE)
  mark_as_advanced(${tests})
endforeach()
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
    GIT_REPOSITORY https://github.com/nlohmann/json.git
    GIT_TAG 9cca280a4d0ccf0c08f47a99aa71d1b0e52f8d03 # v3.11.3
    FIND_PACKAGE_ARGS 3.11)
  FetchContent_Declare(
    CLI11
    GIT_REPOSITORY https://github.com/CLIUtils/CLI11.git
    GIT_TAG 6c7b07a878ad834957b98d0f9ce1dbe0cb204fc9 # v2.4.2
    FIND_PACKAGE_ARGS 2.1)
  FetchContent_MakeAvailable(nlohmann_json CLI11)
endif()

find_package(Threads REQUIRED)
