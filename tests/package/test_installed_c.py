"""The installed package from C: the example of docs/c_api.md, found by CMake and by pkg-config."""

import json
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
from installed import run

CONSUMER = Path(__file__).parent / "c_consumer"
LABELS = ["ankle boot", "hot air balloon", "trousers"]
WIDTH, HEIGHT = 640, 360
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


@pytest.fixture(scope="module")
def page(root) -> str:
    return (root / "docs/c_api.md").read_text("utf-8")


@pytest.fixture(scope="module")
def example(page, tmp_path_factory) -> Path:
    (source,) = re.findall(r"^```c\n(.*?)^```", page, re.M | re.S)
    path = tmp_path_factory.mktemp("example") / "tags.c"
    path.write_text(source, "utf-8")
    return path


@pytest.fixture(scope="module")
def film(clip, tmp_path_factory) -> Path:
    """A picture a second of the clip, as pixels that no decoder can read otherwise."""
    path = tmp_path_factory.mktemp("film") / "film.nut"
    run("ffmpeg", "-v", "error", "-i", clip, "-an", "-vf", "fps=1", "-c:v", "rawvideo",
        "-pix_fmt", "rgb24", path)  # fmt: skip
    return path


@pytest.fixture(scope="module")
def pixels(film) -> Path:
    path = film.with_suffix(".rgb")
    run("ffmpeg", "-v", "error", "-i", film, "-f", "rawvideo", "-pix_fmt", "rgb24", path)
    return path


@pytest.fixture(scope="module")
def expected(clipclap, film) -> list[tuple[float, str, float]]:
    """What the program in the build tree says."""
    return best_labels(run(clipclap, "tag", film, "--every", 1, "--labels", ",".join(LABELS)))


def best_labels(lines: str) -> list[tuple[float, str, float]]:
    records = [json.loads(line) for line in lines.splitlines()]
    assert len(records) == 26
    return [
        (record["start"], record["labels"][0]["label"], record["labels"][0]["score"])
        for record in records
    ]


def check_rows(output: str, expected: list) -> None:
    rows = [line.split("\t") for line in output.splitlines()]
    assert [(float(start), label) for start, label, _ in rows] == [row[:2] for row in expected]
    for row, wanted in zip(rows, expected):
        assert abs(float(row[2]) - wanted[2]) <= 1e-6


def check_example(binary: Path, pixels: Path, expected: list, **options) -> None:
    with pixels.open("rb") as file:
        check_rows(run(binary, WIDTH, HEIGHT, *LABELS, stdin=file, **options), expected)


def environment(library_folder: Path) -> dict[str, str]:
    return os.environ | {
        "PKG_CONFIG_PATH": str(library_folder / "pkgconfig"),
        "LD_LIBRARY_PATH": str(library_folder),
    }


def test_the_labels_differ(expected):
    """Otherwise any would do."""
    assert {label for _, label, _ in expected} == set(LABELS)


def test_the_header_alone(prefix, tmp_path):
    source = tmp_path / "alone.c"
    source.write_text("#include <clipclap/clipclap.h>\n")
    for standard in ("c99", "c11", "c17"):
        run("cc", *STRICT[1:], f"-std={standard}", "-fsyntax-only", "-I", prefix / "include", source)


def test_by_cmake(prefix, example, pixels, expected, tmp_path):
    run("cmake", "-G", "Ninja", "-S", CONSUMER, "-B", tmp_path, f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DEXAMPLE={example}", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON")  # fmt: skip
    run("cmake", "--build", tmp_path)
    (command,) = json.loads((tmp_path / "compile_commands.json").read_text())
    assert "-std=c99" in command["command"] and "++" not in command["command"]
    check_example(tmp_path / "tags", pixels, expected)


def test_by_pkg_config(library_folder, example, pixels, expected, tmp_path):
    surroundings = environment(library_folder)
    flags = run("pkg-config", "--cflags", "--libs", "clipclap", env=surroundings)
    # pkg-config escapes the space in the prefix as a shell wants it.
    run("cc", *STRICT, example, "-o", tmp_path / "tags", *shlex.split(flags))
    check_example(tmp_path / "tags", pixels, expected, env=surroundings)


def test_the_pages_commands(library_folder, page, example, clip, expected, tmp_path):
    """As they stand, but that the program's folder has no space in its name, as $(…) demands."""
    (tmp_path / "installed").symlink_to(library_folder)
    shutil.copy(example, tmp_path / "tags.c")
    shutil.copy(clip, tmp_path / "film.mp4")
    (block,) = re.findall(r"^```console\n(.*?)^```", page, re.M | re.S)
    commands = [line.removeprefix("$ ") for line in block.splitlines()]
    output = run("bash", "-euo", "pipefail", "-c", "\n".join(commands), cwd=tmp_path,
                 env=environment(tmp_path / "installed"))  # fmt: skip
    check_rows(output, expected)


def test_what_the_library_exports(library_folder):
    """Nothing that could stand in for a symbol of another library in the same program."""
    names = run("nm", "-D", "--defined-only", "--format=just-symbols", library_folder / "libclipclap.so")
    readable = run("c++filt", input=names).splitlines()
    assert "clipclap_session_push_picture" in readable
    allowed = re.compile(r"clipclap_\w+|((typeinfo|typeinfo name|vtable) for )?clipclap::.*", re.A)
    assert [name for name in readable if not allowed.fullmatch(name)] == []


def test_every_function_of_the_header_is_exported(prefix, library_folder):
    header = (prefix / "include/clipclap/clipclap.h").read_text("utf-8")
    declared = set(re.findall(r"^CLIPCLAP_API[^;]*?\b(clipclap_\w+)\(", header, re.M))
    names = run("nm", "-D", "--defined-only", "--format=just-symbols", library_folder / "libclipclap.so")
    exported = {name for name in names.split() if name.startswith("clipclap_")}
    assert len(declared) > 40
    assert declared == exported
