# place() against the clang of this machine, live, on records that the fixture does not hold. Skipped
# where there is none. The fixture itself is made by `clang_layouts make 2500 > layouts.inc`.
add_executable(
  clang_layouts "${CMAKE_SOURCE_DIR}/tests/01-layout-optimizer/clang_layouts.cpp"
                "${CMAKE_SOURCE_DIR}/solutions/01-layout-optimizer/layout_optimizer.cpp")
target_include_directories(
  clang_layouts PRIVATE "${CMAKE_SOURCE_DIR}/exercises/01-layout-optimizer"
                        "${CMAKE_SOURCE_DIR}/exercises/common")
target_link_libraries(clang_layouts PRIVATE cacheline_warnings)
set(name "01-layout-optimizer: place agrees with this machine's clang on nine targets")
add_test(NAME "${name}" COMMAND clang_layouts check 100000 2000)
set_tests_properties("${name}" PROPERTIES LABELS "corpus;01-layout-optimizer" SKIP_RETURN_CODE 77
                                          TIMEOUT 120)
