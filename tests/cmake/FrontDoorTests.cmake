# What stands between a person and the grader: the student's commands, the workflows, Gradescope,
# the editors. Each is a script that does what its user does.
set(front_doors "${CMAKE_SOURCE_DIR}/tests/front-doors")
set(scratch "${CMAKE_BINARY_DIR}/front-doors")

# cacheline_front_door(<script> <sentence> <seconds> [<argument>…]): 77 skips.
function(cacheline_front_door script sentence seconds)
  add_test(NAME "front doors: ${sentence}"
           COMMAND sh "${front_doors}/${script}.sh" $<TARGET_FILE:workbook-grade> ${ARGN}
                   "${scratch}/${script}")
  set_tests_properties("front doors: ${sentence}"
                       PROPERTIES LABELS front-doors TIMEOUT ${seconds} SKIP_RETURN_CODE 77)
endfunction()

cacheline_front_door(setup "set-up asks, installs, and waits for another apt-get" 60
                     "${sample_catalog}")
cacheline_front_door(commands "hint, diff, bench, reset and submit keep their word" 300
                     "${sample_catalog}")
cacheline_front_door(watch "watch grades each save and answers its keys" 300 "${sample_catalog}")
cacheline_front_door(at_once "four graders in one checkout give the grades that each gives alone" 600
                     "${sample_catalog}")
cacheline_front_door(workflows "every block of the workflows runs" 300 "${sample_catalog}")
cacheline_front_door(gradescope "Gradescope's autograder grades what students upload" 300
                     "${sample_catalog}")
cacheline_front_door(classroom50 "Classroom 50's autograder writes its result" 300
                     "${sample_catalog}")
cacheline_front_door(clangd "clangd finds no fault with a stub" 300 "${catalog}")
