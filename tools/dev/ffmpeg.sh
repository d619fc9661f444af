#!/usr/bin/env bash
# ffmpeg.sh [VERSION…]: stock FFmpeg with clipclap's filters, small, for the tests:
# build/ffmpeg/VERSION/ffmpeg and ffprobe; VERSION-asan is under AddressSanitizer. Where none is named:
# 5.1 and 5.1-asan. Only what changed is built again.
set -euo pipefail
source tools/dev/common.sh

readonly prefix=$PWD/build/ffmpeg/prefix

# What the tests run.
readonly components=(
  --enable-indev=lavfi
  --enable-protocol=file,pipe
  --enable-demuxer=avi,concat,image2,matroska,mov,nut,rawvideo,srt,wav,webvtt
  --enable-muxer=avi,framecrc,framemd5,image2,matroska,mov,mp4,null,nut,rawvideo,srt,wav,webvtt
  --enable-decoder=ffv1,mjpeg,mpeg4,pcm_f32le,pcm_f64le,pcm_s16le,pcm_u8,png,rawvideo,srt,subrip,webvtt,wrapped_avframe
  --enable-encoder=ffv1,mpeg4,pcm_f32le,pcm_s16le,png,rawvideo,srt,subrip,webvtt,wrapped_avframe
  --enable-parser=mjpeg,mpeg4video,png
  --enable-filter=abuffer,abuffersink,buffer,buffersink # every graph has them
  --enable-filter=aevalsrc,amovie,color,gradients,movie,nullsrc,sine,testsrc,testsrc2
  --enable-filter=aformat,anull,anullsink,aresample,asendcmd,asetnsamples,asetpts,asplit,atrim
  --enable-filter=aconcat,concat,crop,format,fps,hflip,loop,null,nullsink,scale,select,sendcmd
  --enable-filter=ametadata,metadata,pad,setpts,settb,showinfo,split,tile,trim,testboxes
  --enable-filter=clipclap,aclipclap,clipclap_process
)
readonly configuration=(
  --disable-everything --disable-autodetect --disable-doc --disable-debug --disable-x86asm
  --disable-network --disable-ffplay --enable-zlib --enable-swscale
  --cc="ccache gcc" --enable-libclipclap --extra-ldexeflags="-Wl,-rpath,$prefix/lib"
  "${components[@]}"
)

# add_line FILE LINE PLACE: behind the line that begins with PLACE, unless it is there.
add_line() {
  grep -qxF -- "$2" "$1" || sed -i "/^$3/a\\
$2" "$1"
}

# The overlay, and a filter that stands in for a detector.
prepare() {
  local filters=$1/libavfilter type
  type=$(sed -n 's/^extern const \(.*\) ff_vf_null;/\1/p' "$filters/allfilters.c") &&
    { cmp -s tests/ffmpeg/vf_testboxes.c "$filters/vf_testboxes.c" ||
      cp tests/ffmpeg/vf_testboxes.c "$filters/"; } &&
    add_line "$filters/allfilters.c" "extern const $type ff_vf_testboxes;" \
      "extern const $type ff_vf_null;" &&
    add_line "$filters/Makefile" 'OBJS-$(CONFIG_TESTBOXES_FILTER) += vf_testboxes.o' \
      'OBJS-$(CONFIG_NULL_FILTER)' &&
    integrations/ffmpeg/apply.sh "$1" >"$1/apply.log"
}

# LibTorch is not built for it: it watches FFmpeg, the filters, and all memory's allocation.
readonly sanitized=(
  --disable-asm --extra-cflags="-fsanitize=address -fno-omit-frame-pointer -O1" --extra-ldflags=-fsanitize=address
)

# What `configure` would do something else about: inputs SOURCE OPTION…
inputs() {
  printf '%s\n' "${@:2}"
  cat "$1/configure" "$1/libavfilter/allfilters.c" "$prefix"/lib*/pkgconfig/clipclap.pc
}

# configure TREE SOURCE OPTION…
configure() {
  local tree=$1 source=$PWD/$2 wanted
  wanted=$(inputs "${@:2}" | sha256sum)
  [[ ! -f $tree/configuration || $(<"$tree/configuration") != "$wanted" ]] || return 0
  (
    cd "$tree"
    PKG_CONFIG_PATH=$(echo "$prefix"/lib*/pkgconfig) "$source/configure" "${@:3}" \
      >configure.log 2>&1
  ) || {
    tail -n 20 "$tree/configure.log" "$tree"/ffbuild/config.log >&2
    fail "FFmpeg could not be configured in $tree"
  }
  echo "$wanted" >"$tree/configuration"
}

compile() {
  make -C "$1" -j "$(nproc)" ffmpeg ffprobe >"$1/make.log" 2>&1 || {
    grep -E -A 3 'error|undefined' "$1/make.log" >&2 || tail -n 30 "$1/make.log" >&2
    fail "FFmpeg could not be built in $1"
  }
}

# Each step by itself: within a stage, bash goes on behind a failed line.
build() {
  local tree=build/ffmpeg/$1 source=build/ffmpeg/${1%-asan}/source options=("${configuration[@]}")
  [[ $1 != *-asan ]] || options+=("${sanitized[@]}")
  mkdir -p "$tree" && tools/dev/ffmpeg_sources.sh "${1%-asan}" "$source" && prepare "$source" &&
    configure "$tree" "$source" "${options[@]}" && compile "$tree"
}

cmake --install build --prefix "$prefix" >/dev/null
(($# > 0)) || set -- 5.1 5.1-asan
for version in "$@"; do
  stage "FFmpeg $version" build "$version"
done
