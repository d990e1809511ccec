# What can't be asked of a submission by its suite: see one_program.cpp. The object is looked at as
# well, built for plain x86-64: to count the bits of an alignment would be a call on the hot path.
add_library(pool_in_one_program OBJECT "${CMAKE_SOURCE_DIR}/tests/02-memory-pool/one_program.cpp")
target_compile_options(pool_in_one_program PRIVATE -O2)
target_include_directories(
  pool_in_one_program
  PRIVATE "${CMAKE_SOURCE_DIR}/solutions/02-memory-pool" "${CMAKE_SOURCE_DIR}/exercises/02-memory-pool"
          "${CMAKE_SOURCE_DIR}/exercises/05-instrumented-allocator"
          "${CMAKE_SOURCE_DIR}/exercises/common")
target_link_libraries(pool_in_one_program PRIVATE cacheline_warnings)
add_executable(pool_one_program $<TARGET_OBJECTS:pool_in_one_program>)
set(name "02-memory-pool: one program with 05, and elements that can't be assigned to")
add_test(NAME "${name}" COMMAND pool_one_program)
set_tests_properties("${name}" PROPERTIES LABELS "corpus;02-memory-pool" TIMEOUT 20)
set(name "02-memory-pool: no call to count the bits of an alignment")
add_test(NAME "${name}" COMMAND sh -c "! nm -u '$<TARGET_OBJECTS:pool_in_one_program>' | grep popcount")
set_tests_properties("${name}" PROPERTIES LABELS "corpus;02-memory-pool" TIMEOUT 20)
