#!/usr/bin/env bash
# demo.sh [OPTION…]: makes the clip and tags it with the embedded model; options go to `tag`.
set -euo pipefail
source tools/dev/common.sh

folder=build/demo
clip=$folder/demo.mp4
recipe=$(sha256sum tools/demo_clip/*)
mkdir -p "$folder"
if [[ ! -f $clip || ! -f $folder/recipe || $(<"$folder/recipe") != "$recipe" ]]; then
  stage "making $clip" /usr/bin/python3 tools/demo_clip/make_clip.py "$clip"
  sed '/^#/d; s/ *|.*//' tools/demo_clip/scenes.txt >"$folder/labels.txt"
  # Words that are nowhere in the clip.
  printf '%s\n' "dog" "guitar" "sailing ship" >>"$folder/labels.txt"
  echo "$recipe" >"$folder/recipe"
fi
command=(build/clipclap tag "$clip" --labels "@$folder/labels.txt"
  --template "a photo of a {}" --every 2s --top 3 --format table "$@")
shown=
for word in "${command[@]}"; do
  [[ $word == *[^-A-Za-z0-9@./_]* ]] && shown+=" \"$word\"" || shown+=" $word"
done
printf '\n$%s\n' "$shown" >&2
TIMEFORMAT='took %R s'
time "${command[@]}"
