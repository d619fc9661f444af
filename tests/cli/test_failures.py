"""Bad input gets one clear line and the right exit code, and the other inputs are still done."""

import json
import os
import shutil
from pathlib import Path

import pytest

SEES = ["--model", "embedded:demo", "-q"]
TAG = ["--labels", "cat,dog", *SEES]


@pytest.fixture
def bad_inputs(tmp_path, clip, picture, audio_only) -> list[Path]:
    made = {
        "empty.mp4": b"",
        "text.jpg": b"this is no picture\n" * 50,
        "zeros.mkv": bytes(10_000),
        "no-index.mp4": clip.read_bytes()[:3000],
        "header-only.png": picture.read_bytes()[:40],
    }
    for name, contents in made.items():
        (tmp_path / name).write_bytes(contents)
    (tmp_path / "folder").mkdir()
    shutil.copy(audio_only, tmp_path / "no-frames.mp4")
    paths = [tmp_path / name for name in (*made, "folder", "no-frames.mp4", "missing.mp4")]
    return [*paths, Path("http://127.0.0.1:9/none.mp4")]


def test_each_bad_input_is_one_line_that_names_it(run, bad_inputs, picture):
    for path in bad_inputs:
        result = run("tag", path, picture, *TAG)
        assert result.returncode == 1, path
        lines = result.stderr.splitlines()
        assert len(lines) == 1, result.stderr
        assert lines[0].startswith("clipclap: ") and str(path) in lines[0]
        assert [json.loads(line)["file"] for line in result.stdout.splitlines()] == [str(picture)]


def test_the_good_ones_among_bad_ones_are_done_in_order(run, bad_inputs, picture, clip):
    inputs = [clip, *bad_inputs[:4], picture, *bad_inputs[4:]]
    result = run("embed", *inputs, *SEES)
    assert result.returncode == 1
    files = list(dict.fromkeys(json.loads(line)["file"] for line in result.stdout.splitlines()))
    assert files == [str(clip), str(picture)]
    assert len(result.stderr.splitlines()) == len(bad_inputs)


def test_a_broken_end_keeps_what_was_before(run, tmp_path, clip):
    # Matroska has no index that the rest hangs on.
    whole = tmp_path / "whole.mkv"
    os.system(f"ffmpeg -nostdin -v error -i {clip} -c copy {whole}")
    broken = tmp_path / "broken.mkv"
    broken.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    result = run("tag", broken, *TAG)
    assert result.returncode in (0, 1)
    starts = [json.loads(line)["start"] for line in result.stdout.splitlines()]
    assert starts and starts == sorted(starts) and starts[0] == 0


@pytest.mark.parametrize("command", [["tag", "--labels", "cat"], ["embed"]])
def test_no_model_means_nothing_ran(run, tmp_path, picture, command):
    output = tmp_path / "out"
    (tmp_path / "empty").mkdir()
    for model in (tmp_path / "none", tmp_path / "empty", picture, "nobody/nothing"):
        result = run(*command, picture, "--model", model, "-o", output, env={"HF_HOME": "/nowhere"})
        assert (result.returncode, result.stdout) == (3, "")
        (line,) = result.stderr.splitlines()
        assert line.startswith("clipclap: ") and str(model) in line
        assert not output.exists()
        info = run("model", "info", model, env={"HF_HOME": "/nowhere"})
        assert (info.returncode, info.stdout) == (3, "")
        assert str(model) in info.stderr


def test_without_a_model_one_line_says_so(run, picture):
    for command in (["tag", picture, "--labels", "cat"], ["embed", "--text", "cat"]):
        result = run(*command)
        (line,) = result.stderr.splitlines()
        assert "demo model" in line and "--model" in line
        assert run(*command, "--quiet").stderr == ""


def test_names_cannot_break_the_line(run, tmp_path):
    result = run("tag", tmp_path / "a\nb\x1b[2J.mp4", *TAG)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1 and "\x1b" not in result.stderr


def test_texts_that_are_not_utf8_are_wrong_usage(run):
    result = run("embed", "--text", b"\xff", "-q")
    assert result.returncode == 2 and "UTF-8" in result.stderr
