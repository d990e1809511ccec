# cmake -DCOMPILER=… -DROOT=… -DFOLDER=exercises|solutions -DEXERCISE=NN-name -P Warnings.cmake:
# everything that is compiled with the files in that folder compiles without a warning.
cmake_minimum_required(VERSION 3.25)
set(CMAKE_SOURCE_DIR "${ROOT}")
include("${CMAKE_CURRENT_LIST_DIR}/Manifest.cmake")
cacheline_read_manifest("${ROOT}/exercises/${EXERCISE}")
file(GLOB sources "${ROOT}/tests/${EXERCISE}/*.cpp" "${ROOT}/${FOLDER}/${EXERCISE}/*.cpp")
foreach(source IN LISTS sources)
  execute_process(
    COMMAND
      "${COMPILER}" -std=c++20 -fsyntax-only -Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion
      "-I${ROOT}/${FOLDER}/${EXERCISE}" "-I${ROOT}/exercises/${EXERCISE}"
      "-I${ROOT}/exercises/common" "-I${ROOT}/tests" "${source}"
    RESULT_VARIABLE failed)
  if(failed)
    message(SEND_ERROR "${source} does not compile without a warning.")
  endif()
endforeach()
