"""What a user waits for and what the machine must hold: the program from start to end."""

import os
import statistics
import subprocess
import time

STARTS = 7
SHORT_SECONDS = 10
LONG_SECONDS = 600


def start_to_result(program, folder, picture):
    """Seconds from the start of the program to the labels of one picture."""
    command = [program, "tag", "--model", folder, "--labels", "cat,dog,apple", picture]
    times = []
    for _ in range(STARTS):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return {"median": statistics.median(times), "spread": [min(times), max(times)]}


def make_clip(source, path, seconds):
    """`seconds` of the film, begun again as often as that takes."""
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", "-y", "-stream_loop", "-1", "-i", source,
         "-t", str(seconds), "-c", "copy", path],
        check=True,
    )  # fmt: skip


def peak_mebibytes(program, clip):
    """The most memory that tagging every frame of the clip held at once."""
    command = [program, "tag", "-q", "--every", "1", "--labels", "people,empty street", clip]
    with open(os.devnull, "w") as nothing:
        process = subprocess.Popen(command, stdout=nothing)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss / 1024


def memory(program, film, folder):
    peaks = {}
    for seconds in (SHORT_SECONDS, LONG_SECONDS):
        clip = folder / f"film_{seconds}.mkv"
        make_clip(film, clip, seconds)
        peaks[seconds] = peak_mebibytes(program, clip)
    return {
        "short_seconds": SHORT_SECONDS,
        "long_seconds": LONG_SECONDS,
        "short_mebibytes": peaks[SHORT_SECONDS],
        "long_mebibytes": peaks[LONG_SECONDS],
        "growth": peaks[LONG_SECONDS] / peaks[SHORT_SECONDS] - 1,
    }
