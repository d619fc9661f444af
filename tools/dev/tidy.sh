#!/usr/bin/env bash
# tidy.sh FILE: one file under clang-tidy, for lint.sh.
set -euo pipefail

verdict=$TIDY_CACHE/$({ echo "$TIDY_SURROUNDINGS $1"; cat "$1"; } | sha256sum | cut -d ' ' -f 1)
[[ ! -f $verdict ]] || exit 0
status=0
output=$(.venv/bin/clang-tidy --quiet -p build/lint "$1" 2>&1) || status=$?
if [[ $status == 0 ]]; then
  touch "$verdict"
else
  # Counts of what was found in others' headers say nothing.
  grep -vE '^[0-9]+ warnings? (and [0-9]+ errors? )?generated\.$' <<<"$output" >&2 || true
fi
exit "$status"
