# LibTorch as the target clipclap_torch: an unpacked LibTorch, or the folder "torch" of a Python
# installation, on CMAKE_PREFIX_PATH or named by Torch_DIR. Its own CMake package is not asked: one
# that was built for CUDA demands a whole CUDA toolkit, of which nothing here needs a header.
include_guard()

set(torch_hints "")
if(Torch_DIR)
  set(torch_hints ${Torch_DIR}/../../..)
elseif(DEFINED ENV{Torch_DIR})
  set(torch_hints $ENV{Torch_DIR}/../../..)
endif()
find_path(TORCH_INCLUDE_DIR ATen/ATen.h HINTS ${torch_hints} PATH_SUFFIXES include)
foreach(part torch torch_cpu c10)
  string(TOUPPER ${part}_library variable)
  find_library(${variable} ${part} HINTS ${torch_hints} PATH_SUFFIXES lib)
  if(NOT TORCH_INCLUDE_DIR OR NOT ${variable})
    message(FATAL_ERROR "LibTorch is not found (${part}): run ./dev setup, or name its folder with "
      "-DCMAKE_PREFIX_PATH=…, or build what needs none with -DCLIPCLAP_WITH_TORCH=OFF")
  endif()
endforeach()

add_library(clipclap_torch INTERFACE)
# Its headers must not meet our warnings.
target_include_directories(clipclap_torch SYSTEM INTERFACE
  ${TORCH_INCLUDE_DIR} ${TORCH_INCLUDE_DIR}/torch/csrc/api/include)
target_link_libraries(clipclap_torch INTERFACE
  ${TORCH_LIBRARY} ${TORCH_CPU_LIBRARY} ${C10_LIBRARY})
# What brings other devices registers itself; no symbol of it is named, so it is linked regardless.
get_filename_component(torch_library_dir ${TORCH_LIBRARY} DIRECTORY)
foreach(part torch_cuda torch_hip torch_xpu)
  if(EXISTS ${torch_library_dir}/lib${part}.so)
    target_link_libraries(clipclap_torch INTERFACE
      -Wl,--no-as-needed ${torch_library_dir}/lib${part}.so -Wl,--as-needed)
  endif()
endforeach()
# LibTorch's folder holds headers of another fmt than the system's library: there, headers alone.
target_compile_definitions(clipclap_torch INTERFACE FMT_HEADER_ONLY)
# Otherwise a few headers bring every operator there is.
target_compile_definitions(clipclap_torch INTERFACE AT_PER_OPERATOR_HEADERS)
