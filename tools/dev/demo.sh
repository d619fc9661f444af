#!/usr/bin/env bash
# demo.sh [OPTION…]: makes the clip and tags it with the embedded models; options go to `tag`.
set -euo pipefail
source tools/dev/common.sh

folder=build/demo
clip=$folder/demo.mp4
recipe=$(sha256sum tools/demo_clip/* tools/dev/demo.sh)
mkdir -p "$folder"
if [[ ! -f $clip || ! -f $folder/recipe || $(<"$folder/recipe") != "$recipe" ]]; then
  stage "making $clip" /usr/bin/python3 tools/demo_clip/make_clip.py "$clip"
  for kind in scenes sounds; do
    sed '/^#/d; s/ *|.*//' tools/demo_clip/$kind.txt >"$folder/$kind.txt"
  done
  # Words that are nowhere in the clip.
  printf '%s\n' "dog" "guitar" "sailing ship" >>"$folder/scenes.txt"
  printf '%s\n' "piano" "siren" "flute" "wind" >>"$folder/sounds.txt"
  echo "$recipe" >"$folder/recipe"
fi
command=(build/clipclap tag "$clip" --labels "@$folder/scenes.txt" --template "a photo of a {}"
  --audio-labels "@$folder/sounds.txt" --audio-template "the sound of {}"
  --every 2s --window 4s --hop 4s --top 3 --format table "$@")
shown=
for word in "${command[@]}"; do
  [[ $word == *[^-A-Za-z0-9@./_]* ]] && shown+=" \"$word\"" || shown+=" $word"
done
printf '\n$%s\n' "$shown" >&2
TIMEFORMAT='took %R s'
time "${command[@]}"
