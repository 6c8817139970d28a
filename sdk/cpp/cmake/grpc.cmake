# The component observatory::grpc: OTLP over gRPC, for OTEL_EXPORTER_OTLP_PROTOCOL=grpc. Only it
# needs gRPC, and a program that links it needs no further code.
if(NOT OBSERVATORY_GRPC)
  return()
endif()
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(OBSERVATORY_GRPCPP QUIET IMPORTED_TARGET grpc++)
endif()
if(NOT OBSERVATORY_GRPCPP_FOUND)
  if(NOT OBSERVATORY_GRPC STREQUAL "AUTO")
    message(FATAL_ERROR "cannot build the component grpc: pkg-config does not find grpc++ (Debian: "
                        "libgrpc++-dev); -DOBSERVATORY_GRPC=OFF builds without it")
  endif()
  message(STATUS "the component grpc of the C++ SDK is left out: gRPC is not installed")
  return()
endif()

add_library(observatory_grpc ${kind} src/grpc/grpc_transport.cc)
add_library(observatory::grpc ALIAS observatory_grpc)
set_target_properties(observatory_grpc PROPERTIES EXPORT_NAME grpc VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR} CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
  POSITION_INDEPENDENT_CODE ON CXX_EXTENSIONS OFF)
target_compile_options(observatory_grpc PRIVATE ${warnings})
target_include_directories(observatory_grpc PRIVATE src)
target_link_libraries(observatory_grpc PUBLIC observatory_sdk PRIVATE PkgConfig::OBSERVATORY_GRPCPP)
# Nothing refers to it by name, so the linker is told to take it: out of an archive by its symbol, as
# a shared library by not asking who needs it.
target_link_options(observatory_grpc INTERFACE
  "LINKER:--undefined=_ZN11observatory6detail14grpc_is_linkedE")
if(OBSERVATORY_SHARED)
  target_link_options(observatory_grpc INTERFACE "LINKER:--no-as-needed")
endif()
