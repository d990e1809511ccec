# Valgrind knows no AVX-512, and DHAT is one of the peers.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  target_compile_options(${bench} PRIVATE -mno-avx512f)
endif()
