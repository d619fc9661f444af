#!/usr/bin/env bash
# pytest.sh [ARGUMENT…]: the Python suites against the release build. Two files run at a time.
set -euo pipefail
source tools/dev/common.sh

export CLIPCLAP_BIN=$PWD/build/clipclap CLIPCLAP_BUILD=$PWD/build
export CLIPCLAP_TEST_TOOLS=$PWD/build/tests/tools
# Nothing is fetched from a hub: every checkpoint is made by the tests.
export HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false
# Two files at once on few cores: more threads would only wait for each other.
export OMP_NUM_THREADS=${OMP_NUM_THREADS-1}
paths=()
[[ " $*" == *" tests/"* ]] || paths=(tests)
.venv/bin/python -m pytest -q -n 2 --dist loadfile -rfEs --durations=8 "$@" "${paths[@]}"
