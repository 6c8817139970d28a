# Builds and installs the SDK as a shared library, finds it from another project, with and without
# its component, and checks what it exports. Run as
#   cmake -DSOURCE=... -DWORK=... -DGRPC=ON|OFF -DCXX=... -P package_test.cmake
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "cannot run ${ARGN}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

set(components "")
set(target observatory::observatory)
if(GRPC)
  set(components "COMPONENTS grpc")
  set(target observatory::grpc)
endif()
file(MAKE_DIRECTORY ${WORK}/program)
file(WRITE ${WORK}/program/main.cc "#include <observatory/observatory.h>
#include <cstdio>
int main() {
  observatory::configure({.service_name = \"packaged\", .endpoint = \"http://127.0.0.1:9\",
                          .protocol = \"grpc\", .exit_timeout = std::chrono::milliseconds(0)});
  { auto run = observatory::agent_run(\"packaged\"); }
  std::puts(\"done\");
}
")
file(WRITE ${WORK}/program/CMakeLists.txt "cmake_minimum_required(VERSION 3.22)
project(program CXX)
find_package(observatory REQUIRED ${components})
find_package(observatory QUIET COMPONENTS unheard_of)
if(observatory_FOUND)
  message(FATAL_ERROR \"a component that does not exist was found\")
endif()
add_executable(program main.cc)
target_link_libraries(program PRIVATE ${target})
")
find_program(ccache ccache)
set(launcher "")
if(ccache)
  set(launcher -DCMAKE_CXX_COMPILER_LAUNCHER=${ccache})
endif()
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/sdk -G Ninja -DCMAKE_CXX_COMPILER=${CXX}
    ${launcher} -DBUILD_SHARED_LIBS=ON -DOBSERVATORY_TESTS=OFF
    -DOBSERVATORY_GRPC=${GRPC} -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O1
    -DCMAKE_INSTALL_LIBDIR=lib)
run(${CMAKE_COMMAND} --build ${WORK}/sdk)
run(${CMAKE_COMMAND} --install ${WORK}/sdk --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -S ${WORK}/program -B ${WORK}/build -G Ninja -DCMAKE_CXX_COMPILER=${CXX}
    -DCMAKE_PREFIX_PATH=${WORK}/prefix)
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/program)
# With the component nothing is said; without it, what to link.
if(GRPC AND NOT output STREQUAL "done\n")
  message(FATAL_ERROR "the component is linked, but the program said:\n${output}")
elseif(NOT GRPC AND NOT output MATCHES "link observatory::grpc")
  message(FATAL_ERROR "the program did not say what to link:\n${output}")
endif()

# Only what is in the namespace leaves the library; of others it may share what every C++ library
# does: instances of the standard library's templates, which the linker merges.
file(GLOB libraries ${WORK}/prefix/lib/libobservatory*.so)
foreach(library ${libraries})
  run(nm -D --defined-only -C ${library})
  string(REPLACE ";" "," output "${output}")
  string(REPLACE "\n" ";" lines "${output}")
  set(exported 0)
  foreach(line ${lines})
    string(REGEX REPLACE "^[0-9a-f]* ([A-Za-z]) (.*)$" "\\2" symbol "${line}")
    set(kind "${CMAKE_MATCH_1}")
    if(symbol MATCHES "observatory::")
      math(EXPR exported "${exported} + 1")
    elseif(NOT kind MATCHES "^[WVu]$" OR NOT symbol MATCHES "std::|__gnu_cxx::")
      message(FATAL_ERROR "${library} exports ${symbol} (${kind})")
    endif()
  endforeach()
  message(STATUS "${library} exports ${exported} symbols of its namespace and no others of its own")
endforeach()
