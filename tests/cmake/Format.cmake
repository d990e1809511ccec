# cmake -DROOT=… -P Format.cmake: is every C++ file of the tree as clang-format 14 leaves it? Other
# versions break lines in other places, and a submission is as its author wrote it.
execute_process(COMMAND clang-format --version OUTPUT_VARIABLE version)
if(NOT version MATCHES "version 14\\.")
  message("Skipped: this is not clang-format 14 but ${version}")
  return()
endif()
file(GLOB_RECURSE files "${ROOT}/exercises/*.?pp" "${ROOT}/solutions/*.?pp" "${ROOT}/tests/*.?pp")
list(FILTER files EXCLUDE REGEX "/submissions/|/bad/|/attacks/")
execute_process(COMMAND clang-format --dry-run -Werror ${files} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "Mend it: clang-format -i FILE")
endif()
# It leaves comments alone (see .clang-format), so that their width is for this to look at.
execute_process(COMMAND grep -HnE ".{101}" ${files} COMMAND grep -E "^[^:]+:[0-9]+: *//"
                OUTPUT_VARIABLE wide)
if(wide)
  message(FATAL_ERROR "Comments wider than 100 columns:\n${wide}")
endif()
