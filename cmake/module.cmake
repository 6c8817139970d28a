# ao_module(NAME x SRCS a.cc ... DEPS ao_base fmt::fmt ... TESTS a_test.cc ... [TEST_DEPS ...])
# One static library ao_<x>, and one test program ao_<x>_test registered with CTest.
include(GoogleTest)

function(ao_module)
  cmake_parse_arguments(M "" "NAME" "SRCS;DEPS;TESTS;TEST_DEPS" ${ARGN})
  set(target ao_${M_NAME})
  if(M_SRCS)
    add_library(${target} STATIC ${M_SRCS})
    target_link_libraries(${target} PUBLIC ${M_DEPS} PRIVATE ao_flags)
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${M_DEPS})
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR}/src)
  endif()
  if(M_TESTS)
    ao_test(NAME ${M_NAME} SRCS ${M_TESTS} DEPS ${target} ${M_TEST_DEPS})
  endif()
endfunction()

# ao_test(NAME x SRCS ... DEPS ...): a GoogleTest program; every case is a CTest test.
function(ao_test)
  cmake_parse_arguments(T "" "NAME" "SRCS;DEPS" ${ARGN})
  if(AO_FUZZ)
    return()
  endif()
  add_executable(ao_${T_NAME}_test ${T_SRCS})
  target_link_libraries(ao_${T_NAME}_test PRIVATE ${T_DEPS} ao_flags GTest::gtest GTest::gmock
                                                  GTest::gtest_main)
  target_compile_definitions(ao_${T_NAME}_test PRIVATE
    AO_SOURCE_DIR="${CMAKE_SOURCE_DIR}" AO_BINARY_DIR="${CMAKE_BINARY_DIR}")
  gtest_discover_tests(ao_${T_NAME}_test TEST_PREFIX "${T_NAME}/" DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 300)
endfunction()

# ao_fuzzer(NAME x SRCS ... DEPS ...): a libFuzzer program in the fuzz preset. Its seed corpus is
# tests/fuzz/corpus/<x>/.
function(ao_fuzzer)
  cmake_parse_arguments(F "" "NAME" "SRCS;DEPS" ${ARGN})
  if(NOT AO_FUZZ)
    return()
  endif()
  add_executable(ao_${F_NAME}_fuzz ${F_SRCS})
  target_link_libraries(ao_${F_NAME}_fuzz PRIVATE ${F_DEPS} ao_flags)
  target_link_options(ao_${F_NAME}_fuzz PRIVATE -fsanitize=fuzzer)
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers ao_${F_NAME}_fuzz)
endfunction()

# ao_bench(NAME x SRCS ... DEPS ...): a program that measures; never run as a test.
function(ao_bench)
  cmake_parse_arguments(B "" "NAME" "SRCS;DEPS" ${ARGN})
  if(AO_FUZZ)
    return()
  endif()
  add_executable(ao_${B_NAME}_bench EXCLUDE_FROM_ALL ${B_SRCS})
  target_link_libraries(ao_${B_NAME}_bench PRIVATE ${B_DEPS} ao_flags)
endfunction()
