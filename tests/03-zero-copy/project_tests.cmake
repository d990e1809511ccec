# The CSV reader against the plain one: the fuzzer's corpus in every run, and where there is a clang,
# ten seconds of search for more.
set(folder "${CMAKE_SOURCE_DIR}/tests/03-zero-copy")
file(GLOB fuzz_corpus CONFIGURE_DEPENDS "${folder}/fuzz_corpus/*")
add_executable(fuzz_corpus "${folder}/fuzz.cpp"
                           "${CMAKE_SOURCE_DIR}/solutions/03-zero-copy/csv_scan.cpp")
target_compile_definitions(fuzz_corpus PRIVATE CACHELINE_FUZZ_REPLAY)
target_compile_options(fuzz_corpus PRIVATE ${CACHELINE_OPTIONS_asan})
target_link_options(fuzz_corpus PRIVATE ${CACHELINE_OPTIONS_asan})
target_include_directories(
  fuzz_corpus
  PRIVATE "${CMAKE_SOURCE_DIR}/solutions/03-zero-copy" "${CMAKE_SOURCE_DIR}/exercises/03-zero-copy"
          "${CMAKE_SOURCE_DIR}/exercises/common" "${CMAKE_SOURCE_DIR}/tests")
target_link_libraries(fuzz_corpus PRIVATE cacheline_warnings hwy::hwy)
set(name "03-zero-copy: the fuzzer's corpus gives no finding")
add_test(NAME "${name}" COMMAND fuzz_corpus ${fuzz_corpus})
set_tests_properties("${name}" PROPERTIES LABELS "corpus;03-zero-copy" TIMEOUT 120)

set(name "03-zero-copy: ten seconds of fuzzing find nothing")
add_test(NAME "${name}" COMMAND sh "${folder}/fuzz.sh" 10 "${CMAKE_BINARY_DIR}/fuzz")
set_tests_properties("${name}" PROPERTIES LABELS "corpus;03-zero-copy" SKIP_RETURN_CODE 77
                                          TIMEOUT 300)

# Callables and results of every kind, which no suite can ask of a submission that might not compile
# with them.
add_executable(zero_copy_callables "${folder}/callables.cpp")
target_compile_options(zero_copy_callables PRIVATE ${CACHELINE_OPTIONS_asan})
target_link_options(zero_copy_callables PRIVATE ${CACHELINE_OPTIONS_asan})
target_include_directories(
  zero_copy_callables
  PRIVATE "${CMAKE_SOURCE_DIR}/solutions/03-zero-copy" "${CMAKE_SOURCE_DIR}/exercises/03-zero-copy"
          "${CMAKE_SOURCE_DIR}/exercises/common")
target_link_libraries(zero_copy_callables PRIVATE cacheline_warnings)
set(name "03-zero-copy: batches take callables and results of every kind")
add_test(NAME "${name}" COMMAND zero_copy_callables)
set_tests_properties("${name}" PROPERTIES LABELS "corpus;03-zero-copy" TIMEOUT 60)
