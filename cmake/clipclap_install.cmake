# What `cmake --install` lays out: the program, the library, its headers, and what lets others find
# them by CMake or pkg-config. Users of the library need neither LibTorch nor FFmpeg to compile.
include_guard()
include(CMakePackageConfigHelpers)

# LibTorch seldom lies where the system looks: what is installed remembers where it was.
get_filename_component(torch_library_folder "${TORCH_LIBRARY}" REALPATH)
get_filename_component(torch_library_folder "${torch_library_folder}" DIRECTORY)
set(CLIPCLAP_TORCH_RUNPATH "${torch_library_folder}" CACHE STRING
  "Where the installed library looks for LibTorch; empty where the system finds it by itself")

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/clipclap)
set_target_properties(clipclap PROPERTIES INSTALL_RPATH "${CLIPCLAP_TORCH_RUNPATH}")
file(RELATIVE_PATH from_bin_to_lib
  ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
set_target_properties(clipclap_cli PROPERTIES
  INSTALL_RPATH "$ORIGIN/${from_bin_to_lib};${CLIPCLAP_TORCH_RUNPATH}")

install(TARGETS clipclap EXPORT clipclap_targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS clipclap_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/clipclap
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${PROJECT_SOURCE_DIR}/models/demo/README.md
  DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME demo-model.md)
install(FILES ${PROJECT_SOURCE_DIR}/models/demo-audio/README.md
  DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME demo-audio-model.md)

install(EXPORT clipclap_targets NAMESPACE clipclap:: DESTINATION ${package_folder})
file(CONFIGURE OUTPUT clipclap-config.cmake @ONLY
  CONTENT "include(\"\${CMAKE_CURRENT_LIST_DIR}/clipclap_targets.cmake\")\n")
write_basic_package_version_file(clipclap-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  ${CMAKE_CURRENT_BINARY_DIR}/clipclap-config.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/clipclap-config-version.cmake
  DESTINATION ${package_folder})

# The folders are written as they lie below the prefix, so that an installed tree may be moved.
cmake_path(SET from_pc_to_prefix "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig")
file(RELATIVE_PATH from_pc_to_prefix "${from_pc_to_prefix}" "${CMAKE_INSTALL_PREFIX}")
configure_file(${PROJECT_SOURCE_DIR}/cmake/clipclap.pc.in clipclap.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/clipclap.pc
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
