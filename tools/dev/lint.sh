#!/usr/bin/env bash
# lint.sh [FILE…]: clang-format over these files, or over all, and clang-tidy over the sources of
# the library and the program among them. What was found clean once is not looked at again.
set -euo pipefail
source tools/dev/common.sh

if (($# > 0)); then
  files=("$@")
else
  mapfile -d '' files < <(cpp_files)
fi
clang-format-14 --dry-run --Werror "${files[@]}"

mkdir -p build
torch=$(torch_folder)
cmake --preset lint -DCMAKE_PREFIX_PATH="$torch" >build/lint-configure.log 2>&1 || {
  cat build/lint-configure.log >&2
  fail "CMake could not configure build/lint"
}
# A verdict holds as long as nothing changes that clang-tidy reads beside the file itself.
export TIDY_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/clipclap/tidy
TIDY_SURROUNDINGS=$(
  {
    .venv/bin/clang-tidy --version
    cat .clang-tidy tools/dev/tidy.sh cmake/*.cmake
    find include src -name '*.h' -print0 -o -name CMakeLists.txt -print0 | sort -z | xargs -0 cat
    dpkg-query -W 'libav*-dev' 'libcurl*-dev' 'libgnutls*-dev' 'libfmt-dev' 'nlohmann*' 'libstdc++-*-dev'
    torch_version
  } 2>/dev/null | sha256sum
)
export TIDY_SURROUNDINGS
mkdir -p "$TIDY_CACHE"
printf '%s\0' "${files[@]}" | { grep -z '^src/.*\.cpp$' || true; } |
  xargs -0 -r -n 1 -P "$(nproc)" tools/dev/tidy.sh
