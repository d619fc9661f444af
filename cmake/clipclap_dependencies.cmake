# Every dependency is found here, once.
include_guard()
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json 3.9 REQUIRED)
pkg_check_modules(AV REQUIRED IMPORTED_TARGET
  libavformat>=59 libavcodec>=59 libavutil>=57 libswscale>=6 libswresample>=4)
pkg_check_modules(TURBOJPEG REQUIRED IMPORTED_TARGET libturbojpeg>=2)
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
pkg_check_modules(ICU REQUIRED IMPORTED_TARGET icu-uc)
# Whatever libcurl does TLS with; the digests of what it brings are GnuTLS's.
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl>=7.85)
pkg_check_modules(GNUTLS REQUIRED IMPORTED_TARGET gnutls>=3.6)

if(CLIPCLAP_WITH_TORCH)
  find_package(CLI11 REQUIRED)
  include(clipclap_torch)
endif()
if(CLIPCLAP_TESTS)
  find_package(GTest REQUIRED)
endif()
