# Eigen's headers live in a folder of their own; xsimd's are where the compiler looks anyway.
find_package(Eigen3 QUIET NO_MODULE)
if(TARGET Eigen3::Eigen)
  target_link_libraries(${bench} PRIVATE Eigen3::Eigen)
endif()
