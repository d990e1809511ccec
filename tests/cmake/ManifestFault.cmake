# cmake -DFAULT=name -DROOT=… -P ManifestFault.cmake: brings one fault of faults.txt into a copy of the
# sample exercise and expects its sentence from CheckExercise.cmake.
cmake_minimum_required(VERSION 3.25)
file(READ "${ROOT}/faults.txt" faults)
string(REGEX MATCH "\n${FAULT}: ([^\n]*) => ([^\n]*)\\| ([^\n]*)" whole "${faults}")
set(from "${CMAKE_MATCH_1}")
string(STRIP "${CMAKE_MATCH_2}" to)
set(sentence "${CMAKE_MATCH_3}")

string(MAKE_C_IDENTIFIER "${FAULT}" id)
set(copy "${CMAKE_CURRENT_BINARY_DIR}/faults/${id}")
file(REMOVE_RECURSE "${copy}")
file(COPY "${ROOT}/exercises" "${ROOT}/tests" DESTINATION "${copy}")
set(manifest "${copy}/exercises/99-sample/exercise.json")
file(READ "${manifest}" text)
if(from STREQUAL "WHOLE")
  set(changed "${to}")
else()
  string(REPLACE "${from}" "${to}" changed "${text}")
endif()
if(changed STREQUAL text)
  message(FATAL_ERROR "faults.txt: \"${from}\" is not in the sample's manifest.")
endif()
file(WRITE "${manifest}" "${changed}")

execute_process(
  COMMAND "${CMAKE_COMMAND}" "-DROOT=${copy}" -DEXERCISE=99-sample -P
          "${CMAKE_CURRENT_LIST_DIR}/CheckExercise.cmake"
  RESULT_VARIABLE failed
  ERROR_VARIABLE message)
# CMake breaks long messages into lines.
string(REGEX REPLACE "[ \n]+" " " message "${message}")
string(FIND "${message}" "${sentence}" at)
if(NOT failed)
  message(FATAL_ERROR "The fault went unnoticed.")
elseif(at EQUAL -1)
  message(FATAL_ERROR "Expected: ${sentence}\nCame: ${message}")
endif()
