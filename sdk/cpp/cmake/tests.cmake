# Tests stand beside the source: every src/x_test.cc is part of one program.
find_package(GTest QUIET)
if(GTest_FOUND)
  enable_testing()
  include(GoogleTest)
  file(GLOB tests CONFIGURE_DEPENDS src/*_test.cc)
  add_executable(observatory_sdk_test ${tests})
  target_include_directories(observatory_sdk_test PRIVATE src)
  target_link_libraries(observatory_sdk_test PRIVATE observatory_sdk ZLIB::ZLIB Threads::Threads
                                                     GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(observatory_sdk_test PRIVATE
    OBSERVATORY_SOURCE_DIR="${CMAKE_CURRENT_SOURCE_DIR}")
  gtest_discover_tests(observatory_sdk_test TEST_PREFIX "sdk/" DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT 300)
endif()

find_package(benchmark QUIET)
if(benchmark_FOUND)
  add_executable(observatory_sdk_bench EXCLUDE_FROM_ALL src/span_bench.cc)
  target_link_libraries(observatory_sdk_bench PRIVATE observatory_sdk benchmark::benchmark)
endif()
