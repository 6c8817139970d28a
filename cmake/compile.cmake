set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(AO_SANITIZE "" CACHE STRING "Comma-separated sanitizers, for example address,undefined")
option(AO_FUZZ "Build the libFuzzer targets (needs clang)" OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1 -fno-omit-frame-pointer")

add_library(ao_flags INTERFACE)
target_compile_options(ao_flags INTERFACE
  -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Werror)
target_include_directories(ao_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
if(AO_SANITIZE)
  add_compile_options(-fsanitize=${AO_SANITIZE} -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${AO_SANITIZE})
  if(AO_SANITIZE STREQUAL "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-tsan)  # Asio's fences, which it does not rely on alone
  endif()
endif()
if(AO_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
