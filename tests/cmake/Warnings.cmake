# cmake -DCOMPILER=… -DROOT=… -DFOLDER=exercises|solutions -DEXERCISE=NN-name -DSOURCES=pattern -P
# Warnings.cmake: the exercise's test sources of that name, and the .cpp files in the folder, compile
# without a warning.
cmake_minimum_required(VERSION 3.25)
file(GLOB sources "${ROOT}/tests/${EXERCISE}/${SOURCES}" "${ROOT}/${FOLDER}/${EXERCISE}/*.cpp")
foreach(source IN LISTS sources)
  execute_process(
    COMMAND
      "${COMPILER}" -std=c++20 -fsyntax-only -Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion
      -DCACHELINE_PEERS "-I${ROOT}/${FOLDER}/${EXERCISE}"
      "-I${ROOT}/exercises/${EXERCISE}" "-I${ROOT}/exercises/common" "-I${ROOT}/tests" "${source}"
    RESULT_VARIABLE failed)
  if(failed)
    message(SEND_ERROR "${source} does not compile without a warning.")
  endif()
endforeach()
