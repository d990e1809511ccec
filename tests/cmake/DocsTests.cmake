# The site: what it is built from in C++, and its tests.

set(layout_dir "${CMAKE_SOURCE_DIR}/solutions/01-layout-optimizer")
add_executable(docs-layout EXCLUDE_FROM_ALL tests/docs/layout.cpp
                                            "${layout_dir}/layout_optimizer.cpp")
target_include_directories(docs-layout PRIVATE exercises/01-layout-optimizer)
