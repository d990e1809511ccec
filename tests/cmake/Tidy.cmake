# cmake -DROOT=… -DEXERCISE=… -DSCRATCH=… -P Tidy.cmake: is clang-tidy content with the reference?
# Its headers are read together, which takes a third of the time that one by one takes.
# Other versions than 14 know other rules.
execute_process(COMMAND clang-tidy --version OUTPUT_VARIABLE version)
if(NOT version MATCHES "version 14\\.")
  message("Skipped: this is not clang-tidy 14 but ${version}")
  return()
endif()
set(folder "${ROOT}/solutions/${EXERCISE}")
file(GLOB headers RELATIVE "${folder}" "${folder}/*.hpp")
file(GLOB sources "${folder}/*.cpp")
if(headers)
  list(TRANSFORM headers REPLACE "(.+)" "#include <\\1>\n")
  list(JOIN headers "" headers)
  file(WRITE "${SCRATCH}/headers.cpp" "${headers}")
  list(APPEND sources "${SCRATCH}/headers.cpp")
endif()
execute_process(
  COMMAND clang-tidy --quiet "--config-file=${ROOT}/.clang-tidy" ${sources} -- -std=c++20
          "-I${folder}" "-I${ROOT}/exercises/${EXERCISE}" "-I${ROOT}/exercises/common"
  OUTPUT_VARIABLE output
  ERROR_QUIET
  RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${output}")
endif()
