#!/bin/sh
# apply.sh SOURCE_DIR: puts the filters clipclap, aclipclap and clipclap_process into FFmpeg's sources.
# apply.sh --undo SOURCE_DIR: takes them out again.
# Every line that it inserts holds the word clipclap; run again, it changes only what is different.
set -eu

sources="clipclap_compat.h clipclap_common.h clipclap_common.c clipclap_flow.h clipclap_flow.c
  clipclap_frames.h clipclap_frames.c clipclap_sink.h clipclap_sink.c
  vf_clipclap.c af_aclipclap.c vf_clipclap_process.c"

fail() {
  echo "apply.sh: $*" >&2
  exit 1
}

undo=
if [ "${1-}" = --undo ]; then
  undo=yes
  shift
fi
[ $# = 1 ] || fail "say where FFmpeg's sources are: apply.sh [--undo] SOURCE_DIR"
here=$(dirname "$0")
tree=$1
for file in configure libavfilter/allfilters.c libavfilter/Makefile; do
  [ -w "$tree/$file" ] || fail "$tree/$file cannot be written: is that FFmpeg's source tree?"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# edit FILE LINES SCRIPT: FILE as it was, with the lines that the sed script inserts.
edit() {
  sed '/clipclap/d' "$tree/$1" >"$work/clean"
  if [ -n "$undo" ]; then
    cp "$work/clean" "$work/edited"
  else
    printf '%s\n' "$3" >"$work/script"
    sed -f "$work/script" "$work/clean" >"$work/edited"
    inserted=$(grep -c clipclap "$work/edited" || true)
    [ "$inserted" = "$2" ] || fail "$tree/$1: $inserted of $2 insertions found their place;" \
      "FFmpeg 5.1 to 9.0 are supported, and this is $(cat "$tree/RELEASE" 2>/dev/null || echo another)"
  fi
  if cmp -s "$work/edited" "$tree/$1"; then
    echo "  $1: nothing to do"
  else
    cat "$work/edited" >"$tree/$1"
    echo "  $1: ${undo:+un}done"
  fi
}

# 8.0 and later have another type.
type=$(sed -n 's/^extern const \(FFFilter\|AVFilter\) ff_vf_null;.*/\1/p' "$tree/libavfilter/allfilters.c")
[ -n "$type" ] || fail "$tree/libavfilter/allfilters.c: no line for ff_vf_null;" \
  "FFmpeg 5.1 to 9.0 are supported"

edit libavfilter/allfilters.c 3 "
/^extern const $type ff_af_anull;/a\\
extern const $type ff_af_aclipclap;
/^extern const $type ff_vf_null;/a\\
extern const $type ff_vf_clipclap;\\
extern const $type ff_vf_clipclap_process;"

shared="clipclap_common.o clipclap_flow.o"
results="clipclap_frames.o clipclap_sink.o"
edit libavfilter/Makefile 3 "
/^OBJS-\$(CONFIG_NULL_FILTER)/a\\
OBJS-\$(CONFIG_CLIPCLAP_FILTER) += vf_clipclap.o $shared $results\\
OBJS-\$(CONFIG_CLIPCLAP_PROCESS_FILTER) += vf_clipclap_process.o $shared\\
OBJS-\$(CONFIG_ACLIPCLAP_FILTER) += af_aclipclap.o $shared $results"

# libclipclap brings FFmpeg libraries of its own, which must not find the functions of those that are
# linked into the program, maybe of another version: the program keeps its own to itself.
hide="-Wl,--exclude-libs,ALL"
edit configure 7 "
/^  --enable-libzvbi /i\\
  --enable-libclipclap     enable the filters clipclap, aclipclap, clipclap_process [no]
/^EXTERNAL_LIBRARY_LIST=\"/a\\
    libclipclap
/^yadif_cuda_filter_deps=/i\\
clipclap_filter_deps=\"libclipclap avformat\"\\
aclipclap_filter_deps=\"libclipclap avformat\"\\
clipclap_process_filter_deps=\"libclipclap\"
/^enabled movie_filter /i\\
enabled_any clipclap_filter aclipclap_filter \&\& prepend avfilter_deps \"avformat\"
/^enabled libzvbi /i\\
enabled libclipclap       \&\& require_pkg_config libclipclap \"clipclap >= 0.1\" clipclap/clipclap.h clipclap_model_open \&\& { test_ldflags $hide \&\& add_ldexeflags $hide; }"

for file in $sources; do
  if [ -n "$undo" ]; then
    rm -f "$tree/libavfilter/$file"
  elif ! cmp -s "$here/$file" "$tree/libavfilter/$file"; then
    cp "$here/$file" "$tree/libavfilter/$file"
    echo "  libavfilter/$file: done"
  fi
done
