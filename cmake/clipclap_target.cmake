# One way to declare a folder of the library: warnings, sanitizers and include paths come from
# interface targets, never from global flags, so that dependencies are not touched by them.
include_guard()

add_library(clipclap_settings INTERFACE)
target_compile_features(clipclap_settings INTERFACE cxx_std_20)
target_compile_options(clipclap_settings INTERFACE -Wall -Wextra -Wpedantic)
# GCC 12 sees std::string overrun where it does not (GCC bugs 105329, 105651); sanitizers look.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(clipclap_settings INTERFACE
    -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
endif()
option(CLIPCLAP_WERROR "Treat warnings as errors" OFF)
if(CLIPCLAP_WERROR)
  target_compile_options(clipclap_settings INTERFACE -Werror)
endif()
target_include_directories(clipclap_settings INTERFACE
  ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src ${PROJECT_BINARY_DIR}/include)
if(CLIPCLAP_SANITIZE)
  target_compile_options(clipclap_settings INTERFACE
    -fsanitize=${CLIPCLAP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(clipclap_settings INTERFACE -fsanitize=${CLIPCLAP_SANITIZE})
endif()

# clipclap_module(NAME SOURCES a.cpp … LINKS other targets …)
function(clipclap_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(clipclap_${name} STATIC ${ARG_SOURCES})
  target_link_libraries(clipclap_${name} PUBLIC clipclap_settings ${ARG_LINKS})
endfunction()
