# From an exercise's manifest to its targets, its ctest entries and the recipe that lets the grader
# build the same thing from any other folder.
include(Manifest)
include(Suite)

# Sets the folders and the suite's files in the caller, for an exercise whose three folders lie under
# `root`. Whatever of them changes, also to mend a fault, is read again.
macro(cacheline_find_exercise root exercise)
  set(exercise_dir "${root}/exercises/${exercise}")
  set(tests_dir "${root}/tests/${exercise}")
  file(GLOB suite_sources CONFIGURE_DEPENDS "${tests_dir}/suite*.cpp")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${exercise_dir}/exercise.json"
                                         ${suite_sources})
endmacro()

# Sets `manifest`, `edit`, `given`, `builds` and `tests` as well.
macro(cacheline_load_exercise root exercise)
  cacheline_find_exercise("${root}" ${exercise})
  cacheline_read_manifest("${exercise_dir}")
  cacheline_read_suite("${exercise_dir}" ${suite_sources})
endmacro()

# cacheline_add_exercise(<exercise> IMPLEMENTATION <folder> BUILD release|asan|tsan)
#
# <folder>/<exercise> holds the files that the manifest's "edit" names, and further ones of their
# author's own; everything else is the same whoever wrote them, so that one suite grades stub,
# reference and submission alike.
function(cacheline_add_exercise exercise)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "IMPLEMENTATION;BUILD" "")
  cacheline_load_exercise("${CMAKE_SOURCE_DIR}" ${exercise})
  if(NOT arg_BUILD IN_LIST builds)
    return()
  endif()
  cmake_path(ABSOLUTE_PATH arg_IMPLEMENTATION BASE_DIRECTORY "${CMAKE_SOURCE_DIR}" NORMALIZE)
  set(implementation_dir "${arg_IMPLEMENTATION}/${exercise}")
  foreach(file IN LISTS edit)
    if(NOT EXISTS "${implementation_dir}/${file}")
      message(FATAL_ERROR "${implementation_dir} has no ${file}, which ${exercise} is made of.")
    endif()
  endforeach()
  file(GLOB written_sources CONFIGURE_DEPENDS "${implementation_dir}/*.cpp"
       "${implementation_dir}/*.cc" "${implementation_dir}/*.cxx")
  foreach(file IN LISTS given)
    list(REMOVE_ITEM written_sources "${implementation_dir}/${file}")
  endforeach()

  cacheline_need_build(${arg_BUILD})
  add_executable(${exercise} ${suite_sources} ${written_sources})
  target_include_directories(${exercise} BEFORE PRIVATE "${implementation_dir}" "${exercise_dir}")
  target_link_libraries(${exercise} PRIVATE support_${arg_BUILD})
  target_precompile_headers(${exercise} REUSE_FROM support_${arg_BUILD})
  # A student's own .cpp must name the headers that it needs.
  set_source_files_properties(${written_sources} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  cacheline_add_ctests(${exercise} ${arg_BUILD} "${arg_IMPLEMENTATION}")

  if(arg_BUILD STREQUAL "release" AND EXISTS "${tests_dir}/bench.cpp")
    set(bench ${exercise}.bench)
    add_executable(${bench} EXCLUDE_FROM_ALL "${tests_dir}/bench.cpp" ${written_sources})
    target_include_directories(${bench} BEFORE PRIVATE "${implementation_dir}" "${exercise_dir}")
    target_include_directories(${bench} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
    target_compile_options(${bench} PRIVATE ${CACHELINE_OPTIONS_bench})
    target_compile_definitions(${bench} PRIVATE CACHELINE_PEERS)
    target_link_libraries(${bench} PRIVATE benchmark::benchmark_main hwy::hwy Threads::Threads
                                           ${CMAKE_DL_LIBS})
    include("${tests_dir}/peers.cmake" OPTIONAL)
  endif()
endfunction()

# One ctest entry for each test case that takes part in the build.
function(cacheline_add_ctests exercise build implementation)
  cmake_path(GET implementation FILENAME label)
  string(REGEX REPLACE "^exercises$" "student" label "${label}")
  string(REGEX REPLACE "^solutions$" "solution" label "${label}")
  set(launcher "")
  if(build STREQUAL "tsan")
    # The runtime's shadow map does not fit beside every randomised layout (Ubuntu 24.04's kernel).
    find_program(SETARCH setarch)
    if(SETARCH)
      set(launcher "${SETARCH}" -R)
    endif()
  endif()
  foreach(test IN LISTS tests)
    cacheline_split_test("${test}" step test_builds source name)
    if(build IN_LIST test_builds)
      string(REGEX REPLACE "([],[*\\])" "\\\\\\1" spec "${name}")
      set(ctest_name "${exercise}.${step}: ${name}")
      add_test(NAME "${ctest_name}" COMMAND ${launcher} $<TARGET_FILE:${exercise}> "${spec}")
      set_tests_properties("${ctest_name}" PROPERTIES LABELS "${exercise};${step};${label}"
                                                      TIMEOUT 120)
    endif()
  endforeach()
endfunction()

# Appends the recipe of a program without the suites' probes, if the exercise has its source. The
# lists may be generator expressions, and empty.
macro(cacheline_plain_recipe name source options links)
  cmake_parse_arguments(extra "" "" "OPTIONS;DEFINITIONS;INCLUDES" ${ARGN})
  if(EXISTS "${tests_dir}/${source}")
    string(JOIN "\", \"" recipe_options ${options})
    string(JOIN "\", \"" recipe_links ${links} "$<TARGET_FILE:hwy::hwy>" "-pthread")
    list(JOIN extra_DEFINITIONS "\", \"" recipe_definitions)
    if(extra_DEFINITIONS)
      set(recipe_definitions "\"${recipe_definitions}\"")
    endif()
    foreach(list OPTIONS INCLUDES)
      set(more_${list} "$<$<BOOL:${extra_${list}}>:, \"$<JOIN:${extra_${list}},\", \">\">")
    endforeach()
    list(APPEND recipes "\"${name}\": {
      \"sources\": [\"${tests_dir}/${source}\"],
      \"precompiled\": [],
      \"options\": [\"-std=c++20\", \"${recipe_options}\"${more_OPTIONS}],
      \"definitions\": [${recipe_definitions}],
      \"includes\": [\"${CMAKE_SOURCE_DIR}/exercises/common\", \"${CMAKE_SOURCE_DIR}/tests\"${more_INCLUDES}],
      \"readable\": [\"${CMAKE_SOURCE_DIR}/exercises/common\", \"${CMAKE_SOURCE_DIR}/tests/support\"],
      \"objects\": [],
      \"link\": [\"${recipe_links}\"]
    }")
  endif()
endmacro()

# Sets the options, include folders and libraries that the exercise's peers.cmake asks for, as
# generator expressions. The step for speed is measured without the peers, so that their libraries
# have no say in a grade.
function(cacheline_read_peers options includes libraries)
  set(bench ${exercise}.peers)
  add_library(${bench} OBJECT EXCLUDE_FROM_ALL "${tests_dir}/bench.cpp")
  include("${tests_dir}/peers.cmake" OPTIONAL)
  get_target_property(linked ${bench} LINK_LIBRARIES)
  set(files "")
  foreach(library IN LISTS linked)
    if(TARGET ${library})
      get_target_property(type ${library} TYPE)
      if(NOT type STREQUAL "INTERFACE_LIBRARY")
        list(APPEND files "$<TARGET_FILE:${library}>")
      endif()
    endif()
  endforeach()
  set(${options} "$<TARGET_PROPERTY:${bench},COMPILE_OPTIONS>" PARENT_SCOPE)
  set(${includes}
      "$<FILTER:$<TARGET_PROPERTY:${bench},INCLUDE_DIRECTORIES>,EXCLUDE,^/usr/include$>"
      PARENT_SCOPE)
  set(${libraries} ${files} PARENT_SCOPE)
endfunction()

# cacheline_add_recipes(<root> <exercise> <catalog>) writes <catalog>/<exercise>.json: manifest, test
# cases, and for each build how to compile and link a submission. An exercise whose manifest is at
# fault is listed with that fault, so that the grader can tell of it and grade the others.
function(cacheline_add_recipes root exercise catalog)
  cacheline_find_exercise("${root}" ${exercise})
  execute_process(
    COMMAND "${CMAKE_COMMAND}" "-DROOT=${root}" "-DEXERCISE=${exercise}" -P
            "${CMAKE_SOURCE_DIR}/tests/cmake/CheckExercise.cmake"
    ERROR_VARIABLE fault
    RESULT_VARIABLE failed)
  if(failed)
    string(REGEX REPLACE "^CMake Error at [^\n]*\n" "" fault "${fault}")
    string(REGEX REPLACE "Call Stack.*" "" fault "${fault}")
    string(REGEX REPLACE "[ \n]+" " " fault "${fault}")
    string(STRIP "${fault}" fault)
    message(WARNING "${fault}")
    string(REGEX REPLACE "([\"\\])" "\\\\\\1" fault "${fault}")
    file(WRITE "${catalog}/${exercise}.json"
         "{\"name\": \"${exercise}\", \"fault\": \"${fault}\"}\n")
    return()
  endif()
  cacheline_load_exercise("${root}" ${exercise})
  set(test_entries "")
  foreach(test IN LISTS tests)
    cacheline_split_test("${test}" step test_builds source name)
    list(JOIN test_builds "\", \"" test_builds)
    list(APPEND test_entries
         "{\"name\": \"${name}\", \"step\": \"${step}\", \"source\": \"${source}\", \"builds\": [\"${test_builds}\"]}")
  endforeach()
  list(JOIN test_entries ",\n    " test_entries)
  list(JOIN suite_sources "\", \"" suites)

  set(recipes "")
  foreach(build IN LISTS builds)
    cacheline_need_build(${build})
    set(support support_${build})
    set(pch "${CMAKE_BINARY_DIR}/CMakeFiles/${support}.dir/cmake_pch.hxx")
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      set(use_pch "-Xclang;-include-pch;-Xclang;${pch}.pch;-Xclang;-include;-Xclang;${pch}")
    else()
      set(use_pch "-Winvalid-pch;-include;${pch}")
    endif()
    list(JOIN use_pch "\", \"" use_pch)
    set(options "$<TARGET_PROPERTY:${support},COMPILE_OPTIONS>")
    set(definitions "$<TARGET_PROPERTY:${support},COMPILE_DEFINITIONS>")
    # The system's own folder is searched anyway, and at its proper place.
    set(includes
        "$<FILTER:$<REMOVE_DUPLICATES:$<TARGET_PROPERTY:${support},INCLUDE_DIRECTORIES>>,EXCLUDE,^/usr/include$>")
    # Of tests/ a compiler at work on a submission sees the probes, not the corpora.
    set(readable "$<FILTER:${includes},EXCLUDE,/tests$>;${CMAKE_SOURCE_DIR}/tests/support")
    set(objects "$<FILTER:$<TARGET_OBJECTS:${support}>,EXCLUDE,[.][gp]ch$>")
    set(links "$<TARGET_PROPERTY:${support},INTERFACE_LINK_OPTIONS>")
    list(APPEND recipes "\"${build}\": {
      \"sources\": [\"${suites}\"],
      \"precompiled\": [\"${use_pch}\"],
      \"options\": [\"-std=c++20\", \"$<JOIN:${options},\", \">\"],
      \"definitions\": [$<$<BOOL:${definitions}>:\"$<JOIN:${definitions},\", \">\">],
      \"includes\": [\"$<JOIN:${includes},\", \">\"],
      \"readable\": [\"$<JOIN:${readable},\", \">\", \"${CMAKE_BINARY_DIR}/CMakeFiles/${support}.dir\"],
      \"objects\": [\"$<JOIN:${objects},\", \">\"],
      \"link\": [\"$<JOIN:${links},\", \">\", \"$<TARGET_FILE:Catch2::Catch2>\", \"$<TARGET_FILE:hwy::hwy>\", \"-pthread\"]
    }")
  endforeach()
  set(benchmark_links "$<TARGET_FILE:benchmark::benchmark_main>"
                      "$<TARGET_FILE:benchmark::benchmark>")
  cacheline_plain_recipe(bench bench.cpp "${CACHELINE_OPTIONS_bench}" "${benchmark_links}")
  # Quick to make: what it computes counts, not how fast.
  cacheline_plain_recipe(replay replay.cpp "-Og" "")
  if(EXISTS "${tests_dir}/bench.cpp")
    cacheline_read_peers(peer_options peer_includes peer_libraries)
    cacheline_plain_recipe(peers bench.cpp "${CACHELINE_OPTIONS_bench}"
                           "${peer_libraries};${benchmark_links};-ldl"
                           OPTIONS "${peer_options}"
                           INCLUDES "${peer_includes}"
                           DEFINITIONS CACHELINE_PEERS)
  endif()
  list(JOIN recipes ",\n    " recipes)
  file(
    GENERATE
    OUTPUT "${catalog}/${exercise}.json"
    CONTENT
      "{
  \"name\": \"${exercise}\",
  \"folder\": \"${exercise_dir}\",
  \"solution\": \"${root}/solutions/${exercise}\",
  \"corpus\": \"${tests_dir}/submissions\",
  \"compiler\": \"${CMAKE_CXX_COMPILER}\",
  \"manifest\": ${manifest},
  \"tests\": [
    ${test_entries}
  ],
  \"recipes\": {
    ${recipes}
  }
}
")
endfunction()
