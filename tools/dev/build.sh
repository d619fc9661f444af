#!/usr/bin/env bash
# build.sh PRESET [ARGUMENT…]: configures where needed, then builds; arguments go to the build.
set -euo pipefail
source tools/dev/common.sh

preset=$1
tree=build
[[ $preset == default ]] || tree=build/$preset
mkdir -p "$tree"

configuration() {
  cmake --version | head -n 1
  g++ --version | head -n 1
  sha256sum CMakePresets.json
  if [[ $preset == default ]]; then
    torch_folder
    torch_version
  fi
}

configure() {
  local arguments=() log=$tree/configure.log
  [[ $preset != default ]] || arguments=("-DCMAKE_PREFIX_PATH=$(torch_folder)")
  say "configuring $tree"
  cmake --preset "$preset" --fresh "${arguments[@]}" >"$log" 2>&1 || {
    cat "$log" >&2
    fail "CMake could not configure $tree"
  }
}

# What was compiled against another LibTorch or by another compiler must not be linked again.
wanted=$(configuration)
if [[ ! -f $tree/build.ninja || ! -f $tree/configuration ||
  $(<"$tree/configuration") != "$wanted" ]]; then
  configure
  [[ ! -f $tree/configuration ]] || cmake --build "$tree" --target clean
  echo "$wanted" >"$tree/configuration"
fi
cmake --build "$tree" "${@:2}"
