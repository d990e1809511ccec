# The site: what it is built from in C++, and its tests.

set(layout_dir "${CMAKE_SOURCE_DIR}/solutions/01-layout-optimizer")
file(GLOB layout_sources CONFIGURE_DEPENDS "${layout_dir}/*.cpp")
add_executable(docs-layout tests/docs/layout.cpp ${layout_sources})
target_include_directories(docs-layout PRIVATE exercises/01-layout-optimizer)

set_target_properties(docs-machine PROPERTIES EXCLUDE_FROM_ALL OFF)

# cacheline_add_docs_test(<name> <fixtures it needs> <what it is, or ""> <command>...)
function(cacheline_add_docs_test name needs provides)
  add_test(NAME "docs: ${name}" COMMAND ${ARGN})
  set_tests_properties(
    "docs: ${name}"
    PROPERTIES LABELS docs TIMEOUT 300 SKIP_RETURN_CODE 77 FIXTURES_REQUIRED "${needs}"
               ENVIRONMENT "DOCS_LAYOUT=$<TARGET_FILE:docs-layout>")
  if(provides)
    set_tests_properties("docs: ${name}" PROPERTIES FIXTURES_SETUP "${provides}")
  endif()
endfunction()

set(site "${CMAKE_SOURCE_DIR}/docs/site.sh")
cacheline_add_docs_test("the site builds" "" docs_site "${site}" test build)
cacheline_add_docs_test("widgets, figures and quotations" docs_site "" "${site}" test unit)
cacheline_add_docs_test("every link leads somewhere, and no page is heavy" docs_site "" "${site}" test
                        site)
cacheline_add_docs_test("readers find their way in a browser" docs_site "" "${site}" test browser)
