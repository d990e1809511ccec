# cmake -DROOT=… -DEXERCISE=… -P Tidy.cmake: is clang-tidy content with the reference, file by file?
# Other versions than 14 know other rules.
execute_process(COMMAND clang-tidy --version OUTPUT_VARIABLE version)
if(NOT version MATCHES "version 14\\.")
  message("Skipped: this is not clang-tidy 14 but ${version}")
  return()
endif()
file(GLOB files "${ROOT}/solutions/${EXERCISE}/*")
set(failed "")
foreach(file IN LISTS files)
  execute_process(
    COMMAND clang-tidy --quiet "${file}" -- -x c++ -std=c++20
            "-I${ROOT}/solutions/${EXERCISE}" "-I${ROOT}/exercises/${EXERCISE}"
            "-I${ROOT}/exercises/common"
    OUTPUT_VARIABLE output
    ERROR_QUIET
    RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    string(APPEND failed "${output}\n")
  endif()
endforeach()
if(failed)
  message(FATAL_ERROR "${failed}")
endif()
