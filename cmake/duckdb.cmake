# libduckdb: an installed library of a compatible version if there is one, else the prebuilt one
# that `./dev setup` unpacks from npm (version and integrity pinned in third_party/duckdb).
set(AO_DUCKDB_MIN_VERSION 1.5.0)
find_library(AO_DUCKDB_LIBRARY duckdb
  HINTS ${CMAKE_SOURCE_DIR}/third_party/duckdb/node_modules/@duckdb/node-bindings-linux-x64
        ${CMAKE_SOURCE_DIR}/third_party/duckdb/node_modules/@duckdb/node-bindings-linux-arm64)
if(NOT AO_DUCKDB_LIBRARY)
  message(FATAL_ERROR "cannot find libduckdb: run ./dev setup, or install libduckdb "
                      ">= ${AO_DUCKDB_MIN_VERSION} and set -DAO_DUCKDB_LIBRARY=/path/libduckdb.so")
endif()
# The library is copied beside the binaries, so that a build folder can be moved as a whole.
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
file(COPY_FILE ${AO_DUCKDB_LIBRARY} ${CMAKE_BINARY_DIR}/lib/libduckdb.so ONLY_IF_DIFFERENT)
add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES IMPORTED_LOCATION ${CMAKE_BINARY_DIR}/lib/libduckdb.so
                                        IMPORTED_NO_SONAME ON)
set(CMAKE_BUILD_RPATH "\$ORIGIN/../lib")
