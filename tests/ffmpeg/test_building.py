"""The overlay, and what becomes of it when it is linked."""

import os
import re
import shutil
import subprocess
import tarfile

import pytest
from graphs import FOLDER, ROOT
from graphs import LABELS

APPLY = ROOT / "integrations/ffmpeg/apply.sh"
TOUCHED = ["configure", "libavfilter/allfilters.c", "libavfilter/Makefile"]


@pytest.fixture
def stock(ffmpeg, tmp_path):
    """Of FFmpeg's own release, what the overlay changes."""
    release = (ffmpeg.folder / "source/RELEASE").read_text().strip()
    with tarfile.open(FOLDER / f"sources/ffmpeg_{release}.orig.tar.xz") as archive:
        for member in archive:
            name = member.name.partition("/")[2]
            if name in [*TOUCHED, "RELEASE"]:
                member.name = name
                archive.extract(member, tmp_path / "tree")
    return tmp_path / "tree"


def apply(*arguments):
    return subprocess.run(["sh", APPLY, *arguments], capture_output=True, text=True, check=False)


def contents(tree):
    return {path: path.read_bytes() for path in sorted(tree.rglob("*")) if path.is_file()}


def test_the_overlay_is_repeatable_and_can_be_undone(stock):
    before = contents(stock)
    first = apply(stock)
    assert first.returncode == 0 and first.stdout.count("done") > 10, first.stderr
    applied = contents(stock)
    times = {path: path.stat().st_mtime_ns for path in applied}
    again = apply(stock)
    assert again.returncode == 0 and again.stdout.count("nothing to do") == 3
    assert contents(stock) == applied
    assert {path: path.stat().st_mtime_ns for path in applied} == times
    assert apply("--undo", stock).returncode == 0
    assert contents(stock) == before


@pytest.mark.parametrize("name", TOUCHED)
def test_a_tree_that_is_not_known_is_left_alone(stock, name):
    file = stock / name
    text = file.read_text()
    for word in ("zvbi", "NULL_FILTER", "ff_vf_null"):
        text = text.replace(word, "another")
    file.write_text(text)
    before = file.read_bytes()
    refused = apply(stock)
    assert refused.returncode == 1 and str(file) in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert file.read_bytes() == before


def test_what_is_no_tree_is_refused(tmp_path):
    for arguments in ([], [tmp_path], ["--undo"]):
        refused = apply(*arguments)
        assert refused.returncode == 1 and refused.stderr.startswith("apply.sh: ")


LIBAV = r"(?:av|avcodec|avfilter|avformat|avio|avutil|avpriv|ff|sws|swscale|swr|swresample)_\w+"


def test_the_program_keeps_its_libraries_to_itself(ffmpeg):
    """libclipclap brings FFmpeg libraries of its own, of another version than the program's."""
    for program in ("ffmpeg", "ffprobe"):
        listed = subprocess.run(
            ["nm", "-D", "--defined-only", ffmpeg.folder / program],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert re.findall(rf" {LIBAV}", listed.stdout) == []


def test_each_finds_its_own_functions(ffmpeg, film, tmp_path):
    environment = os.environ | {
        "LD_DEBUG": "bindings", "LD_DEBUG_OUTPUT": str(tmp_path / "bindings"), "LD_BIND_NOW": "1"
    }  # fmt: skip
    done = ffmpeg.attempt("-v", "error", "-i", film("gray"), "-vf", f"clipclap={LABELS}", "-f", "null",
                          "-", env=environment)  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    pattern = rf"binding file (\S+) \[0\] to (\S+) \[0\]: normal symbol `({LIBAV})'"
    bound = [found for path in tmp_path.glob("bindings.*")
             for found in re.findall(pattern, path.read_text(errors="replace"))]  # fmt: skip
    assert len([symbol for user, _, symbol in bound if "libclipclap" in user]) > 20
    for user, giver, symbol in bound:
        assert re.search(r"/lib(av|sw)\w+\.so\.\d+$", giver), (user, giver, symbol)
        assert not user.endswith(("/ffmpeg", "/ffprobe")), (user, giver, symbol)


def test_no_file_of_the_overlay_names_the_tests_filter():
    folder = ROOT / "integrations/ffmpeg"
    assert shutil.which("nm")
    assert not any("testboxes" in path.read_text("utf-8") for path in folder.iterdir())
