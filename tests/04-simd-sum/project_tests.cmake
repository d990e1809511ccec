# With a folder first on the include path that has another simd_sum.cpp, foreach_target.h would take
# some targets from there.
set(name "04-simd-sum: two files of one name are not mixed")
add_test(
  NAME "${name}"
  COMMAND
    "${CMAKE_CXX_COMPILER}" -std=c++20 -fsyntax-only
    "-I${CMAKE_SOURCE_DIR}/exercises/04-simd-sum" "-I${CMAKE_SOURCE_DIR}/exercises/common"
    "-I$<JOIN:$<TARGET_PROPERTY:hwy::hwy,INTERFACE_INCLUDE_DIRECTORIES>,;-I>"
    "${CMAKE_SOURCE_DIR}/solutions/04-simd-sum/simd_sum.cpp"
  COMMAND_EXPAND_LISTS)
set_tests_properties(
  "${name}" PROPERTIES LABELS "corpus;04-simd-sum" PASS_REGULAR_EXPRESSION "simd_sum_is_one_file"
                       TIMEOUT 120)
