# place() against the clang of this machine, live, on records that the fixtures do not hold. Skipped
# where there is none. The fixtures themselves are made by `clang_layouts make plain 2500 >
# layouts.inc` and `clang_layouts make all 1500 > bit_layouts.inc`.
file(GLOB reference CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/solutions/01-layout-optimizer/*.cpp")
add_executable(clang_layouts
               "${CMAKE_SOURCE_DIR}/tests/01-layout-optimizer/clang_layouts.cpp" ${reference})
target_include_directories(
  clang_layouts PRIVATE "${CMAKE_SOURCE_DIR}/exercises/01-layout-optimizer"
                        "${CMAKE_SOURCE_DIR}/exercises/common")
target_link_libraries(clang_layouts PRIVATE cacheline_warnings)
foreach(kind plain all)
  set(name "01-layout-optimizer: place agrees with this machine's clang on nine targets, ${kind}")
  add_test(NAME "${name}" COMMAND clang_layouts check ${kind} 100000 2000)
  set_tests_properties("${name}" PROPERTIES LABELS "corpus;01-layout-optimizer" SKIP_RETURN_CODE 77
                                            TIMEOUT 120)
endforeach()
