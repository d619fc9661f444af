"""Whoever takes frames slowly makes the filters wait, not the memory grow."""

import re
import subprocess
import time
from pathlib import Path

import pytest
from graphs import LABELS

HELD_MIB = 16
#: Of 1280×720 in yuv420p.
FRAME_BYTES = 1280 * 720 * 3 // 2


def peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def run_slowly(ffmpeg, graph: str, frames: int) -> float:
    """The peak of a run whose frames are taken ten times as slowly as they could be made."""
    command = [ffmpeg.folder / "ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i",
               "color=size=1280x720:rate=25", "-frames:v", str(frames), "-vf", graph, "-f", "rawvideo",
               "-pix_fmt", "yuv420p", "-"]  # fmt: skip
    taken = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        while taken < frames * FRAME_BYTES:
            taken += len(process.stdout.read(FRAME_BYTES))
            peak = peak_mib(process.pid)
            time.sleep(0.01)
        assert process.stdout.read() == b""
    assert process.returncode == 0 and taken == frames * FRAME_BYTES
    return peak


@pytest.mark.parametrize("options", ["", ":batch=256:nireq=64", ":every=50"])
def test_memory_is_bounded(ffmpeg, options):
    graph = f"clipclap={LABELS}:held_megabytes={HELD_MIB}{options}"
    few, many = (run_slowly(ffmpeg, graph, frames) for frames in (30, 330))
    # Unbounded, 300 frames more are 400 MiB more.
    assert many < few + 2 * HELD_MIB, (few, many)
