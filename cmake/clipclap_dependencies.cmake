# Every dependency is found here, once.
include_guard()
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json 3.9 REQUIRED)
pkg_check_modules(AV REQUIRED IMPORTED_TARGET
  libavformat>=59 libavcodec>=59 libavutil>=57 libswscale>=6 libswresample>=4)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(ICU REQUIRED IMPORTED_TARGET icu-uc)

if(CLIPCLAP_WITH_TORCH)
  find_package(CLI11 REQUIRED)
  find_package(Torch REQUIRED)
  # Torch's own target carries no SYSTEM mark; its headers must not meet our warnings.
  add_library(clipclap_torch INTERFACE)
  target_include_directories(clipclap_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
  target_link_libraries(clipclap_torch INTERFACE ${TORCH_LIBRARIES})
  separate_arguments(torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
  target_compile_options(clipclap_torch INTERFACE ${torch_flags})
  # LibTorch's folder holds headers of another fmt than the system's library: there, headers alone.
  target_compile_definitions(clipclap_torch INTERFACE FMT_HEADER_ONLY)
endif()
if(CLIPCLAP_TESTS)
  find_package(GTest REQUIRED)
endif()
