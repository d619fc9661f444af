#!/usr/bin/env bash
# lint.sh [FILE…]: clang-format and clang-tidy over these files, or over all.
set -euo pipefail
source tools/dev/common.sh

if (($# > 0)); then
  files=("$@")
else
  mapfile -d '' files < <(cpp_files)
fi
clang-format-14 --dry-run --Werror "${files[@]}"

torch=$(torch_folder)
mkdir -p build
cmake --preset lint -DCMAKE_PREFIX_PATH="$torch" >build/lint-configure.log ||
  { cat build/lint-configure.log >&2; exit 1; }
mapfile -d '' sources < <(printf '%s\0' "${files[@]}" | grep -z '\.cpp$' || true)
((${#sources[@]} > 0)) || exit 0
printf '%s\0' "${sources[@]}" |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy-14 --quiet -p build/lint
