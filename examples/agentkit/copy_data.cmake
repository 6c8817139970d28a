# Copies the data of an example beside its program.
file(GLOB entries LIST_DIRECTORIES true ${FROM}/*)
foreach(entry ${entries})
  if(NOT entry MATCHES "(CMakeLists\\.txt|README\\.md|\\.cc|\\.h)$")
    file(COPY ${entry} DESTINATION ${TO})
  endif()
endforeach()
