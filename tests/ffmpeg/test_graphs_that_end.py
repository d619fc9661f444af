"""How graphs end: failing models, interruption, loops, and what they share until then."""

import csv
import io
import re
import signal
import subprocess

import pytest
from graphs import LABELS, read_metadata

pytestmark = pytest.mark.memory
KEY = "lavfi.clipclap"


@pytest.mark.parametrize("waiting", ["async=1", "async=0", "batch=1"])
def test_a_model_that_fails_fails_the_graph(ffmpeg, black_and_white, talkative, waiting):
    graph = "clipclap=" + ":".join([*talkative(), "labels='a,b'", waiting])
    done = ffmpeg.attempt("-v", "error", "-i", black_and_white, "-vf", graph, "-f", "framemd5", "-")
    # ffmpeg 5.1 forgives what fails when its input has ended.
    assert done.returncode > 0 or (ffmpeg.version == "5.1" and waiting != "async=0")
    told = [line for line in done.stderr.decode().splitlines() if "[Parsed_clipclap_0 @" in line]
    assert len(told) == 1 and "model0.pt: fails on [1, 3, " in told[0] and "too bright" in told[0]
    assert b"Traceback" not in done.stderr
    assert done.stdout.count(b"\n0,") < 8


def test_a_model_that_fails_may_be_passed_over(ffmpeg, black_and_white, talkative):
    graph = "clipclap=" + ":".join([*talkative(), "labels='a,b'", "batch=1", "on_error=skip"])
    done = ffmpeg.attempt("-v", "warning", "-i", black_and_white, "-vf",
                          f"metadata=add:key=k:value=v,{graph},metadata=print:file=-", "-f", "null", "-")  # fmt: skip
    assert done.returncode == 0 and done.stderr.decode().count("frames pass without results") == 1
    frames = read_metadata(done.stdout.decode())
    assert [f"{KEY}.count" in frame for frame in frames] == [True] * 4 + [False] + [True] * 3


def test_an_interrupted_run_has_its_summary(ffmpeg, tmp_path):
    summary = tmp_path / "summary.csv"
    graph = f"clipclap={LABELS}:summary={summary},metadata=print:file=-:direct=1"
    command = [ffmpeg.folder / "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=64x48", "-vf",
               graph, "-f", "null", "-"]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        for _ in range(30):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.stdout.read()
    assert process.returncode == 255
    rows = list(csv.DictReader(io.StringIO(summary.read_text("utf-8"))))
    assert len(rows) == 3 and all(int(row["windows"]) >= 2 for row in rows)


@pytest.mark.parametrize("every", ["1", "1s"])
def test_a_film_in_a_loop(ffmpeg, film, every):
    frames = ffmpeg.frames(film("gray"), f"clipclap={LABELS}:every={every}",
                           before=("-stream_loop", "2"))  # fmt: skip
    assert len([frame for frame in frames if f"{KEY}.count" in frame]) == (36 if every == "1" else 9)


def test_a_stream_that_ends_with_another(ffmpeg, film, sound, tmp_path):
    out = tmp_path / "out.nut"
    ffmpeg.run("-i", film("gray"), "-i", sound, "-vf", f"clipclap={LABELS}:batch=64", "-af",
               "aclipclap=labels='piano,speech'", "-shortest", "-c:v", "rawvideo", "-c:a", "pcm_s16le",
               out)  # fmt: skip
    assert len(ffmpeg.checksums(out, "null", "-an")) == len(ffmpeg.checksums(film("gray"), "null"))


def test_filters_of_a_graph_share_a_model(ffmpeg, film, talkative):
    """It is tried when it is loaded, with three texts."""
    options = ":".join(talkative())
    graph = f"clipclap={options}:labels='a,b,c,d',clipclap={options}:labels='e,f,g,h,i':key=k"
    text = ffmpeg.run("-i", film("rgb24"), "-vf", graph, "-f", "null", "-")
    alone = ffmpeg.run("-i", film("rgb24"), "-vf", f"clipclap={options}:labels='a,b,c,d'", "-f", "null",
                       "-")  # fmt: skip
    tried = len(re.findall(r"given \d+ 3\n", alone))
    assert tried > 0 and len(re.findall(r"given \d+ 3\n", text)) == tried
    assert all(len(re.findall(rf"given \d+ {count}\n", text)) == 1 for count in (4, 5))
