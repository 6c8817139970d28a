# Tests stand beside the source: every src/x_test.cc is part of one program, but for those that need
# a process of their own.
find_package(GTest QUIET)
enable_testing()

# observatory_test(NAME SOURCES...): a GoogleTest program that sees what is inside the library.
function(observatory_test NAME)
  add_executable(${NAME} ${ARGN})
  target_include_directories(${NAME} PRIVATE src)
  target_link_libraries(${NAME} PRIVATE observatory_sdk ZLIB::ZLIB Threads::Threads
                                        GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(${NAME} PRIVATE OBSERVATORY_SOURCE_DIR="${CMAKE_CURRENT_SOURCE_DIR}")
  gtest_discover_tests(${NAME} TEST_PREFIX "sdk/" DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
endfunction()

if(GTest_FOUND)
  include(GoogleTest)
  file(GLOB tests CONFIGURE_DEPENDS src/*_test.cc)
  list(FILTER tests EXCLUDE REGEX "/unsampled_test\\.cc$")
  observatory_test(observatory_sdk_test ${tests})
  observatory_test(observatory_unsampled_test src/unsampled_test.cc)
  target_link_options(observatory_unsampled_test PRIVATE
    "LINKER:--wrap=malloc,--wrap=calloc,--wrap=realloc")
endif()

if(TARGET observatory_grpc AND GTest_FOUND)
  observatory_test(observatory_grpc_test src/grpc/grpc_transport_test.cc)
  target_link_libraries(observatory_grpc_test PRIVATE observatory_grpc PkgConfig::OBSERVATORY_GRPCPP)
endif()

# Every snippet of the tutorial is compiled.
find_package(Python3 QUIET COMPONENTS Interpreter)
if(Python3_FOUND AND TARGET observatory_sdk_test)
  set(tutorial ${CMAKE_CURRENT_SOURCE_DIR}/../../docs/sdk-cpp.md)
  set(script ${CMAKE_CURRENT_SOURCE_DIR}/cmake/snippets.py)
  add_custom_command(OUTPUT snippets.cc DEPENDS ${tutorial} ${script}
                     COMMAND ${Python3_EXECUTABLE} ${script} ${tutorial} snippets.cc)
  target_sources(observatory_sdk_test PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/snippets.cc)
endif()

# Every example is compiled, and run against nobody: it must end by itself and report no error.
file(GLOB examples CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/../../examples/sdk/*.cpp)
foreach(example ${examples})
  get_filename_component(name ${example} NAME_WE)
  add_executable(observatory_example_${name} ${example})
  target_link_libraries(observatory_example_${name} PRIVATE observatory_sdk Threads::Threads)
  add_test(NAME sdk/example/${name} COMMAND observatory_example_${name})
  set_tests_properties(sdk/example/${name} PROPERTIES TIMEOUT 60 ENVIRONMENT
                       "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9")
endforeach()

# The same program with the component beside it, so that OTEL_EXPORTER_OTLP_PROTOCOL=grpc is there.
if(TARGET observatory_grpc)
  add_executable(observatory_example_over_grpc
    ${CMAKE_CURRENT_SOURCE_DIR}/../../examples/sdk/logs_and_metrics.cpp)
  target_link_libraries(observatory_example_over_grpc PRIVATE observatory_grpc Threads::Threads)
endif()

find_package(benchmark QUIET)
if(benchmark_FOUND)
  add_executable(observatory_sdk_bench EXCLUDE_FROM_ALL src/span_bench.cc)
  target_link_libraries(observatory_sdk_bench PRIVATE observatory_sdk benchmark::benchmark)
endif()

# An agent loop with and without the SDK; sdk/cpp/src/overhead_bench.cc says how to run it.
add_executable(observatory_overhead_bench EXCLUDE_FROM_ALL src/overhead_bench.cc)
target_include_directories(observatory_overhead_bench PRIVATE src)
target_link_libraries(observatory_overhead_bench PRIVATE observatory_sdk CURL::libcurl)

# As another project gets it: installed, as a shared library, with what that exports.
foreach(grpc OFF ON)
  if(NOT grpc OR TARGET observatory_grpc)
    add_test(NAME sdk/package_grpc_${grpc} COMMAND ${CMAKE_COMMAND}
      -DSOURCE=${CMAKE_CURRENT_SOURCE_DIR} -DWORK=${CMAKE_CURRENT_BINARY_DIR}/package_${grpc}
      -DGRPC=${grpc} -DCXX=${CMAKE_CXX_COMPILER}
      -P ${CMAKE_CURRENT_SOURCE_DIR}/cmake/package_test.cmake)
    set_tests_properties(sdk/package_grpc_${grpc} PROPERTIES TIMEOUT 900)
  endif()
endforeach()
