"""The installed package as its users meet it: found by CMake and by pkg-config, then run."""

import json
import os
import re
import shlex
from pathlib import Path

import pytest
from installed import run

CONSUMER = Path(__file__).parent / "consumer"
LABELS = ["ankle boot", "hot air balloon", "trousers"]


@pytest.fixture(scope="module")
def expected(clipclap, clip) -> list[tuple[str, str, str, float]]:
    """What the program in the build tree says."""
    lines = run(clipclap, "tag", clip, "--labels", ",".join(LABELS), "--format", "jsonl")
    records = [json.loads(line) for line in lines.splitlines()]
    # A picture a second; windows of ten seconds every five, and one that ends with the sound.
    assert sum(record["kind"] == "video" for record in records) == 26
    assert sum(record["kind"] == "audio" for record in records) == 5
    return [
        (
            record["stream"],
            f"{record['start']:.6f}",
            record["labels"][0]["label"],
            record["labels"][0]["score"],
        )
        for record in records
    ]


def check_consumer(binary: Path, clip: Path, expected: list, **options) -> None:
    rows = [line.split("\t") for line in run(binary, clip, *LABELS, **options).splitlines()]
    assert len(rows) == len(expected)
    for (*row, score), (*wanted, wanted_score) in zip(rows, expected):
        assert row == wanted
        assert abs(float(score) - wanted_score) < 1e-6


def test_what_is_installed(prefix, library_folder):
    names = {path.name for path in (prefix / "include").rglob("*") if path.is_file()}
    assert {"model.h", "tagging.h", "labels.h", "error.h"} <= names
    assert {path.parent.name for path in (prefix / "include").rglob("*.h")} == {"clipclap"}
    assert (library_folder / "libclipclap.so").resolve() != library_folder / "libclipclap.so"
    assert next(prefix.glob("share/doc/*/LICENSE")).read_text().startswith("MIT")


def test_headers_need_nothing_else(prefix, tmp_path):
    """No LibTorch and no libav type: each header compiles alone, with no include path but its own."""
    for header in sorted((prefix / "include/clipclap").glob("*.h")):
        source = tmp_path / "alone.cpp"
        source.write_text(f"#include <clipclap/{header.name}>\n")
        run("g++", "-std=c++20", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only",
            "-I", prefix / "include", source)  # fmt: skip
        included = re.findall(r"^#include (.*)$", header.read_text("utf-8"), re.M)
        assert not [name for name in included if re.search("ATen|torch|libav|libsw", name)]


def test_program(prefix, clip, expected):
    lines = run(prefix / "bin/clipclap", "tag", clip, "--labels", ",".join(LABELS))
    assert [json.loads(line)["labels"][0]["score"] for line in lines.splitlines()] == [
        score for *_, score in expected
    ]


def test_by_cmake(prefix, clip, expected, tmp_path):
    run("cmake", "-G", "Ninja", "-S", CONSUMER, "-B", tmp_path, f"-DCMAKE_PREFIX_PATH={prefix}",
        "-DCMAKE_CXX_STANDARD=20")  # fmt: skip
    run("cmake", "--build", tmp_path)
    check_consumer(tmp_path / "consumer", clip, expected)


def test_by_pkg_config(prefix, library_folder, clip, expected, tmp_path):
    environment = {**os.environ, "PKG_CONFIG_PATH": str(library_folder / "pkgconfig")}
    flags = run("pkg-config", "--cflags", "--libs", "clipclap", env=environment)
    # pkg-config escapes the space in the prefix as a shell wants it.
    source, binary = CONSUMER / "consumer.cpp", tmp_path / "consumer"
    run("g++", "-std=c++20", source, "-o", binary, *shlex.split(flags))
    check_consumer(
        binary, clip, expected, env={**os.environ, "LD_LIBRARY_PATH": str(library_folder)}
    )
    version = run("pkg-config", "--modversion", "clipclap", env=environment).strip()
    assert version in run(prefix / "bin/clipclap", "--version")
