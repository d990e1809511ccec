# cmake -DROOT=… -DEXERCISE=NN-name -P CheckExercise.cmake: checks one exercise's manifest and the form
# of its suite, and ends with the first fault.
cmake_minimum_required(VERSION 3.25)
set(CMAKE_SOURCE_DIR "${ROOT}")
include("${CMAKE_CURRENT_LIST_DIR}/Manifest.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/Suite.cmake")
file(GLOB suite_sources "${ROOT}/tests/${EXERCISE}/suite*.cpp")
cacheline_read_manifest("${ROOT}/exercises/${EXERCISE}")
cacheline_read_suite("${ROOT}/exercises/${EXERCISE}" ${suite_sources})
