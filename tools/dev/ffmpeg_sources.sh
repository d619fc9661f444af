#!/usr/bin/env bash
# ffmpeg_sources.sh VERSION FOLDER: FFmpeg's sources, such as 5.1 or 8.1.2, unpacked into a folder,
# unless they are there. They are Debian's copy of FFmpeg's own release, which apt checks against the
# archive's signature; the system's apt settings stay as they are.
set -euo pipefail
source tools/dev/common.sh

readonly version=$1 folder=$2
readonly cache=$PWD/build/ffmpeg/sources
readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# From the oldest on; the index of each has ten megabytes.
readonly suites=(bookworm trixie forky sid experimental)

# The one that the system itself uses.
mirror() {
  apt-get indextargets --format '$(CREATED_BY) $(ORIGIN) $(REPO_URI)' |
    awk '$1 == "Packages" && $2 == "Debian" && $3 !~ /security/ { print $3; exit }'
}

# private SUITE COMMAND…: one of apt's commands, about this suite's sources alone.
private() {
  local settings=(-qq -o "Dir::Etc::SourceList=$cache/$1.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State=$cache/$1" -o Dir::State::status=/dev/null -o "Dir::Cache=$cache/$1"
    -o APT::Sandbox::User=root -o APT::Update::Post-Invoke-Success::=)
  "$2" "${settings[@]}" "${@:3}"
}

know() {
  mkdir -p "$cache/$1/lists/partial" "$cache/$1/archives/partial"
  echo "deb-src [signed-by=$keyring] $archive $1 main" >"$cache/$1.list"
  private "$1" apt-get update
}

# What the suite has of the version or of its point releases.
offered() {
  private "$1" apt-cache showsrc --only-source ffmpeg 2>/dev/null |
    sed -n 's/^Version: //p' | grep -E "^([0-9]+:)?${version//./\\.}([.-]|$)" | sort -V | tail -n 1
}

# The release itself, without Debian's changes.
fetch() {
  local suite package archive
  archive=$(mirror)
  [[ -n $archive ]] || fail "apt knows no Debian archive: run apt-get update"
  for suite in "${suites[@]}"; do
    know "$suite" || continue
    package=$(offered "$suite") || continue
    say "fetching FFmpeg $package from $suite"
    cd "$cache"
    private "$suite" apt-get source --only-source --tar-only --download-only "ffmpeg=$package" >&2
    return
  done
  fail "no FFmpeg $version among the sources of ${suites[*]}"
}

tarball() {
  find "$cache" -maxdepth 1 \( -name "ffmpeg_$version.orig.tar.xz" \
    -o -name "ffmpeg_$version.*.orig.tar.xz" \) 2>/dev/null | sort -V | tail -n 1
}

[[ ! -f $folder/RELEASE ]] || exit 0
[[ -n $(tarball) ]] || (fetch)
rm -rf "$folder" "$folder.partial"
mkdir -p "$folder.partial"
tar -C "$folder.partial" --strip-components=1 -xf "$(tarball)"
mv "$folder.partial" "$folder"
