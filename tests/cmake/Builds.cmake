# The builds a suite can be made in, each with what all suites of that build share: flags, the
# precompiled header, and the probes of tests/support compiled once.

add_library(cacheline_warnings INTERFACE)
target_compile_options(cacheline_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)

set(CACHELINE_OPTIONS_release -O2 -g1)
# Most of a suite's time goes into making it, so the sanitizers' builds are -Og: a sixth less of the
# whole than with -O1.
#
# Null pointers die by ASan as well, and no suite casts polymorphic types: without these two checks
# a suite compiles in four fifths of the time.
set(CACHELINE_OPTIONS_asan -Og -g1 -fno-omit-frame-pointer -fsanitize=address,undefined
                           -fno-sanitize=null,vptr -fno-sanitize-recover=all)
set(CACHELINE_OPTIONS_tsan -Og -g1 -fno-omit-frame-pointer -fsanitize=thread)
set(CACHELINE_OPTIONS_bench -O3 -march=native -DNDEBUG)

# All that a grader with another compiler needs: its own builds of the probes.
add_custom_target(support)

file(GLOB support_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/support/*.cpp")

# Makes support_<build> unless it is there already.
function(cacheline_need_build build)
  set(support support_${build})
  if(TARGET ${support})
    return()
  endif()
  if(NOT build MATCHES "^(release|asan|tsan)$")
    message(FATAL_ERROR "CACHELINE_BUILD is \"${build}\"; it can be release, asan or tsan.")
  endif()
  add_library(${support} OBJECT ${support_sources})
  add_dependencies(support ${support})
  target_include_directories(${support} PUBLIC "${CMAKE_SOURCE_DIR}/exercises/common"
                                               "${CMAKE_SOURCE_DIR}/tests")
  target_compile_options(${support} PUBLIC ${CACHELINE_OPTIONS_${build}})
  target_link_options(${support} PUBLIC ${CACHELINE_OPTIONS_${build}} -rdynamic)
  target_link_libraries(${support} PUBLIC cacheline_warnings Catch2::Catch2 hwy::hwy
                                          Threads::Threads)
  target_precompile_headers(${support} PRIVATE "${CMAKE_SOURCE_DIR}/tests/support/suite.hpp")
endfunction()
