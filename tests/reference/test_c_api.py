"""Media that ffmpeg has decoded, pushed through the C API, against the program on the file itself."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy
import pytest

from media_probe import ffmpeg
from program import Program
from sound_files import music, write_sound
from sounds import speech

LABELS = "a trouser,ankle boot,a red square,sky,a page of text"
SOUND_LABELS = "speech,guitar,piano,a dog"
TOLERANCE = 1e-5


class CApi:
    def __init__(self, tools: Path):
        self.binary = tools / "c_api_tool"

    def records(self, kind: str, raw: Path, **options: object) -> list[dict]:
        command = [str(self.binary), kind, str(raw)]
        command += [f"{name}={value}" for name, value in options.items()]
        result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
        assert result.returncode == 0, f"{command}: {result.returncode}\n{result.stderr}"
        return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture(scope="module")
def c_api(tools) -> CApi:
    return CApi(tools)


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


def name_of(label: dict) -> tuple[str, str]:
    return label.get("unit", ""), label["label"]


def names(record: dict) -> list[tuple[str, str]]:
    return sorted(map(name_of, record["labels"]))


def numbers(records: list[dict]) -> numpy.ndarray:
    """[records, labels, 2], scores and cosines (which are never as good as 0 or 1), the labels of
    each record in one order."""
    rows = [sorted(record["labels"], key=name_of) for record in records]
    return numpy.array([[(label["score"], label["similarity"]) for label in row] for row in rows])


def assert_same(ours: list[dict], wanted: list[dict]) -> None:
    """All but how far computing in batches of other sizes moves them."""
    assert len(ours) == len(wanted) > 0
    for record, other in zip(ours, wanted):
        assert record.keys() == other.keys()
        for name in record.keys() - {"labels"}:
            assert record[name] == other[name], name
    assert [names(record) for record in ours] == [names(record) for record in wanted]
    assert numpy.abs(numbers(ours) - numbers(wanted)).max() <= TOLERANCE


def assert_different(ours: list[dict], wanted: list[dict]) -> None:
    """What must count does: otherwise being the same would say nothing."""
    assert numpy.abs(numbers(ours) - numbers(wanted)).max() > 10 * TOLERANCE


# ---- Pictures ----


@dataclass
class Film:
    path: Path
    raw: Path
    options: dict  # what ffprobe says of its frames


def probe(path: Path, stream: str, entries: str) -> dict:
    command = ["ffprobe", "-v", "error", "-select_streams", stream, "-of", "json"]
    output = subprocess.run([*command, "-show_entries", entries, path], check=True, capture_output=True)
    return json.loads(output.stdout)


def make_film(path: Path, size: str, *codec: str) -> Film:
    """3 s, whose colours are as strong as they get."""
    source = f"testsrc2=s={size}:r=10:d=1.5,hue=H=t*2[a];mandelbrot=s={size}:r=10,trim=end=1.5[b];[a][b]concat"
    ffmpeg("-f", "lavfi", "-i", source, *codec, path)
    raw = path.with_suffix(".raw")
    # Without a -pix_fmt these are the bytes that the decoder gives.
    ffmpeg("-i", path, "-f", "rawvideo", raw)
    fields = "width,height,pix_fmt,color_space,color_range,chroma_location"
    frame = probe(path, "v:0", f"frame={fields}")["frames"][0]
    options = {"width": frame["width"], "height": frame["height"], "format": frame["pix_fmt"], "rate": 10}
    told = {"matrix": "color_space", "range": "color_range", "chroma": "chroma_location"}
    options |= {ours: frame[theirs] for ours, theirs in told.items() if theirs in frame}
    return Film(path, raw, options | {"name": path})


def x264(form: str, matrix: str, value_range: str) -> list[str]:
    scale = f"scale=out_color_matrix={matrix}:out_range={value_range},format={form}"
    space = {"bt709": "bt709", "bt601": "smpte170m"}[matrix]
    return ["-vf", scale, "-c:v", "libx264", "-preset", "ultrafast", "-threads", "1",
            "-colorspace", space, "-color_range", value_range]  # fmt: skip


#: By name: the file, the size, how it is coded, and what a decoder must give for the name to be true.
FILMS = {
    "yuv420p-709-tv": ("mp4", "320x180", x264("yuv420p", "bt709", "tv"), ("yuv420p", "bt709", "tv")),
    "yuv420p-601-tv": ("mp4", "320x180", x264("yuv420p", "bt601", "tv"), ("yuv420p", "smpte170m", "tv")),
    "yuv420p-709-pc": ("mp4", "320x180", x264("yuv420p", "bt709", "pc"), ("yuvj420p", "bt709", "pc")),
    "yuv420p-601-pc": ("mp4", "320x180", x264("yuv420p", "bt601", "pc"), ("yuvj420p", "smpte170m", "pc")),
    "yuv420p-untold": ("nut", "161x91", ["-c:v", "ffv1", "-pix_fmt", "yuv420p"], ("yuv420p", None, None)),
    "yuv444p10le": ("mkv", "320x180", x264("yuv444p10le", "bt709", "tv"), ("yuv444p10le", "bt709", "tv")),
    "rgb24": ("mov", "161x91", ["-c:v", "png", "-pix_fmt", "rgb24"], ("rgb24", None, "pc")),
    "gray": ("nut", "161x91", ["-c:v", "ffv1", "-pix_fmt", "gray"], ("gray", None, None)),
    "nv12": ("nut", "320x180", ["-c:v", "rawvideo", "-pix_fmt", "nv12"], ("nv12", None, None)),
}  # fmt: skip


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Made when first asked for."""
    folder = tmp_path_factory.mktemp("films")
    made = {}

    def film(name: str) -> Film:
        if name not in made:
            suffix, size, codec, promised = FILMS[name]
            made[name] = make_film(folder / f"{name}.{suffix}", size, *codec)
            found = [made[name].options.get(key) for key in ("format", "matrix", "range")]
            found = [None if value in ("unknown", "gbr") else value for value in found]
            assert tuple(found) == promised, f"{name}: not the film that was to be made"
        return made[name]

    return film


def tag(program: Program, film: Film, *words: object) -> list[dict]:
    words = words or ("--labels", LABELS)
    return program.records("tag", film.path, "--model", "embedded:demo", "--every", 1, *words)


@pytest.mark.parametrize("name", FILMS)
def test_pictures(c_api, program, films, name):
    film = films(name)
    wanted = tag(program, film)
    assert len(wanted) == 30
    assert_same(c_api.records("pictures", film.raw, labels=LABELS, **film.options), wanted)


@pytest.mark.parametrize("name", FILMS)
def test_rows_from_below_and_apart(c_api, films, name):
    film = films(name)
    wanted = c_api.records("pictures", film.raw, labels=LABELS, **film.options)
    for layout in ({"padding": 18}, {"flip": 1, "padding": 6, "portion": 7}):
        ours = c_api.records("pictures", film.raw, labels=LABELS, **film.options, **layout)
        assert_same(ours, wanted)


def test_full_range_by_its_other_name(c_api, program, films):
    film = films("yuv420p-709-pc")
    options = film.options | {"format": "yuv420p"}
    assert options["range"] == "pc"
    assert_same(c_api.records("pictures", film.raw, labels=LABELS, **options), tag(program, film))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("yuv420p-709-tv", {"range": "pc"}),
        ("yuv420p-709-tv", {"matrix": "smpte170m"}),
        ("yuv420p-601-tv", {"matrix": "bt709"}),
        ("yuv420p-709-tv", {"chroma": "topleft"}),
        ("yuv444p10le", {"matrix": "bt2020nc"}),
        ("yuv444p10le", {"range": "pc"}),
    ],
)
def test_what_is_said_of_colours_counts(c_api, films, name, wrong):
    film = films(name)
    right = c_api.records("pictures", film.raw, labels=LABELS, **film.options)
    options = film.options | wrong
    assert_different(c_api.records("pictures", film.raw, labels=LABELS, **options), right)


def test_untold_is_601_in_small_pictures(c_api, films):
    film = films("yuv420p-untold")
    untold = {name: film.options[name] for name in ("width", "height", "format", "rate", "name")}
    told = untold | {"matrix": "smpte170m", "range": "tv"}
    assert_same(
        c_api.records("pictures", film.raw, labels=LABELS, **untold),
        c_api.records("pictures", film.raw, labels=LABELS, **told),
    )


@pytest.mark.parametrize("sums", [0, 1])
def test_categories(c_api, program, films, tmp_path, sums):
    path = tmp_path / "words.txt"
    path.write_text(
        "[what]\n(clothes)\ntrousers\nan ankle boot\na pullover\n(signs)\na red square\n"
        "[where]\n(outside)\nthe sky\na tree\n(inside)\na chair\n(nowhere)\na page of text\n",
        "utf-8",
    )
    film = films("yuv420p-709-tv")
    words = ["--categories", path, *(["--sum-prompts"] if sums else [])]
    ours = c_api.records("pictures", film.raw, categories=path, sums=sums, **film.options)
    assert_same(ours, tag(program, film, *words))
    assert {label["unit"] for label in ours[0]["labels"]} == {"what", "where"}


# ---- Sound ----

RATE = 44100


@pytest.fixture(scope="module")
def sound() -> numpy.ndarray:
    """[samples, 6], 33 s: a voice, music, noise that comes and goes, and mixtures of them."""
    count = 33 * RATE
    voice = numpy.resize(speech(RATE), count)
    tune = music(RATE, 33, seed=4)
    noise = numpy.random.default_rng(8).normal(0, 0.1, count) * (numpy.arange(count) // RATE % 7 < 3)
    rows = [voice, tune, 0.5 * voice + 0.3 * noise, noise, 0.4 * tune, 0.6 * tune + 0.2 * voice]
    return numpy.stack(rows, axis=1).astype(numpy.float32)


#: By name: the file, the channels, how it is coded; what decoders must give; the raw format of the
#: same samples.
SOUNDS = {
    "s16": ("wav", 2, ["-c:a", "pcm_s16le"], ("s16", RATE, 2), "s16le"),
    "s16-mono": ("flac", 1, ["-sample_fmt", "s16"], ("s16", RATE, 1), "s16le"),
    "s32": ("wav", 2, ["-c:a", "pcm_s24le"], ("s32", RATE, 2), "s32le"),
    "fltp": ("mp4", 2, ["-c:a", "ac3"], ("fltp", RATE, 2), "f32le"),
    "fltp-5.1": ("mp4", 6, ["-c:a", "ac3", "-b:a", "448k"], ("fltp", RATE, 6), "f32le"),
    "flt-48000-5.1": ("wav", 6, ["-c:a", "pcm_f32le", "-ar", "48000"], ("flt", 48000, 6), "f32le"),
}


@dataclass
class Recording:
    path: Path
    raw: Path
    options: dict  # what ffprobe says of it


def make_recording(path: Path, samples: numpy.ndarray, codec: list[str], raw_format: str) -> Recording:
    samples = samples[:, 0] if "-mono" in path.name else samples
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    write_sound(path, samples, RATE, "-af", f"aformat=channel_layouts={layout}", *codec)
    raw = path.with_suffix(".raw")
    ffmpeg("-i", path, "-f", raw_format, "-c:a", f"pcm_{raw_format}", raw)
    fields = "sample_fmt,sample_rate,channels,channel_layout,start_time"
    stream = probe(path, "a:0", f"stream={fields}")["streams"][0]
    frame = probe(path, "a:0", "frame=channel_layout")["frames"][0]
    start = stream.get("start_time", "N/A")
    options = {"format": stream["sample_fmt"], "rate": int(stream["sample_rate"]),
               "channels": stream["channels"], "start": 0 if start == "N/A" else float(start)}  # fmt: skip
    if "channel_layout" in frame:
        options["layout"] = frame["channel_layout"]
    return Recording(path, raw, options | {"name": path})


@pytest.fixture(scope="module")
def recordings(tmp_path_factory, sound):
    """Made when first asked for."""
    folder = tmp_path_factory.mktemp("recordings")
    made = {}

    def recording(name: str) -> Recording:
        if name not in made:
            suffix, channels, codec, promised, raw_format = SOUNDS[name]
            path = folder / f"{name}.{suffix}"
            made[name] = make_recording(path, sound[:, :channels], codec, raw_format)
            found = tuple(made[name].options[key] for key in ("format", "rate", "channels"))
            assert found == promised, f"{name}: not the sound that was to be made"
        return made[name]

    return recording


@pytest.mark.parametrize("portion", [313, 48000, 10_000_000])
@pytest.mark.parametrize("name", SOUNDS)
def test_sound(c_api, program, recordings, name, portion):
    recording = recordings(name)
    wanted = program.records("tag", recording.path, "--model", "embedded:demo-audio", "--labels", SOUND_LABELS)
    assert len(wanted) >= 5
    assert_different(wanted[:1], wanted[1:2])
    ours = c_api.records("sound", recording.raw, labels=SOUND_LABELS, portion=portion, **recording.options)
    assert_same(ours, wanted)


def test_the_layout_counts(c_api, recordings):
    """Centre and rear are not mixed alike."""
    recording = recordings("fltp-5.1")
    right = c_api.records("sound", recording.raw, labels=SOUND_LABELS, **recording.options)
    other = recording.options | {"layout": "hexagonal"}
    assert_different(c_api.records("sound", recording.raw, labels=SOUND_LABELS, **other), right)


def test_sound_that_begins_later(c_api, recordings):
    recording = recordings("s16")
    first = c_api.records("sound", recording.raw, labels=SOUND_LABELS, **recording.options)
    options = recording.options | {"start": 1000.5}
    later = c_api.records("sound", recording.raw, labels=SOUND_LABELS, **options)
    assert [record["start"] for record in later] == [record["start"] + 1000.5 for record in first]
    assert numpy.abs(numbers(later) - numbers(first)).max() <= TOLERANCE
