"""Where results go: whole files or none, pipes as they come, and no write error in silence."""

import json
import os
import signal
import subprocess
import time

import pytest
from surroundings import environment

TAG = ["--labels", "cat,dog", "-q"]


def test_a_file_is_what_standard_output_would_be(run, tmp_path, clip):
    output = tmp_path / "out.jsonl"
    plain = run("tag", clip, *TAG)
    assert plain.stdout
    for path in (output, "/dev/stdout", "/dev/fd/1", "-"):
        result = run("tag", clip, *TAG, "-o", path)
        assert (result.returncode, result.stderr) == (0, "")
        assert (output.read_text() if path == output else result.stdout) == plain.stdout
    assert os.listdir(tmp_path) == ["out.jsonl"]


def test_a_path_that_cannot_be_written_is_found_first(run, tmp_path, picture):
    for path in (tmp_path, tmp_path / "no/such", "", "/proc/none"):
        # The model does not exist: that the path is complained about shows the order.
        result = run("tag", picture, *TAG, "-o", path, "--model", tmp_path / "none")
        assert (result.returncode, result.stdout) == (3, "")
        (line,) = result.stderr.splitlines()
        assert "cannot write" in line and str(path) in line


def test_a_full_disk_is_an_error(run, clip):
    with open("/dev/full", "w") as full:
        for command in (
            ["tag", clip, *TAG],
            ["embed", "--text", "cat"],
            ["tokenize", "--text", "cat"],
            ["model", "info"],
            ["--help"],
            ["--version"],
            ["completion", "bash"],
        ):
            result = run(*command, stdout=full)
            assert result.returncode == 3, command
            assert "No space left" in result.stderr.splitlines()[-1]
    assert run("tag", clip, *TAG, "-o", "/dev/full").returncode == 3
    result = run("tag", clip, *TAG, stdout=None, preexec_fn=lambda: os.close(1))
    assert result.returncode == 3


def test_a_reader_that_leaves_ends_it_quietly(clipclap, long_clip):
    for command in (["tag", long_clip, *TAG, "--every", "1"], ["--help"]):
        process = subprocess.Popen(
            [clipclap, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == b""
        process.stderr.close()


def test_records_come_as_they_are_known(clipclap, long_clip):
    with subprocess.Popen(
        [clipclap, "tag", long_clip, *TAG, "--every", "1"],
        stdout=subprocess.PIPE,
        env=environment(),
    ) as process:
        record = json.loads(process.stdout.readline())
        assert process.poll() is None
        process.kill()
    assert record["start"] == 0


def test_a_killed_run_leaves_the_old_file(clipclap, tmp_path, long_clip):
    output = tmp_path / "out"
    output.write_text("old")
    process = subprocess.Popen(
        [clipclap, "tag", long_clip, *TAG, "--every", "1", "-o", output], env=environment()
    )
    deadline = time.monotonic() + 60
    while not any(path != output and path.stat().st_size for path in tmp_path.iterdir()):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert output.read_text() == "old"


def test_failed_inputs_do_not_empty_an_old_file(run, tmp_path, picture):
    output = tmp_path / "out"
    output.write_text("old")
    assert run("tag", "missing.mp4", *TAG, "-o", output).returncode == 1
    assert output.read_text() == "old"
    assert run("tag", "missing.mp4", picture, *TAG, "-o", output).returncode == 1
    assert json.loads(output.read_text())["file"] == str(picture)
    assert os.listdir(tmp_path) == ["out"]


def test_links_and_permissions_stay(run, tmp_path, picture):
    target = tmp_path / "target"
    target.write_text("old")
    target.chmod(0o640)
    link = tmp_path / "link"
    link.symlink_to("target")
    assert run("tag", picture, *TAG, "-o", link).returncode == 0
    assert link.is_symlink() and target.stat().st_mode & 0o777 == 0o640
    assert json.loads(target.read_text())["file"] == str(picture)


def test_named_pipes_are_written(run, tmp_path, picture):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        assert run("tag", picture, *TAG, "-o", pipe).returncode == 0
        assert json.loads(reader.stdout.read())["file"] == str(picture)


def test_appending_keeps_what_is_there(run, tmp_path, picture):
    log = tmp_path / "log"
    log.write_text("first\n")
    with log.open("a") as stream:
        run("tag", picture, *TAG, "-o", "/dev/stdout", stdout=stream)
    lines = log.read_text().splitlines()
    assert lines[0] == "first" and json.loads(lines[1])["file"] == str(picture)


@pytest.mark.parametrize("format_name", ["jsonl", "table"])
def test_the_form_can_be_asked_for(run, picture, format_name):
    result = run("tag", picture, *TAG, "--format", format_name)
    assert result.returncode == 0
    assert result.stdout.startswith("{" if format_name == "jsonl" else str(picture))
    assert "\x1b" not in result.stdout
