"""What is heard of files: samples, their places in time, silence, and what is broken."""

import re
import subprocess
from pathlib import Path

import numpy
import pytest
from scipy.io import wavfile

from media_probe import encode, ffmpeg
from sound_files import Listener, music, write_sound

RATE = 48000


@pytest.fixture
def listener(tools, tmp_path) -> Listener:
    return Listener(tools / "media_probe", tmp_path)


def whole(listener: Listener, source, **options) -> numpy.ndarray:
    hearing = listener.hear(source, **({"window": 1, "hop": 1, "floor": -200} | options))
    assert hearing.error is None, hearing.error
    return hearing.whole


@pytest.mark.parametrize(
    ("name", "options", "precision"),
    [("a.flac", ["-sample_fmt", "s16"], 2**-15), ("a.flac", ["-sample_fmt", "s32"], 2**-23),
     ("a.wav", ["-c:a", "pcm_u8"], 2**-7), ("a.wav", ["-c:a", "pcm_s24le"], 2**-23),
     ("a.wav", ["-c:a", "pcm_f32le"], 0), ("a.wav", ["-c:a", "pcm_f64le"], 0),
     ("a.aiff", ["-c:a", "pcm_s16be"], 2**-15), ("a.mka", ["-c:a", "wavpack"], 2**-23)],
)  # fmt: skip
def test_lossless_sound_is_heard_as_it_is(listener, tmp_path, name, options, precision):
    samples = music(RATE, 3.3)
    found = whole(listener, write_sound(tmp_path / name, samples, RATE, *options))
    assert found.shape == samples.shape
    assert numpy.abs(found - samples).max() <= precision


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 32000, 44100, 88200, 96000, 192000])
def test_any_rate(listener, tmp_path, rate):
    """A tone below half of either rate comes out as that tone."""
    count = round(rate * 2.5)
    tone = 0.5 * numpy.sin(2 * numpy.pi * 1234.5 * numpy.arange(count) / rate)
    found = whole(listener, write_sound(tmp_path / "a.wav", tone, rate, "-c:a", "pcm_f32le"))
    assert abs(len(found) - count / rate * RATE) <= 1
    expected = 0.5 * numpy.sin(2 * numpy.pi * 1234.5 * numpy.arange(len(found)) / RATE)
    inner = slice(RATE // 20, -RATE // 20)  # a filter needs something on either side
    assert numpy.abs(found - expected)[inner].max() <= 1e-4


@pytest.mark.parametrize("coder", ["libmp3lame", "aac", "libopus", "libvorbis", "ac3"])
def test_compressed_sound_is_near(listener, tmp_path, coder):
    """As near as what ffmpeg itself makes of it, sample by sample."""
    samples = music(RATE, 4)
    path = write_sound(tmp_path / "a.mka", samples, RATE, "-c:a", coder, "-b:a", "192k")
    decoded = ffmpeg("-i", path, "-f", "f32le", "-c:a", "pcm_f32le", "-")
    expected = numpy.frombuffer(decoded, numpy.float32)
    found = whole(listener, path)
    assert found.shape == expected.shape
    assert numpy.abs(found - expected).max() <= 1e-6
    assert found.std() == pytest.approx(samples.std(), rel=0.1)


def layout_file(tmp_path: Path, channels: numpy.ndarray, layout: str | None) -> Path:
    path = tmp_path / "a.wav"
    options = ["-c:a", "pcm_f32le"]
    if layout is None:
        wavfile.write(path, RATE, channels.astype(numpy.float32))
        return path
    # Only names the channels; a plain -channel_layout would mix them anew.
    numbers = "|".join(map(str, range(channels.shape[1])))
    naming = f"channelmap=map={numbers}:channel_layout={layout}"
    return write_sound(path, channels, RATE, "-af", naming, *options)


@pytest.mark.parametrize("layout", ["mono", "stereo", "2.1", "quad", "5.0", "5.1", "7.1"])
def test_equal_channels_are_the_mono_signal(listener, tmp_path, layout):
    """But for the low-frequency channel, which the standard matrix leaves out."""
    count = {"mono": 1, "stereo": 2, "2.1": 3, "quad": 4, "5.0": 5, "5.1": 6, "7.1": 8}[layout]
    samples = music(RATE, 1.5)
    path = layout_file(tmp_path, numpy.repeat(samples[:, None], count, axis=1), layout)
    assert numpy.abs(whole(listener, path) - samples).max() <= 1e-6


def test_stereo_is_the_mean(listener, tmp_path):
    left, right = music(RATE, 1.5, 1), music(RATE, 1.5, 2)
    path = layout_file(tmp_path, numpy.stack([left, right], axis=1), "stereo")
    assert numpy.abs(whole(listener, path) - (left + right) / 2).max() <= 1e-6


def test_every_channel_is_heard_and_none_clips(listener, tmp_path):
    for channel in range(6):
        channels = numpy.zeros((RATE, 6), numpy.float32)
        channels[:, channel] = music(RATE, 1)
        peak = numpy.abs(whole(listener, layout_file(tmp_path, channels, "5.1"))).max()
        assert (peak > 0.02) == (channel != 3)
    loud = numpy.sign(music(RATE, 1))[:, None].repeat(6, axis=1)
    found = whole(listener, layout_file(tmp_path, loud, "5.1"))
    assert numpy.abs(found).max() == pytest.approx(1, abs=1e-5)


def test_opposite_phases_cancel(listener, tmp_path):
    samples = music(RATE, 1.5)
    path = layout_file(tmp_path, numpy.stack([samples, -samples], axis=1), "stereo")
    hearing = listener.hear(path)
    assert [window["silent"] for window in hearing.windows] == [True]


@pytest.mark.parametrize("count", [3, 8, 12])
def test_channels_without_places(listener, tmp_path, count):
    samples = music(RATE, 1)
    path = layout_file(tmp_path, numpy.repeat(samples[:, None], count, axis=1), None)
    assert numpy.abs(whole(listener, path) - samples).max() <= 1e-6


def test_samples_that_are_no_numbers(listener, tmp_path):
    samples = music(RATE, 2)
    expected = samples.copy()
    samples[[100, 5000]], samples[[7000, 90000]] = numpy.nan, numpy.inf
    expected[[100, 5000, 7000, 90000]] = 0
    wavfile.write(tmp_path / "a.wav", RATE, samples)
    hearing = listener.hear(tmp_path / "a.wav", window=2, hop=2)
    assert numpy.abs(hearing.whole - expected).max() <= 1e-6
    assert len(hearing.warnings) == 1 and "no numbers" in hearing.warnings[0]


@pytest.mark.parametrize(
    ("seconds", "windows"),
    [(0.3, [(0, 0.3)]), (10, [(0, 10)]), (12, [(0, 10), (2, 12)]),
     (20, [(0, 10), (5, 15), (10, 20)]), (21.5, [(0, 10), (5, 15), (10, 20), (11.5, 21.5)])],
)  # fmt: skip
def test_windows_cover_the_file(listener, tmp_path, seconds, windows):
    path = write_sound(tmp_path / "a.flac", music(RATE, seconds), RATE)
    found = [(window["start"], window["end"]) for window in listener.hear(path).windows]
    assert numpy.array(found) == pytest.approx(numpy.array(windows))


@pytest.mark.parametrize(
    ("container", "offset"),
    [("mkv", -0.5), ("mkv", 0), ("mkv", 1.25), ("ts", 0), ("ts", 1.25), ("ts", 100), ("nut", 1.25)],
)
def test_the_clock_is_the_files(listener, tmp_path, offset, container):
    sound = write_sound(tmp_path / "a.wav", music(RATE, 3), RATE)
    path = tmp_path / f"a.{container}"
    codec = "mp2" if container == "ts" else "flac" if container == "mkv" else "pcm_s16le"
    ffmpeg("-i", sound, "-af", f"asetpts=PTS+({offset})/TB", "-c:a", codec, "-muxdelay", 0,
           "-avoid_negative_ts", "disabled", path)  # fmt: skip
    command = ["ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries",
               "frame=best_effort_timestamp_time", "-of", "csv=p=0", str(path)]  # fmt: skip
    times = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    hearing = listener.hear(path)
    assert hearing.windows[0]["start"] == pytest.approx(float(times[0].strip(",")), abs=1e-6)


@pytest.mark.parametrize(("gap", "starts"), [(2, [0, 1]), (60, [0, 63])])
def test_gaps_keep_what_follows_in_its_place(listener, tmp_path, gap, starts):
    """A short gap is silence; behind one that is longer than a window, windows begin anew."""
    sound = write_sound(tmp_path / "a.wav", music(RATE, 6), RATE)
    shift = f"asetpts='if(gte(T,3),PTS+{gap}/TB,PTS)'"
    ffmpeg("-i", sound, "-af", f"asetnsamples=1000,{shift}", "-c:a", "pcm_s16le", tmp_path / "a.nut")
    hearing = listener.hear(tmp_path / "a.nut", window=7, hop=7)
    expected = [(0, 7), (1, 8)] if gap == 2 else [(0, 3), (63, 66)]
    found = [(window["start"], window["end"]) for window in hearing.windows]
    assert [start for start, _ in found] == pytest.approx(starts, abs=0.03)
    assert found[-1][1] == pytest.approx(expected[-1][1], abs=0.03)
    if gap == 2:
        assert not hearing.samples[0][round(3.1 * RATE) : round(4.9 * RATE)].any()


def test_joined_files_go_on(listener, tmp_path):
    sound = write_sound(tmp_path / "a.mp2", music(RATE, 3), RATE)
    for name in ("a.ts", "b.ts"):
        ffmpeg("-i", sound, "-c", "copy", tmp_path / name)
    joined = tmp_path / "joined.ts"
    joined.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    hearing = listener.hear(joined, window=1, hop=1)
    start = hearing.windows[0]["start"]
    assert hearing.windows[-1]["end"] - start == pytest.approx(6, abs=0.1)
    assert any("jumps back" in warning for warning in hearing.warnings)


@pytest.mark.parametrize("level", [-20, -45, -66, -69, -71, -90])
@pytest.mark.parametrize("rate", [44100, 48000])
def test_loudness_is_ebu_r128(listener, tmp_path, level, rate):
    """Beside ffmpeg's own measure: the loudest of its momentary values."""
    sound = music(rate, 8) * 10 ** (level / 20) * 4
    path = write_sound(tmp_path / "a.wav", sound, rate, "-c:a", "pcm_f32le")
    command = ["ffmpeg", "-nostdin", "-i", str(path), "-af", "ebur128", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    momentary = [float(value) for value in re.findall(r"M:\s*(-?[\d.]+)", said)]
    (window,) = listener.hear(path, rate=rate).windows
    assert window["loudness"] == pytest.approx(max(momentary), abs=0.15)
    assert window["silent"] == (window["loudness"] <= -70)


def test_the_floor_is_an_option(listener, tmp_path):
    path = write_sound(tmp_path / "a.wav", music(RATE, 2) * 0.01, RATE, "-c:a", "pcm_f32le")
    assert not listener.hear(path).windows[0]["silent"]
    assert listener.hear(path, floor=-20).windows[0]["silent"]


@pytest.mark.parametrize("format", ["wav", "flac", "mka", "ts", "ogg", "m4a"])
def test_a_pipe_gives_the_same(listener, tmp_path, format):
    options = ["-movflags", "+faststart"] if format == "m4a" else []
    path = write_sound(tmp_path / f"a.{format}", music(44100, 13), 44100, *options)
    from_file, from_pipe = listener.hear(path), listener.hear("-", stdin=path.read_bytes())
    assert from_file.windows == from_pipe.windows and len(from_file.windows) == 2
    for a, b in zip(from_file.samples, from_pipe.samples, strict=True):
        assert numpy.array_equal(a, b)


def test_of_a_piped_mp3_the_padding_is_heard(listener, tmp_path):
    """ffmpeg does not cut it off there, either: at most a frame."""
    path = write_sound(tmp_path / "a.mp3", music(RATE, 3), RATE)
    piped = ffmpeg("-i", "-", "-f", "f32le", "-c:a", "pcm_f32le", "-", stdin=path.read_bytes())
    hearing = listener.hear("-", stdin=path.read_bytes())
    assert numpy.array_equal(hearing.whole, numpy.frombuffer(piped, "<f4"))
    whole_file = listener.hear(path).whole
    assert numpy.array_equal(hearing.whole[: len(whole_file)], whole_file)
    assert 0 <= len(hearing.whole) - len(whole_file) <= 1152


def test_a_cut_file_is_heard_as_far_as_it_goes(listener, tmp_path):
    path = write_sound(tmp_path / "a.wav", music(RATE, 9), RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    hearing = listener.hear(path, window=1, hop=1)
    assert hearing.error["error"] == "invalid_data" and "cut off" in hearing.error["message"]
    assert hearing.windows[-1]["end"] == pytest.approx(4.5, abs=0.05)


def test_no_sound_at_all(listener, tmp_path):
    empty = tmp_path / "empty.wav"
    wavfile.write(empty, RATE, numpy.empty(0, numpy.float32))
    hearing = listener.hear(empty)
    assert hearing.error is not None and str(empty) in hearing.error["context"]
    film = encode(tmp_path / "film.mkv")
    hearing = listener.hear(film)
    assert hearing.error["error"] == "unsupported" and "has no sound" in hearing.error["message"]
    hearing = listener.hear(film, stream="a:0")
    assert hearing.error["error"] == "not_found" and "there is v:0" in hearing.error["message"]


def test_memory_does_not_grow_with_length(listener, tmp_path):
    peaks = []
    for minutes in (1, 60):
        path = tmp_path / f"{minutes}.wav"
        ffmpeg("-f", "lavfi", "-i", f"anoisesrc=r=8000:d={minutes * 60}", "-c:a", "pcm_u8", path)
        command = ["/usr/bin/env", "python3", "-c",
                   "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True,"
                   "stdout=subprocess.DEVNULL);"
                   "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
                   str(listener.program), "hear", str(path)]  # fmt: skip
        peaks.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    assert peaks[1] <= 1.05 * peaks[0]
