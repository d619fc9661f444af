#!/usr/bin/env bash
# test.sh: builds and runs every test there is, then adds up what they say.
set -euo pipefail
source tools/dev/common.sh

results=$PWD/build/test-results
start=$SECONDS
failed=()

# attempt NAME COMMAND…: a stage whose failure does not keep the others from running.
attempt() {
  stage "$@" || failed+=("$1")
}

unit() {
  ctest --preset "$1" --output-junit "$results/$2.xml"
}

sanitized() {
  tools/dev/build.sh asan && unit asan sanitizers
}

# What has threads of its own; ./dev tsan builds and runs all.
threaded() {
  tools/dev/build.sh tsan --target base_test media_test &&
    ctest --preset tsan -R 'ReadAhead|ReadersAhead|PrepareAhead|ThreadShares|WorkerPool' --output-junit "$results/threads.xml"
}

# LibTorch is not built for sanitizers: they watch what a caller's memory and threads come to.
c_api() {
  tools/dev/build.sh default --target c_api_sanitized &&
    ctest --preset default -C Sanitized -R CApiUnder --output-junit "$results/c_api.xml"
}

rm -rf "$results"
stage "build" tools/dev/build.sh default
mkdir -p "$results"
attempt "unit tests" unit default unit
attempt "FFmpeg with the filters" tools/dev/ffmpeg.sh
attempt "reference, documentation, package and filter tests" \
  tools/dev/pytest.sh --junitxml "$results/python.xml"
attempt "unit tests and fuzz smoke with sanitizers" sanitized
attempt "the pipeline's threads under ThreadSanitizer" threaded
attempt "the C API under sanitizers, and random calls" c_api

say "all stages took $((SECONDS - start)) s"
((${#failed[@]} == 0)) || printf 'failed stage: %s\n' "${failed[@]}"
/usr/bin/python3 tools/dev/test_summary.py "$results" unit python sanitizers threads c_api
((${#failed[@]} == 0))
