# embed_files(TARGET NAME FOLDER file …): puts files into TARGET's read-only data and generates
# NAME_symbols.inc (declarations) and NAME_entries.inc (initialisers {"file", {begin, end}}).
include_guard()

function(embed_files target name folder)
  set(assembly "    .section .rodata\n")
  set(declarations "")
  set(entries "")
  set(index 0)
  set(paths "")
  foreach(file ${ARGN})
    set(symbol "clipclap_${name}_${index}")
    string(APPEND assembly
      "    .balign 64\n    .hidden ${symbol}\n    .global ${symbol}\n${symbol}:\n"
      "    .incbin \"${folder}/${file}\"\n    .hidden ${symbol}_end\n    .global ${symbol}_end\n"
      "${symbol}_end:\n    .byte 0\n")
    string(APPEND declarations "extern \"C\" const std::byte ${symbol}[], ${symbol}_end[];\n")
    string(APPEND entries "    {\"${file}\", {${symbol}, ${symbol}_end}},\n")
    list(APPEND paths ${folder}/${file})
    math(EXPR index "${index} + 1")
  endforeach()
  string(APPEND assembly "#if defined(__linux__)\n    .section .note.GNU-stack,\"\",%progbits\n#endif\n")
  set(base ${CMAKE_CURRENT_BINARY_DIR}/${name})
  file(CONFIGURE OUTPUT ${base}.S CONTENT "${assembly}" @ONLY)
  file(CONFIGURE OUTPUT ${base}_symbols.inc CONTENT "${declarations}" @ONLY)
  file(CONFIGURE OUTPUT ${base}_entries.inc CONTENT "${entries}" @ONLY)
  set_source_files_properties(${base}.S PROPERTIES OBJECT_DEPENDS "${paths}")
  target_sources(${target} PRIVATE ${base}.S)
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
endfunction()
