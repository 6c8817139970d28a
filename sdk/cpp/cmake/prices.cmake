# The server's price catalogue, compiled in as it is. The data is shared, the code is not.
set(catalogue ${CMAKE_CURRENT_SOURCE_DIR}/../../src/cost/data/catalogue.json)
set(symbol observatory_price_catalogue)
string(CONCAT assembly
  "    .section .rodata\n    .global ${symbol}\n    .hidden ${symbol}\n    .balign 16\n${symbol}:\n"
  "    .incbin \"${catalogue}\"\n    .global ${symbol}_end\n    .hidden ${symbol}_end\n"
  "${symbol}_end:\n    .byte 0\n    .section .note.GNU-stack,\"\",%progbits\n")
file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/prices.S CONTENT "${assembly}" @ONLY)
enable_language(ASM)
set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/prices.S PROPERTIES OBJECT_DEPENDS
                            ${catalogue})
# g++ 12 takes the moves inside <regex> for reads of uninitialised memory when it sanitises.
set_source_files_properties(src/prices.cc PROPERTIES COMPILE_OPTIONS
                            $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
