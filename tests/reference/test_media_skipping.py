"""Not decoding what sampling does not need changes no sampled frame."""

import pytest
from media_probe import Probe, encode, frames

#: A moving picture whose every frame differs, scene cuts among them.
SOURCE = "testsrc2=s=176x144:r=25:d=14,hue=H=2*PI*floor(t/3.1)/5"
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-threads", "1")
FILMS = {
    "x264.mp4": X264,
    "x264-open-gop.mkv": (*X264, "-x264-params", "open-gop=1:keyint=40:bframes=4:b-pyramid=normal"),
    "x264-short-gop.mp4": (*X264, "-g", "10", "-bf", "2"),
    "x264-no-b.ts": (*X264, "-bf", "0", "-g", "30"),
    "x264-refresh.ts": (*X264, "-x264-params", "intra-refresh=1:keyint=30"),
    "x264-fields.mp4": (*X264, "-flags", "+ildct+ilme", "-g", "40"),
    "x265.mp4": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=40:bframes=4:open-gop=1"),
    "mpeg2.ts": ("-c:v", "mpeg2video", "-bf", "2", "-g", "15", "-q:v", "3"),
    "mpeg4.mp4": ("-c:v", "mpeg4", "-bf", "2", "-g", "25", "-q:v", "3"),
    "mpeg4.avi": ("-c:v", "mpeg4", "-g", "25", "-q:v", "3"),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "40", "-b:v", "400k"),
    "mjpeg.mkv": ("-c:v", "mjpeg", "-q:v", "3"),
    "ffv1.mkv": ("-c:v", "ffv1"),
}


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    made = {}

    def make(name):
        if name not in made:
            made[name] = encode(folder / name, SOURCE, "-pix_fmt", "yuvj420p" if name == "mjpeg.mkv" else "yuv420p", *FILMS[name])
        return made[name]

    return make


def first_at_or_after_multiples(starts, interval):
    taken, due = [], 0
    for i, start in enumerate(starts):
        passed = (start - starts[0]) / interval + 1e-9
        if passed >= due:
            taken.append(i)
            due = int(passed) + 1
    return taken


@pytest.mark.parametrize("threads", [1, 3, 8])
@pytest.mark.parametrize("name", FILMS)
def test_sampled_frames_are_the_same(tools, tmp_path, film, name, threads):
    probe = Probe(tools / "media_probe", tmp_path)
    every = probe.read(film(name), every="1", threads=threads)
    assert len(every.starts) >= 345
    for interval in (0.12, 0.5, 1.5, 4):
        wanted = first_at_or_after_multiples(every.starts, interval)
        got = probe.read(film(name), every=f"{interval}s", threads=threads)
        assert got.warnings == every.warnings
        assert got.starts == [every.starts[i] for i in wanted]
        assert got.ends[-1] == pytest.approx(every.ends[-1], abs=1e-6)
        for i, pixels in zip(wanted, got.rgb):
            assert (pixels == every.rgb[i]).all(), (interval, every.starts[i])


def test_through_a_pipe(tools, tmp_path, film):
    """Nothing is waited for that a live source would bring late."""
    probe = Probe(tools / "media_probe", tmp_path)
    path = film("x264-open-gop.mkv")
    from_file, from_pipe = probe.read(path, every="1s"), probe.read("-", stdin=path, every="1s")
    assert from_pipe.starts == from_file.starts
    assert all((a == b).all() for a, b in zip(from_file.rgb, from_pipe.rgb))


@pytest.mark.parametrize("threads", [1, 3, 8])
@pytest.mark.parametrize("name", FILMS)
def test_fast_frames_are_the_file_s_own_near_by(tools, tmp_path, film, name, threads):
    """One for each multiple; its pixels are exact, and its time is off by what is said of it."""
    probe = Probe(tools / "media_probe", tmp_path)
    every = probe.read(film(name), every="1", threads=threads)
    pixels = dict(zip(every.starts, every.rgb))
    keys = [float(frame["best_effort_timestamp_time"]) for frame in frames(film(name)) if frame["key_frame"]]
    for interval in (0.5, 1.5, 4):
        got = probe.read(film(name), every=f"{interval}s", threads=threads, fast=True)
        due = [every.starts[0] + interval * i for i in range(len(got.starts))]
        exact = first_at_or_after_multiples(every.starts, interval)
        assert abs(len(got.starts) - len(exact)) <= 1
        assert got.starts[0] == every.starts[0]
        for start, time, picture in zip(got.starts, due, got.rgb):
            is_key = any(abs(key - start) < 1e-4 for key in keys)
            assert -interval / 2 - 1e-6 <= start - time <= interval / 2 + 8 / 25  # frames a second
            assert is_key or start >= time - 1e-6
            assert (picture == pixels[start]).all(), (interval, start)
        near = [time for time in due if any(abs(key - time) <= interval / 2 - 0.04 for key in keys)]
        taken = [start for start in got.starts if any(abs(key - start) < 1e-4 for key in keys)]
        # What key frames of these begin is not known before it is decoded.
        assert len(taken) >= len(near) or name in ("x264-open-gop.mkv", "ffv1.mkv")


def test_fast_decodes_less(tools, tmp_path):
    """Of a film whose key frames are where the samples are, nothing else."""
    path = encode(tmp_path / "film.mp4", SOURCE, *X264, "-x264-params", "keyint=25:min-keyint=25:scenecut=0")
    probe = Probe(tools / "media_probe", tmp_path)
    assert probe.read(path, every="1s", fast=True).starts == probe.read(path, every="keyframes").starts
