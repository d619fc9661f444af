"""aclipclap: sound passes as it came, and carries what the command line says of the same sound."""

import json
import re

import pytest
from graphs import assert_same_labels, labels_of

KEY = "lavfi.aclipclap"
WORDS = ["piano", "speech", "flute"]
LABELS = "labels='" + ",".join(WORDS) + "'"
WINDOWS = ("--window", "4s", "--hop", "2s")
GRAPH = f"aclipclap={LABELS}:window=4:hop=2"
FORMATS = ["s16:stereo", "flt:stereo", "fltp:stereo", "fltp:mono", "s16p:5.1", "dbl:mono", "u8:stereo"]


def converted(form: str) -> str:
    sample_format, layout = form.split(":")
    return f"aformat=sample_fmts={sample_format}:channel_layouts={layout}"


def heard(frames):
    return [frame for frame in frames if f"{KEY}.count" in frame]


def assert_same_windows(frames, records, tolerance=1e-6):
    frames = heard(frames)
    assert len(frames) == len(records) > 5
    for frame, record in zip(frames, records, strict=True):
        for edge in ("start", "end"):
            assert float(frame[f"{KEY}.{edge}"]) == pytest.approx(record[edge], abs=2e-5)
        assert_same_labels(labels_of(frame, KEY), record["labels"], tolerance)


@pytest.mark.parametrize("form", FORMATS)
def test_sound_passes_unchanged(ffmpeg, sound, form):
    shape = ("-af", f"{converted(form)},anull", "-f", "framemd5", "-c:a", "pcm_f32le", "-")
    plain = ffmpeg.run("-i", sound, *shape)
    passed = ffmpeg.run("-i", sound, "-af", f"{converted(form)},{GRAPH}", *shape[2:])
    assert passed == plain and plain.count("\n0,") > 100


@pytest.mark.parametrize("form", FORMATS)
def test_scores_are_the_command_lines(ffmpeg, sound, tag, tmp_path, form):
    """Of the same samples: the program hears a file in the format that the filter is given."""
    path = tmp_path / "sound.nut"
    codec = {"s16": "pcm_s16le", "s16p": "pcm_s16le"}.get(form.split(":")[0], "pcm_f32le")
    ffmpeg.run("-i", sound, "-af", converted(form), "-c:a", codec, path)
    records = tag(path, "--model", "embedded:demo-audio", "--labels", ",".join(WORDS), *WINDOWS)
    assert_same_windows(ffmpeg.frames(path, f"{converted(form)},{GRAPH}"), records)


@pytest.mark.parametrize("size", [100, 1000, 4800, 500_000])
@pytest.mark.parametrize("options", ["async=1", "async=0", "held_seconds=0", "held_seconds=100:batch=3"])
def test_frames_of_any_length(ffmpeg, sound, tag, size, options):
    graph = f"asetnsamples={size}:p=0,{GRAPH}:{options}:output=-"
    text = ffmpeg.run("-i", sound, "-af", graph, "-f", "null", "-")
    records = tag(sound, "--model", "embedded:demo-audio", "--labels", ",".join(WORDS), *WINDOWS)
    lines = [json.loads(line) for line in text.splitlines()]
    assert len(lines) == len(records)
    for line, record in zip(lines, records, strict=True):
        assert line["start"] == pytest.approx(record["start"], abs=2e-5)
        assert_same_labels(line["labels"], record["labels"])


def test_a_window_is_told_by_the_frame_in_which_it_ends(ffmpeg, sound):
    for options in ("async=1", "async=0", "batch=4:held_seconds=60"):
        frames = ffmpeg.frames(sound, f"asetnsamples=1000:p=0,{GRAPH}:{options}")
        for frame in heard(frames):
            start = float(frame["pts_time"])
            end = float(frame[f"{KEY}.end"])
            assert start + 1e-3 < end <= start + 1000 / 48000 + 1e-3


@pytest.mark.memory
def test_the_end_is_heard(ffmpeg, sound):
    """The last window ends with the sound; sound below a window is one."""
    assert float(heard(ffmpeg.frames(sound, GRAPH))[-1][f"{KEY}.end"]) == pytest.approx(25.3, abs=1e-4)
    (frame,) = heard(ffmpeg.frames(sound, f"atrim=end=1.5,{GRAPH}"))
    assert float(frame[f"{KEY}.start"]) == 0
    assert float(frame[f"{KEY}.end"]) == pytest.approx(1.5, abs=1e-4)


def test_silence_is_told(ffmpeg, tmp_path):
    silence = tmp_path / "silence.wav"
    ffmpeg.run("-f", "lavfi", "-i", "aevalsrc=0:d=25.3:s=48000", "-c:a", "pcm_f32le", silence)
    frames = heard(ffmpeg.frames(silence, GRAPH))
    assert frames and all(frame[f"{KEY}.silent"] == "1" for frame in frames)
    assert all(labels_of(frame, KEY) == [] for frame in frames)
    scored = heard(ffmpeg.frames(silence, f"{GRAPH}:silence_floor=-inf"))
    assert len(scored) == len(frames)
    assert all(len(labels_of(frame, KEY)) == len(WORDS) for frame in scored)


def test_timeline(ffmpeg, sound):
    graph = f"asetnsamples=1000:p=0,{GRAPH}:enable='between(t,5,15)'"
    plain = ffmpeg.run("-i", sound, "-af", "asetnsamples=1000:p=0", "-f", "framemd5", "-")
    assert ffmpeg.checksums(sound, graph) == plain.splitlines()
    windows = [(float(f[f"{KEY}.start"]), float(f[f"{KEY}.end"])) for f in heard(ffmpeg.frames(sound, graph))]
    assert windows[0][0] == pytest.approx(5, abs=0.03)
    assert windows[-1][1] == pytest.approx(15, abs=0.03)


@pytest.mark.memory
def test_commands(ffmpeg, sound, tmp_path):
    commands = tmp_path / "commands.txt"
    commands.write_text("13.0 aclipclap labels 'rain,wind';\n", "utf-8")
    frames = heard(ffmpeg.frames(sound, f"asendcmd=f={commands},{GRAPH}"))
    for frame in frames:
        words = {entry["label"] for entry in labels_of(frame, KEY)}
        assert words == (set(WORDS) if float(frame[f"{KEY}.end"]) < 13 else {"rain", "wind"})


@pytest.mark.memory
def test_a_model_that_sees_is_refused(ffmpeg, sound):
    told = ffmpeg.refuse("-i", sound, "-af", f"aclipclap={LABELS}:model=embedded\\\\:demo", "-f", "null", "-")
    assert re.search(r"\[Parsed_aclipclap_0 @ \w+\] embedded:demo sees and does not hear", told)
