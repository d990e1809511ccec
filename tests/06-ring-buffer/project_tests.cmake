set(reference "${CMAKE_SOURCE_DIR}/solutions/06-ring-buffer")

add_executable(ring_polling_cost "${CMAKE_SOURCE_DIR}/tests/06-ring-buffer/polling_cost.cpp")
target_include_directories(ring_polling_cost PRIVATE "${reference}" "${CMAKE_SOURCE_DIR}/tests")
target_compile_options(ring_polling_cost PRIVATE -O2)
target_link_libraries(ring_polling_cost PRIVATE cacheline_warnings)
set(name "06-ring-buffer: a refusal takes few instructions")
add_test(NAME "${name}" COMMAND ring_polling_cost)
set_tests_properties("${name}" PROPERTIES LABELS "corpus;06-ring-buffer" SKIP_RETURN_CODE 77
                                          TIMEOUT 60)

# Compilers build a returned local variable in the caller's place, but need not: the language allows
# a move there, which may throw. So once without that favour.
cacheline_need_build(release)
add_executable(ring_without_elision "${CMAKE_SOURCE_DIR}/tests/06-ring-buffer/suite_lifetime.cpp")
target_include_directories(ring_without_elision PRIVATE "${reference}"
                                                        "${CMAKE_SOURCE_DIR}/exercises/common")
target_compile_options(ring_without_elision PRIVATE -fno-elide-constructors)
target_link_libraries(ring_without_elision PRIVATE support_release)
set(name "06-ring-buffer: no item is lost where returning a local variable moves it")
add_test(NAME "${name}" COMMAND ring_without_elision "[lifetime]")
set_tests_properties("${name}" PROPERTIES LABELS "corpus;06-ring-buffer" TIMEOUT 60)
