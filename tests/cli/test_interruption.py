"""Ctrl-C and its relatives: stopped within a second, nothing half-written left behind."""

import os
import signal
import subprocess
import time

import pytest
from surroundings import environment
from pseudo_terminal import PseudoTerminal, final_lines

PATIENCE_SECONDS = 1.5  # a second, and half a one for a busy machine


def wait_for(condition, process) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)


def part_of(output) -> bool:
    """The temporary file beside an output that is being written; empty ones count."""
    return any(path.name.endswith(".part") for path in output.parent.iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_work(clipclap, tmp_path, long_clip, number):
    output = tmp_path / "out"
    output.write_text("old")
    command = [clipclap, "tag", long_clip, "--labels", "cat", "--every", "1", "-o", output]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env=environment(), text=True)
    wait_for(lambda: part_of(output), process)
    sent = time.monotonic()
    process.send_signal(number)
    code = process.wait(timeout=30)
    assert time.monotonic() - sent < PATIENCE_SECONDS
    assert code == 128 + number
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    assert output.read_text() == "old"
    assert os.listdir(tmp_path) == ["out"]


def test_a_terminal_is_left_clean(clipclap, long_clip):
    terminal = PseudoTerminal([clipclap, "tag", long_clip, "--labels", "cat", "--every", "1"])
    terminal.read_until("windows/s")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.finish() == 130
    lines = final_lines(terminal.text())
    assert lines[-2:] == ["clipclap: stopped", ""]
    assert not any("windows/s" in line for line in lines)


def test_a_wait_that_nobody_ends_is_ended(clipclap, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # opening it waits for a writer that does not come
    output = tmp_path / "out"
    process = subprocess.Popen(
        [clipclap, "tag", pipe, "--labels", "cat", "-o", output], env=environment()
    )
    wait_for(lambda: part_of(output), process)
    time.sleep(1)
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert time.monotonic() - sent < PATIENCE_SECONDS
    assert os.listdir(tmp_path) == ["pipe"]


def test_a_second_signal_ends_it_at_once(clipclap, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    output = tmp_path / "out"
    process = subprocess.Popen(
        [clipclap, "tag", pipe, "--labels", "cat", "-o", output], env=environment()
    )
    wait_for(lambda: part_of(output), process)
    time.sleep(1)
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert time.monotonic() - sent < 0.7


def test_a_job_that_ignores_the_signal_goes_on(clipclap, clip):
    def ignore():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    process = subprocess.Popen(
        [clipclap, "tag", clip, "--labels", "cat", "-q"],
        stdout=subprocess.PIPE,
        env=environment(),
        preexec_fn=ignore,
    )
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    lines = process.communicate(timeout=60)[0].splitlines()
    assert (process.returncode, len(lines)) == (0, 4)
