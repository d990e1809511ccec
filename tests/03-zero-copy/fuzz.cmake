# The fuzzer's corpus as a test, and the fuzzer itself where clang is. Needs `exercise`, `tests_dir`
# and `implementation_dir` of cacheline_add_exercise; include it for one build of the reference.
#
#   ninja 03-zero-copy.fuzz && ./03-zero-copy.fuzz -max_len=700 -max_total_time=300 fuzz_corpus
file(GLOB fuzz_corpus CONFIGURE_DEPENDS "${tests_dir}/fuzz_corpus/*")
set(fuzz ${exercise}.fuzz_corpus)
add_executable(${fuzz} "${tests_dir}/fuzz.cpp" "${implementation_dir}/csv_scan.cpp")
target_compile_definitions(${fuzz} PRIVATE CACHELINE_FUZZ_REPLAY)
target_compile_options(${fuzz} PRIVATE ${CACHELINE_OPTIONS_asan})
target_link_options(${fuzz} PRIVATE ${CACHELINE_OPTIONS_asan})
add_test(NAME "${exercise}: the fuzzer's corpus gives no finding" COMMAND ${fuzz} ${fuzz_corpus})
set(fuzz_targets ${fuzz})
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  set(fuzz ${exercise}.fuzz)
  add_executable(${fuzz} EXCLUDE_FROM_ALL "${tests_dir}/fuzz.cpp"
                                          "${implementation_dir}/csv_scan.cpp")
  target_compile_options(${fuzz} PRIVATE -O2 -g1 -fsanitize=fuzzer,address,undefined
                                         -fno-sanitize-recover=all)
  target_link_options(${fuzz} PRIVATE -fsanitize=fuzzer,address,undefined)
  list(APPEND fuzz_targets ${fuzz})
endif()
foreach(fuzz IN LISTS fuzz_targets)
  target_include_directories(${fuzz} PRIVATE "${implementation_dir}" "${exercise_dir}"
                                             "${CMAKE_SOURCE_DIR}/exercises/common"
                                             "${CMAKE_SOURCE_DIR}/tests")
  target_link_libraries(${fuzz} PRIVATE cacheline_warnings hwy::hwy)
endforeach()
