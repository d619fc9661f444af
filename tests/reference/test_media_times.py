"""Which frames are taken and when they stand, against ffprobe."""

import subprocess
from fractions import Fraction

import pytest
from media_probe import X264, Probe, encode, ffmpeg, frame_times, frames

CLIP = "testsrc2=s=160x120:r=25:d=4"
TOLERANCE = 1e-6  # ffprobe prints microseconds


@pytest.fixture
def probe(tools, tmp_path):
    return Probe(tools / "media_probe", tmp_path)


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    """Makes each piece of material once."""
    made = {}

    def get(name):
        if name not in made:
            made[name] = MATERIAL[name](tmp_path_factory.mktemp("material"))
        return made[name]

    return get


def variable_rate(folder):
    """Frames at irregular times, with a gap of more than two seconds."""
    return encode(
        folder / "variable.mkv", "testsrc2=s=160x120:r=25:d=9",
        "-vf", r"select='not(between(n\,40\,110))*(gt(mod(n\,7)\,2)+eq(mod(n\,11)\,0))'",
        "-vsync", "vfr", *X264,
    )




def make_h264(folder, name, source=CLIP, *options):
    return encode(folder / name, source, *X264, *options)


def clip_that_starts_at(seconds):
    def make(folder):
        return make_h264(folder, "shifted.mp4", CLIP, "-output_ts_offset", str(seconds))
    return make


def copied_from_the_middle(folder):
    """An edit list: the copy begins at a key frame before the cut."""
    source = make_h264(folder, "whole.mp4")
    ffmpeg("-ss", "1.3", "-i", source, "-c", "copy", folder / "edited.mp4")
    return folder / "edited.mp4"


def offset_by_itsoffset(folder):
    source = make_h264(folder, "whole.mp4")
    ffmpeg("-itsoffset", "2.5", "-i", source, "-c", "copy", folder / "offset.mp4")
    return folder / "offset.mp4"


MATERIAL = {
    "mp4": lambda folder: make_h264(folder, "a.mp4"),
    "mkv": lambda folder: make_h264(folder, "a.mkv"),
    "ts": lambda folder: make_h264(folder, "a.ts"),
    "flv": lambda folder: make_h264(folder, "a.flv"),
    "mov 29.97": lambda folder: make_h264(folder, "a.mov", "testsrc2=s=160x120:r=30000/1001:d=5"),
    "mkv 23.976": lambda folder: make_h264(folder, "b.mkv", "testsrc2=s=160x120:r=24000/1001:d=5"),
    "fragmented mp4": lambda folder: make_h264(folder, "f.mp4", CLIP, "-movflags", "frag_keyframe+empty_moov"),
    "variable rate": variable_rate,
    "shifted": clip_that_starts_at(3.3),
    "edit list": copied_from_the_middle,
    "itsoffset": offset_by_itsoffset,
    "mpeg-2 program stream": lambda folder: encode(folder / "a.mpg", CLIP, "-c:v", "mpeg2video", "-bf", "2"),
    "vp9 webm": lambda folder: encode(folder / "a.webm", CLIP, "-c:v", "libvpx-vp9", "-deadline", "realtime"),
    "av1": lambda folder: encode(folder / "av1.mkv", "testsrc2=s=160x120:r=10:d=3", "-c:v", "libsvtav1", "-preset", "12"),
    "hevc": lambda folder: encode(folder / "hevc.mp4", CLIP, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=20"),
    "mpeg-4 avi": lambda folder: encode(folder / "a.avi", CLIP, "-c:v", "mpeg4", "-g", "12"),
    "mpeg-4 avi with B-frames": lambda folder: encode(folder / "b.avi", CLIP, "-c:v", "mpeg4", "-bf", "2", "-g", "12"),
    "gif": lambda folder: encode(folder / "a.gif", "testsrc2=s=80x60:r=10:d=3"),
    "apng": lambda folder: encode(folder / "a.apng", "testsrc2=s=80x60:r=10:d=3", "-plays", "0"),
    "motion jpeg": lambda folder: encode(folder / "mj.avi", CLIP, "-c:v", "mjpeg"),
    "y4m": lambda folder: encode(folder / "a.y4m", CLIP, "-pix_fmt", "yuv420p"),
}


@pytest.fixture(params=MATERIAL)
def video(request, gallery):
    return gallery(request.param)


def grid(times, interval):
    """The contract, in exact arithmetic: the first frame, then the first at or after each multiple."""
    taken, next_multiple = [], 0
    for time in times:
        if time - times[0] >= next_multiple * interval:
            taken.append(time)
            next_multiple = (time - times[0]) // interval + 1
    return taken


def exact_times(video):
    command = ["ffprobe", "-v", "error", "-select_streams", "V:0", "-show_entries", "stream=time_base", "-of", "csv=p=0", str(video)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[0].strip(",")
    times = [
        int(frame["best_effort_timestamp"]) * Fraction(text)
        for frame in frames(video)
        if "best_effort_timestamp" in frame
    ]
    # The last frames of an AVI with B-frames have none: they follow at the rate.
    return times + [times[-1] + (times[-1] - times[-2]) * i for i in range(1, len(frames(video)) - len(times) + 1)]


def times_of(video):
    return [float(time) for time in exact_times(video)]


def test_every_frame_stands_where_ffprobe_puts_it(probe, video):
    reading = probe.read(video)
    assert reading.error is None
    assert reading.head["kind"] == "video" and reading.head["stream"] == "v:0"
    assert reading.starts == pytest.approx(times_of(video), abs=TOLERANCE)
    assert reading.ends[:-1] == reading.starts[1:]
    assert reading.ends[-1] > reading.starts[-1]


def test_threads_change_nothing(probe, video):
    one, four = probe.read(video, threads=1), probe.read(video, threads=4)
    assert one.pictures == four.pictures
    assert all((a == b).all() for a, b in zip(one.rgb, four.rgb))


def test_interval_takes_the_first_frame_at_or_after_each_multiple(probe, video):
    times = exact_times(video)
    for every in ("1s", "500ms", "0.1s", "0.3s", "40ms", "0.0333s", "0.05m", "1000s"):
        unit = {"ms": Fraction(1, 1000), "m": 60, "s": 1}["ms" if every.endswith("ms") else every[-1]]
        interval = Fraction(every.rstrip("ms")) * unit
        reading = probe.read(video, every=every)
        expected = [float(time) for time in grid(times, interval)]
        assert reading.starts == pytest.approx(expected, abs=1e-9), every
        assert reading.ends[:-1] == reading.starts[1:]


def test_every_nth_counts_decoded_frames(probe, video):
    times = times_of(video)
    for step in (2, 7, 1000):
        assert probe.read(video, every=str(step)).starts == pytest.approx(times[::step], abs=TOLERANCE)


def test_keyframes_are_those_of_ffprobe(probe, video):
    seen = frames(video)
    if video.suffix == ".apng":
        seen = seen[:1]  # the decoder calls every frame a key frame, the container only the first
    reading = probe.read(video, every="keyframes")
    assert reading.error is None
    times = [float(frame["best_effort_timestamp_time"]) for frame in seen if frame["key_frame"] == 1]
    assert reading.starts == pytest.approx(times, abs=TOLERANCE)
    whole = probe.read(video)
    by_time = dict(zip(whole.starts, whole.rgb))
    assert all((by_time[start] == rgb).all() for start, rgb in zip(reading.starts, reading.rgb))


def test_the_last_window_ends_with_the_stream(probe, tmp_path):
    video = make_h264(tmp_path, "a.mp4")
    last = frames(video)[-1]
    end = float(last["pts_time"]) + float(last.get("pkt_duration_time") or last["duration_time"])
    for every in ("1", "1s", "3s", "keyframes"):
        assert probe.read(video, every=every).ends[-1] == pytest.approx(end, abs=TOLERANCE)


@pytest.mark.parametrize("rate", [25, 10])
def test_a_stream_without_times_is_counted(probe, tmp_path, rate):
    """ffprobe has no times for raw H.264; its container-free frames follow each other at the rate."""
    video = make_h264(tmp_path, "a.h264", f"testsrc2=s=160x120:r={rate}:d=4")
    seen = frames(video)
    assert "best_effort_timestamp_time" not in seen[0]
    durations = [float(frame.get("pkt_duration_time") or frame["duration_time"]) for frame in seen]
    expected = [sum(durations[:i]) for i in range(len(durations))]
    assert probe.read(video).starts == pytest.approx(expected, abs=1e-4)
    keys = [time for time, frame in zip(expected, seen) if frame["key_frame"] == 1]
    assert probe.read(video, every="keyframes").starts == pytest.approx(keys, abs=1e-4)


def test_times_go_on_where_a_joined_file_jumps_back(probe, tmp_path):
    a, b = make_h264(tmp_path, "a.ts"), make_h264(tmp_path, "b.ts", "testsrc2=s=200x100:r=25:d=2")
    joined = tmp_path / "joined.ts"
    joined.write_bytes(a.read_bytes() + b.read_bytes())
    reading = probe.read(joined)
    assert reading.starts == sorted(reading.starts)
    assert reading.starts[:100] == pytest.approx(frame_times(a), abs=TOLERANCE)
    jumps = [later - earlier for earlier, later in zip(reading.starts, reading.starts[1:])]
    assert max(jumps) < 0.1
    assert len(reading.warnings) == 1 and "jumps back" in reading.warnings[0]
    sizes = {(picture["width"], picture["height"]) for picture in reading.pictures}
    assert sizes == {(160, 120), (200, 100)}


def test_a_change_of_size_and_pixel_format_within_a_stream(probe, tmp_path):
    parts = [
        make_h264(tmp_path, "a.h264", "testsrc2=s=160x120:r=25:d=1", "-pix_fmt", "yuv420p"),
        make_h264(tmp_path, "b.h264", "testsrc2=s=96x200:r=25:d=1", "-pix_fmt", "yuv444p"),
        make_h264(tmp_path, "c.h264", "testsrc2=s=64x48:r=25:d=1", "-pix_fmt", "yuv420p10le"),
    ]
    joined = tmp_path / "joined.h264"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    reading = probe.read(joined)
    pieces = [picture for part in parts for picture in probe.read(part).rgb]
    assert len(reading.rgb) == len(pieces)
    assert all(a.shape == b.shape and (a == b).all() for a, b in zip(reading.rgb, pieces))


def test_progress_numbers(probe, tmp_path):
    head = probe.read(make_h264(tmp_path, "a.ts"), every="1s").head
    assert head["duration"] == pytest.approx(4, abs=0.1)
    assert head["stream_start"] == pytest.approx(frame_times(tmp_path / "a.ts")[0], abs=TOLERANCE)


def test_memory_does_not_grow_with_length(tools, tmp_path):
    def peak(seconds):
        video = encode(tmp_path / f"{seconds}.mp4", f"testsrc2=s=320x240:r=25:d={seconds}", *X264)
        command = ["/usr/bin/env", "python3", "-c", "import resource,subprocess,sys;subprocess.run(sys.argv[1:],check=True,stdout=subprocess.DEVNULL);print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"]
        run = subprocess.run([*command, tools / "media_probe", "read", video, "every=1", "threads=1"], check=True, capture_output=True, text=True)
        return int(run.stdout)
    assert peak(120) < 1.05 * peak(6)
