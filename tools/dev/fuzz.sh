#!/usr/bin/env bash
# fuzz.sh TARGET [SECONDS]: fuzzes one target of the asan build; finds stay in build/fuzz/TARGET/.
set -euo pipefail
source tools/dev/common.sh

folder=build/asan/tests/fuzz
if [[ $# == 0 || ! -x $folder/$1 ]]; then
  find "$folder" -maxdepth 1 -type f -executable -printf '  %f\n' | sort >&2
  fail "say which of these: ./dev fuzz TARGET [SECONDS]"
fi
mkdir -p "build/fuzz/$1/corpus"
"$folder/$1" -max_total_time="${2-60}" -artifact_prefix="build/fuzz/$1/" "build/fuzz/$1/corpus"
