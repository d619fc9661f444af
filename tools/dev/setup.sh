#!/usr/bin/env bash
# setup.sh PART…: installs what the parts need and nothing that is there already. Parts are the
# lists in packages/; "build" brings LibTorch too, "reference" the Python references of the tests,
# "rivals" whom the benchmarks compare with.
set -euo pipefail
source tools/dev/common.sh

missing_packages() {
  local wanted
  mapfile -t wanted < <(for part in "$@"; do
    list=tools/dev/packages/$part.txt
    [[ ! -f $list ]] || sed 's/[[:space:]]*#.*//; /^$/d' "$list"
  done | sort -u)
  ((${#wanted[@]} > 0)) || return 0
  # A package that was never known makes dpkg-query fail: it is simply not among the installed.
  comm -23 <(printf '%s\n' "${wanted[@]}") \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null |
      sed -n 's/^installed //p' | sort -u)
}

install_packages() {
  local as_root=()
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null || fail "be root or install sudo: these packages are missing: $*"
    as_root=(sudo)
  fi
  say "installing $# Debian packages: $*"
  "${as_root[@]}" apt-get update -qq
  # Slim images leave documentation out; opencv-doc's photographs are what tests look at.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y \
    --no-install-recommends -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--path-include='/usr/share/doc/opencv-doc/*' "$@" </dev/null >&2
}

# pip warns about unused folders of its configuration; errors and all else come through.
quiet_pip() {
  PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip install -q "$@" \
    2> >(grep -vE "^WARNING: Location '.*' is ignored" >&2 || true)
}

make_venv() {
  [[ ! -f .venv/stamps/venv ]] || return 0
  say "making .venv"
  rm -rf .venv
  /usr/bin/python3 -m venv .venv
  mkdir .venv/stamps && touch .venv/stamps/venv
}

# Without its Python dependencies, which LibTorch has no use for.
install_torch() {
  local wheel=(--no-deps --no-compile "torch==$1") log
  say "installing LibTorch ($1) into .venv"
  log=$(mktemp)
  if ! quiet_pip "${wheel[@]}" 2>"$log"; then
    say "not where pip is set up to look; trying PyTorch's own index"
    quiet_pip --index-url https://download.pytorch.org/whl/cpu "${wheel[@]}" || {
      cat "$log" >&2
      fail "LibTorch $1 is to be had from neither; name one with CLIPCLAP_TORCH"
    }
  fi
  rm -f "$log"
  ln -sfn "$(cd .venv && echo lib/python3*/site-packages/torch)" .venv/torch
}

# The references need a torch for Python: the one that is built against where it is one.
install_references() {
  local torch
  torch=$(torch_folder)
  say "installing the Python references"
  quiet_pip -r tests/reference/requirements.txt
  quiet_pip --no-deps -r tests/reference/requirements-no-deps.txt
  if [[ $torch != "$PWD/.venv/torch" && -f $torch/__init__.py ]]; then
    dirname -- "$torch" >"$(echo .venv/lib/python3*/site-packages)/built_against.pth"
  fi
  .venv/bin/python -c 'import torch' 2>/dev/null || install_torch "$torch_version"
}

# Whom ./dev bench stands beside, apart from what the tests need.
install_rivals() {
  say "installing the peers of the benchmarks"
  rm -rf .venv/rivals
  quiet_pip --target .venv/rivals -r bench/requirements.txt
}

torch_version=2.13.0+cpu
tidy_version=23.1.4  # Debian's matches the headers of others too, and takes twice as long
mapfile -t packages < <(missing_packages "$@")
((${#packages[@]} == 0)) || install_packages "${packages[@]}"

for part in "$@"; do
  case $part in
    build)
      make_venv
      torch=$(torch_folder)
      [[ $torch != "$PWD/.venv/torch" ]] ||
        once torch "$torch_version" install_torch "$torch_version"
      ;;
    lint)
      make_venv
      once tidy "$tidy_version" quiet_pip "clang-tidy==$tidy_version"
      ;;
    rivals)
      once rivals "$(cat bench/requirements.txt)" install_rivals
      ;;
    reference)
      once reference "$(torch_folder && cat tests/reference/requirements*.txt)" install_references
      ;;
  esac
done
