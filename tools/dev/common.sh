# What the steps share. Sourced, from the root of the project.

# A failure inside $(…) is a failure.
shopt -s inherit_errexit

# Tools speak plain English in UTF-8 everywhere, also where no locale is installed.
export LC_ALL=C.UTF-8
# Checkouts in other folders share compiled objects; a precompiled header does not spoil that.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_ctime,include_file_mtime

fail() {
  echo "dev: $*" >&2
  exit 1
}

say() {
  echo "== $*" >&2
}

# stage NAME COMMAND…: runs it and says how long it took.
stage() {
  local name=$1 start=$SECONDS status=0 outcome=done
  say "$name"
  "${@:2}" || status=$?
  ((status == 0)) || outcome=failed
  say "$name: $outcome in $((SECONDS - start)) s"
  return "$status"
}

# once STAMP INPUTS COMMAND…: skips a step whose inputs are those of its last success.
once() {
  local stamp=.venv/stamps/$1 inputs=$2
  [[ -f $stamp && $(<"$stamp") == "$inputs" ]] && return
  "${@:3}"
  mkdir -p .venv/stamps
  echo "$inputs" >"$stamp"
}

# Every C++ and C file of the project but those in FFmpeg's style, each name ended by a zero byte.
cpp_files() {
  find include src tests bench \( -name '*.h' -o -name '*.cpp' -o -name '*.c' \) \
    -not -path 'tests/ffmpeg/*' -print0 | sort -z
}

# The folder of the LibTorch that is built against.
torch_folder() {
  if [[ -n ${CLIPCLAP_TORCH-} ]]; then
    [[ -f $CLIPCLAP_TORCH/share/cmake/Torch/TorchConfig.cmake ]] ||
      fail "CLIPCLAP_TORCH=$CLIPCLAP_TORCH holds no LibTorch" \
        "(share/cmake/Torch/TorchConfig.cmake is missing): name an unpacked LibTorch" \
        "or the folder 'torch' of a Python installation"
    realpath -- "$CLIPCLAP_TORCH"
  elif [[ -n ${Torch_DIR-} ]]; then
    [[ -f $Torch_DIR/TorchConfig.cmake ]] ||
      fail "Torch_DIR=$Torch_DIR holds no TorchConfig.cmake"
    realpath -- "$Torch_DIR/../../.."
  else
    echo "$PWD/.venv/torch"
  fi
}

# What changes when another LibTorch lies in the same folder.
torch_version() {
  cat "$(torch_folder)"/include/torch/{headeronly,csrc/api/include/torch}/version.h 2>/dev/null ||
    true
}
