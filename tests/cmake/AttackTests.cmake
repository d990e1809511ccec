# The attacks of tests/attacks: those on the sample exercise are graded once, as one course, then
# judged one by one. Those on a real exercise are graded each by itself, most of them only by the
# thorough run, because a real suite takes its time.

set(attacks "${CMAKE_SOURCE_DIR}/tests/attacks")
set(attack_grades "${CMAKE_BINARY_DIR}/attacks")
add_executable(workbook-attacks tests/attacks/attack.cpp tests/attacks/check.cpp)
target_link_libraries(workbook-attacks PRIVATE grader cacheline_warnings)

add_test(NAME "attacks: all of them are graded, and the grader survives"
         COMMAND workbook-attacks grade "${attack_grades}" "${attacks}" "${sample_catalog}"
                 "${catalog}")
set_tests_properties(
  "attacks: all of them are graded, and the grader survives"
  PROPERTIES LABELS attacks FIXTURES_SETUP attacks TIMEOUT 300 PROCESSORS 2)

file(GLOB attack_folders CONFIGURE_DEPENDS LIST_DIRECTORIES true "${attacks}/*")
foreach(attack IN LISTS attack_folders)
  if(NOT IS_DIRECTORY "${attack}")
    continue()
  endif()
  cmake_path(GET attack FILENAME shown)
  string(REPLACE "-" " " shown "${shown}")
  set(name "attack gains nothing: ${shown}")
  if(EXISTS "${attack}/attack.patch")
    file(STRINGS "${attack}/attack.patch" facts REGEX "^// (exercise|graded): ")
    add_test(NAME "${name}" COMMAND workbook-attacks real "${attack_grades}-real" "${attack}"
                                    "${catalog}")
    string(REGEX MATCH "exercise: [^;]*" exercise "${facts}")
    # One after the other, so that they can share the reference's objects.
    set_tests_properties("${name}" PROPERTIES LABELS attacks TIMEOUT 300 RESOURCE_LOCK
                                              "attacks, ${exercise}")
    if(NOT facts MATCHES "graded: every time")
      set_tests_properties("${name}" PROPERTIES LABELS "attacks;thorough")
    endif()
    continue()
  endif()
  add_test(NAME "${name}" COMMAND workbook-attacks verdict "${attack_grades}" "${attack}")
  set_tests_properties("${name}" PROPERTIES LABELS attacks FIXTURES_REQUIRED attacks)
endforeach()

add_test(NAME "attacks: honest students among them get all their points"
         COMMAND workbook-attacks honest "${attack_grades}")
set_tests_properties("attacks: honest students among them get all their points"
                     PROPERTIES LABELS attacks FIXTURES_REQUIRED attacks)
add_test(NAME "attacks: the page in docs tells of each"
         COMMAND workbook-attacks table "${attacks}" "${CMAKE_SOURCE_DIR}/docs/attacks.md")
set_tests_properties("attacks: the page in docs tells of each" PROPERTIES LABELS attacks)

add_test(NAME "attacks: no reference and no accepted submission is taken for one"
         COMMAND workbook-attacks innocent "${catalog}")
set_tests_properties("attacks: no reference and no accepted submission is taken for one"
                     PROPERTIES LABELS attacks TIMEOUT 120)
