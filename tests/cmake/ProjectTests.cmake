# The project's own tests: the grader's parts, faulty manifests, bad input end to end, and for each
# exercise its stub, its reference and its two corpora.

set(catalog "${CMAKE_BINARY_DIR}/catalog")
set(sample_catalog "${CMAKE_BINARY_DIR}/catalog-sample")
set(sample_root "${CMAKE_SOURCE_DIR}/tests/grader/sample")
cacheline_add_recipes("${sample_root}" 99-sample "${sample_catalog}")

# Each fault of a manifest stops the configure step with its sentence.
file(READ "${sample_root}/faults.txt" faults)
string(REGEX MATCHALL "\n[a-z][^:\n]*:" faults "${faults}")
foreach(fault IN LISTS faults)
  string(REGEX REPLACE "[\n:]" "" name "${fault}")
  add_test(NAME "manifest: ${name}"
           COMMAND "${CMAKE_COMMAND}" "-DFAULT=${name}" "-DROOT=${sample_root}" -P
                   "${CMAKE_SOURCE_DIR}/tests/cmake/ManifestFault.cmake")
  set_tests_properties("manifest: ${name}" PROPERTIES LABELS grader)
endforeach()

# What students hand in by mistake, and the sentence that each gets.
file(GLOB submissions CONFIGURE_DEPENDS "tests/grader/sample/bad/*")
foreach(submission IN LISTS submissions)
  cmake_path(GET submission FILENAME shown)
  string(REPLACE "_" " " shown "${shown}")
  add_test(NAME "bad input: ${shown}" COMMAND workbook-corpus "${sample_catalog}" sample bad
                                              "${submission}")
  set_tests_properties("bad input: ${shown}" PROPERTIES LABELS grader TIMEOUT 120)
endforeach()
foreach(kind stub reference)
  add_test(NAME "sample ${kind}" COMMAND workbook-corpus "${sample_catalog}" sample ${kind})
  set_tests_properties("sample ${kind}" PROPERTIES LABELS grader TIMEOUT 120)
endforeach()

# The reference's other compiler has a build tree of its own.
find_program(CLANGXX clang++)
set(clang_tree "${CMAKE_BINARY_DIR}/clang")
if(CLANGXX AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_test(NAME "clang++: configure"
           COMMAND "${CMAKE_COMMAND}" -S "${CMAKE_SOURCE_DIR}" -B "${clang_tree}" -G Ninja
                   "-DCMAKE_CXX_COMPILER=${CLANGXX}" -DCACHELINE_GRADER=ON)
  add_test(NAME "clang++: build the probes"
           COMMAND "${CMAKE_COMMAND}" --build "${clang_tree}" --target support)
  set_tests_properties("clang++: configure" PROPERTIES FIXTURES_SETUP clang_tree)
  set_tests_properties("clang++: build the probes" PROPERTIES FIXTURES_SETUP clang
                                                              FIXTURES_REQUIRED clang_tree)
endif()

add_test(NAME "clang-format: every file of the tree is as it leaves it"
         COMMAND "${CMAKE_COMMAND}" "-DROOT=${CMAKE_SOURCE_DIR}" -P
                 "${CMAKE_SOURCE_DIR}/tests/cmake/Format.cmake")

foreach(folder exercises solutions)
  add_test(NAME "one program has all exercises in it, from ${folder}"
           COMMAND "${CMAKE_COMMAND}" "-DCOMPILER=${CMAKE_CXX_COMPILER}" "-DROOT=${CMAKE_SOURCE_DIR}"
                   "-DFOLDER=${folder}" "-DSCRATCH=${CMAKE_BINARY_DIR}/together/${folder}" -P
                   "${CMAKE_SOURCE_DIR}/tests/cmake/Together.cmake")
  set_tests_properties("one program has all exercises in it, from ${folder}"
                       PROPERTIES LABELS corpus TIMEOUT 600)
endforeach()

# How many submissions of each corpus every run grades by themselves. Of the accepted, it grades two
# students' worth, as a class.
set(most_accepted 0)
set(most_rejected 12)
add_test(NAME "class: accepted submissions get every point that needs no clock in the sandbox, and no flag"
         COMMAND workbook-class check "${catalog}" "${CMAKE_BINARY_DIR}/class")
set_tests_properties(
  "class: accepted submissions get every point that needs no clock in the sandbox, and no flag"
  PROPERTIES LABELS corpus TIMEOUT 2400)

foreach(manifest IN LISTS manifests)
  cmake_path(GET manifest PARENT_PATH exercise)
  set(corpus "$<TARGET_FILE:workbook-corpus>" "${catalog}" ${exercise})
  set(labels "corpus;${exercise}")

  set(name "${exercise} stub: scores 0, each test case by itself with todo")
  add_test(NAME "${name}" COMMAND ${corpus} stub)
  set_tests_properties("${name}" PROPERTIES LABELS "${labels}" TIMEOUT 600)
  set(name "${exercise} reference: every point that needs no clock, in every build")
  add_test(NAME "${name}" COMMAND ${corpus} reference)
  # First of its exercise: the others borrow its objects.
  set_tests_properties("${name}" PROPERTIES LABELS "${labels}" TIMEOUT 600 FIXTURES_SETUP
                                            "reference ${exercise}")
  file(READ "exercises/${manifest}" facts)
  if(facts MATCHES "\"benchmark\"")
    set(name "${exercise} reference: as fast as itself")
    add_test(NAME "${name}" COMMAND ${corpus} speed)
    # Alone on the machine. Where another process keeps a core busy, there may be no verdict in the
    # end, which is no failure.
    set_tests_properties("${name}" PROPERTIES LABELS "${labels}" TIMEOUT 600 RUN_SERIAL ON
                                              SKIP_RETURN_CODE 77)
  endif()
  if(CLANGXX AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(name "${exercise} reference: every point that needs no clock, in every build of clang++")
    add_test(NAME "${name}" COMMAND $<TARGET_FILE:workbook-corpus> "${clang_tree}/catalog"
                                    ${exercise} reference)
    set_tests_properties("${name}" PROPERTIES LABELS "${labels}" TIMEOUT 600 FIXTURES_REQUIRED clang)
  endif()

  # What the grades above do not compile: the stub with the other compiler, the peers in the benchmark.
  set(warnings "${CMAKE_COMMAND}" "-DROOT=${CMAKE_SOURCE_DIR}" "-DEXERCISE=${exercise}")
  set(warnings_script -P "${CMAKE_SOURCE_DIR}/tests/cmake/Warnings.cmake")
  if(CLANGXX)
    set(name "${exercise} stub: no warning from clang++")
    add_test(NAME "${name}" COMMAND ${warnings} "-DCOMPILER=${CLANGXX}" -DFOLDER=exercises
                                    "-DSOURCES=suite*.cpp" ${warnings_script})
    set_tests_properties("${name}" PROPERTIES LABELS "${labels}" TIMEOUT 600)
  endif()
  set(name "${exercise} benchmark: no warning, with the peers")
  add_test(NAME "${name}" COMMAND ${warnings} "-DCOMPILER=${CMAKE_CXX_COMPILER}" -DFOLDER=solutions
                                  "-DSOURCES=bench.cpp" ${warnings_script})
  set_tests_properties("${name}" PROPERTIES LABELS "${labels}" TIMEOUT 600)

  set(name "${exercise} reference: nothing for clang-tidy to say")
  add_test(NAME "${name}" COMMAND "${CMAKE_COMMAND}" "-DROOT=${CMAKE_SOURCE_DIR}"
                                  "-DEXERCISE=${exercise}"
                                  "-DSCRATCH=${CMAKE_BINARY_DIR}/tidy/${exercise}" -P
                                  "${CMAKE_SOURCE_DIR}/tests/cmake/Tidy.cmake")
  set_tests_properties("${name}" PROPERTIES LABELS "${labels}" TIMEOUT 600)
  set(name "${exercise} corpora: each submission says what it is, each patch applies")
  add_test(NAME "${name}" COMMAND ${corpus} whole)
  set_tests_properties("${name}" PROPERTIES LABELS "${labels}" TIMEOUT 60)

  # What this exercise alone has.
  include("tests/${exercise}/project_tests.cmake" OPTIONAL)

  foreach(kind accepted rejected)
    file(GLOB submissions CONFIGURE_DEPENDS "tests/${exercise}/submissions/${kind}/*")
    # All of them take the better part of an hour, so every run takes its pick, spread evenly, and
    # `./workbook test --all` the rest.
    list(LENGTH submissions count)
    set(most ${most_${kind}})
    set(index 0)
    foreach(submission IN LISTS submissions)
      cmake_path(GET submission FILENAME shown)
      string(REGEX REPLACE "[-_]" " " shown "${shown}")
      set(name "${exercise} ${kind}: ${shown}")
      add_test(NAME "${name}" COMMAND ${corpus} ${kind} "${submission}")
      set_tests_properties("${name}" PROPERTIES FIXTURES_REQUIRED "reference ${exercise}")
      math(EXPR before "${index} * ${most} / ${count}")
      math(EXPR index "${index} + 1")
      math(EXPR after "${index} * ${most} / ${count}")
      if(count LESS_EQUAL most OR after GREATER before)
        set_tests_properties("${name}" PROPERTIES LABELS "${labels}" TIMEOUT 600)
      else()
        set_tests_properties("${name}" PROPERTIES LABELS "thorough;${labels}" TIMEOUT 600)
      endif()
      if(kind STREQUAL "rejected")
        set(name "${exercise} rejected: ${shown}, and in no other step")
        add_test(NAME "${name}" COMMAND ${corpus} exact "${submission}")
        set_tests_properties("${name}" PROPERTIES LABELS "thorough;${exercise}" TIMEOUT 600)
      endif()
    endforeach()
  endforeach()
endforeach()

include(AttackTests)
include(FrontDoorTests)
include(DocsTests)
