"""Whole jobs: files in, embeddings or labels out; ours and others' in turns."""

import json
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import materials
import numpy
from agreement import agreement
from goals import DECODING
from label_sets import LABEL_SETS  # of tests/reference, by way of materials
from results import ROOT, ratio, read_json_lines, run_program, spread

PROGRAM = ROOT / "build/clipclap"
FILTERS = ROOT / "build/ffmpeg/5.1"
PRECISIONS = ("fp32", "bf16", "int8")
OTHERS = ("transformers", "open_clip")
#: Frames of a film as jobs.py names them, and our options for them.
HOWS = {"1": ("--every", "1"), "1s": (), "key": ("--keyframes",)}
TEMPLATE = "a photo of {}"  #: the proposal's
SEEN, HEARD = LABEL_SETS[3], "speech,music,rain,a dog,an engine,silence"


class Side:
    """A run gives `seconds`, `items`, `peak_mib`, and what it found: `embeddings` of length 1 or, of
    jobs that say labels, `scores`; [items, …]."""

    name: str

    def run(self) -> dict:
        raise NotImplementedError


class Ours(Side):
    """The program from its start to its end, loading included."""

    def __init__(self, name: str, model: Path, inputs: Path, *options: object):
        self.name = name
        self.command = [PROGRAM, "embed", inputs, "-q", "--model", model, *options]

    def run(self) -> dict:
        seconds, peak, output = run_program(self.command)
        records = read_json_lines(output)
        return {"seconds": seconds, "items": len(records), "peak_mib": peak, **self.found(records)}

    def found(self, records: list[dict]) -> dict:
        return {"embeddings": numpy.array([record["embedding"] for record in records])}


class Tagged(Ours):
    def __init__(self, name: str, model: Path, inputs: Path, words: str, *options: object):
        self.name, self.words = name, words.split(",")
        self.command = [PROGRAM, "tag", inputs, "-q", "--model", model, "--labels", words, *options]

    def found(self, records: list[dict]) -> dict:
        scores = [{found["label"]: found["score"] for found in record["labels"]} for record in records]
        return {"scores": numpy.array([[row[word] for word in self.words] for row in scores])}


class Filtered(Tagged):
    """ffmpeg with the filter, from its start to its end."""

    def __init__(self, name: str, model: Path, film: Path, words: str, precision: str):
        super().__init__(name, model, film, words)
        options = f"model={model}:labels='{words}':precision={precision}:output=-"
        self.command = [FILTERS / "ffmpeg", "-nostdin", "-v", "error", "-i", film, "-vf",
                        f"clipclap={options}", "-f", "null", "-"]  # fmt: skip


class Decoding(Side):
    """All frames of a film by ffmpeg, and nothing done with them; as many items as others make of it."""

    name = DECODING

    def __init__(self, film: Path, items: int):
        self.command = ["ffmpeg", "-nostdin", "-v", "error", "-i", film, "-map", "v:0", "-f", "null", "-"]
        self.items = items

    def run(self) -> dict:
        seconds, peak, _ = run_program(self.command)
        return {"seconds": seconds, "items": self.items, "peak_mib": peak}


class Theirs(Side):
    """A job of jobs.py; loading is not counted."""

    def __init__(self, name: str, job: str, side: str, model: Path, *rest: object):
        self.name, self.gives = name, "scores" if job in ("folder", "proposal") else "embeddings"
        self.command = [sys.executable, ROOT / "bench/jobs.py", job, side, model, *rest]
        self.rows = ROOT / "build/bench/rows.npy"

    def run(self) -> dict:
        os.environ["ROWS"] = str(self.rows)
        _, peak, output = run_program(self.command)
        return {**json.loads(output.splitlines()[-1]), "peak_mib": peak, self.gives: numpy.load(self.rows)}


def embed_texts(model: Path, words: str) -> numpy.ndarray:
    texts = [part for word in words.split(",") for part in ("--text", word)]
    _, _, output = run_program([PROGRAM, "embed", "-q", "--model", model, *texts])
    return numpy.array([record["embedding"] for record in read_json_lines(output)])


def take_turns(
    work: str, sides: list[Side], rounds: int, others: str, seconds: float = 0,
    texts: numpy.ndarray | None = None,
) -> list[dict]:  # fmt: skip
    """Rates and results are put beside those of `others`. `seconds` is how long what is read lasts,
    for rates in times realtime; `texts` are what labels of embeddings are said by."""
    print(work, file=sys.stderr)
    runs = {side.name: [] for side in sides}
    for _ in range(rounds):
        for side in sides:
            runs[side.name].append(side.run())
    rates = {name: [run["items"] / run["seconds"] for run in found] for name, found in runs.items()}
    reference = runs[others][0]
    rows = []
    for name, found in runs.items():
        row = {
            "work": work, "side": name, "items": found[0]["items"],
            "items_per_second": spread(rates[name]), "beside": others,
            "ratio": ratio(rates[name], rates[others]),
            "peak_mib": max(run["peak_mib"] for run in found),
        }  # fmt: skip
        if seconds:
            row["times_realtime"] = spread([seconds / run["seconds"] for run in found])
        rows.append(row | agreement(found[0], reference, texts))
    return rows


def measure_folder(work: Path, rounds: int, quick: bool) -> list[dict]:
    model = materials.checkpoint(work, "CLIP ViT-B/32")
    count = 32 if quick else 2000
    folder = materials.make_photographs(work, count)
    sides: list[Side] = [Tagged(f"clipclap {p}", model, folder, SEEN, "--precision", p) for p in PRECISIONS]
    for name, side in (("open_clip, DataLoader", "open_clip"), ("transformers pipeline", "transformers")):
        sides.append(Theirs(name, "folder", side, model, folder, SEEN))
    return take_turns(f"{count:,} photographs", sides, rounds, "open_clip, DataLoader")


def film_sides(model: Path, film: Path, how: str, ours: Iterable[str]) -> list:
    """`ours` are precisions with options."""
    sides = []
    for precision, *options in map(str.split, ours):
        name = " ".join(("clipclap", precision, *options))
        sides.append(Ours(name, model, film, *HOWS[how], *options, "--precision", precision))
    return sides + [Theirs(f"PyAV + {side}", "film", side, model, film, how) for side in OTHERS]


def measure_whole_film(work: Path, rounds: int, quick: bool) -> list[dict]:
    """Every frame of ten minutes, once: a round takes an hour and a quarter."""
    del rounds
    model = materials.checkpoint(work, "CLIP ViT-B/32")
    length, name = (5, "5 seconds") if quick else (600, "10 minutes")
    film = materials.repeat(materials.make_film(work), work / f"{name.replace(' ', '-')}.mp4", length)
    sides = film_sides(model, film, "1", PRECISIONS)
    texts = embed_texts(model, SEEN)
    return take_turns(f"film, every frame of {name}", sides, 1, f"PyAV + {OTHERS[0]}", length, texts)


def measure_film(work: Path, rounds: int, quick: bool) -> list[dict]:
    """Key frames, and a frame a second."""
    model = materials.checkpoint(work, "CLIP ViT-B/32")
    minutes = 1 if quick else 10
    film = materials.repeat(materials.make_film(work), work / f"{minutes}-minutes.mp4", 60 * minutes)
    both = ["fp32", "bf16"]
    with_fast = [*both, *(f"{precision} --fast" for precision in both)]
    texts = embed_texts(model, SEEN)
    rows = []
    for what, sides in (
        ("key frames", film_sides(model, film, "key", both)),
        ("1 frame a second", [Decoding(film, 60 * minutes), *film_sides(model, film, "1s", with_fast)]),
    ):
        work_name = f"film, {what} of {minutes} minutes"
        rows += take_turns(work_name, sides, rounds, f"PyAV + {OTHERS[0]}", 60 * minutes, texts)
    return rows


def measure_proposal(work: Path, rounds: int, quick: bool) -> list[dict]:
    """Ours with as many labels, every frame; its rate is steady after a few frames, ours over ten
    seconds."""
    model = materials.checkpoint(work, "CLIP ViT-B/32")
    film = materials.repeat(materials.make_film(work), work / "10-seconds.mp4", 10)
    rows = []
    for labels, frames in ((10, 15), (100, 9)):
        words = ",".join(f"thing {number}" for number in range(labels))
        options = ("--every", "1", "--template", TEMPLATE)
        sides = [Theirs("the proposal's loop", "proposal", "-", model, film, words, frames)]
        for precision in ("fp32", "bf16"):
            name = f"clipclap {precision}"
            sides.append(Tagged(name, model, film, words, *options, "--precision", precision))
        name = f"film, every frame, {labels} labels"
        rows += take_turns(name, sides, max(1, rounds - 1), sides[0].name)
    return rows


def measure_sound(work: Path, rounds: int, quick: bool) -> list[dict]:
    model = materials.checkpoint(work, "CLAP HTSAT-tiny")
    texts = embed_texts(model, HEARD)
    rows = []
    for name, minutes in (("5 minutes", 5), *(() if quick else (("an hour", 60),))):
        sound = materials.make_sound(work, minutes)
        options = ("--silence-floor", "off")  # others hear silence, too
        sides = [Ours(f"clipclap {p}", model, sound, *options, "--precision", p) for p in PRECISIONS]
        sides.append(Theirs("PyAV + transformers", "sound", "transformers", model, sound))
        rows += take_turns(f"{name} of sound", sides, rounds, sides[-1].name, 60 * minutes, texts)
    return rows


#: Told apart by the seeded weights clearly, and hardly.
CAMERA_LABELS = {
    "2 labels": LABEL_SETS[0], "3 labels": LABEL_SETS[1], "2 other labels": LABEL_SETS[2],
    "6 labels": LABEL_SETS[3], "4 labels": LABEL_SETS[4],
}  # fmt: skip


def measure_fixed_camera(work: Path, rounds: int, quick: bool) -> list[dict]:
    """How much is left out depends on how clearly the labels are told apart, so several sets."""
    model = materials.checkpoint(work, "CLIP ViT-B/32")
    film = materials.PHOTOGRAPHS / "vtest.avi"
    rows = []
    for name, words in list(CAMERA_LABELS.items())[: 1 if quick else None]:
        options = ("--every", "1", "--precision", "bf16")
        sides = [
            Tagged("clipclap bf16", model, film, words, *options),
            Tagged("clipclap bf16 --skip-similar", model, film, words, *options, "--skip-similar"),
        ]
        work_name = f"fixed camera, every frame, {name}"
        rows += take_turns(work_name, sides, max(1, rounds - 1), sides[0].name)
    return rows


def measure_filter(work: Path, rounds: int, quick: bool) -> list[dict]:
    """In the small build of tools/dev/ffmpeg.sh, which decodes this film without assembly."""
    model = materials.checkpoint(work, "CLIP ViT-B/32")
    film = materials.make_plain_film(work)
    rows = []
    for precision in ("fp32", "bf16"):
        name = f"clipclap {precision}"
        sides = [
            Tagged(name, model, film, SEEN, "--every", "1", "--precision", precision),
            Filtered(f"clipclap {precision} as a filter of ffmpeg", model, film, SEEN, precision),
        ]
        rows += take_turns("film, every frame, by a filter", sides, 1 if quick else rounds, name)
    return rows


def measure_start(work: Path, rounds: int, quick: bool) -> list[dict]:
    """Seconds from a program's start to its end with one picture's scores."""
    del quick
    model = materials.checkpoint(work, "CLIP ViT-B/32")
    picture = materials.PHOTOGRAPHS / "fruits.jpg"
    sides: dict[str, list] = {
        "clipclap": [PROGRAM, "tag", picture, "-q", "--model", model, "--labels", "cat,dog"],
        "transformers": [sys.executable, ROOT / "bench/jobs.py", "start", "transformers", model, picture],
    }  # fmt: skip
    print("start", file=sys.stderr)
    seconds = {side: [] for side in sides}
    for turn in range(rounds + 1):
        for side, command in sides.items():
            taken, _, _ = run_program(command)
            if turn > 0:  # the first reads the disk
                seconds[side].append(taken)
    return [{"side": side, "seconds": spread(values)} for side, values in seconds.items()]


def measure_memory(work: Path, rounds: int, quick: bool) -> list[dict]:
    """Ten seconds against ten minutes and, of sound, ten minutes against an hour. How many batches are
    under way at once is chance, so medians are compared."""
    minutes = 1 if quick else 10
    minute = materials.make_film(work)
    short = materials.repeat(minute, work / "10-seconds.mp4", 10)
    long = materials.repeat(minute, work / f"{minutes}-minutes.mp4", 60 * minutes)
    large = materials.checkpoint(work, "CLIP ViT-B/32")
    sound = materials.make_sound(work, 10)
    hours = 1
    sounds = materials.repeat(sound, work / f"{hours}-hours.flac", 3600 * hours)
    cases: list[tuple[str, Path, Path, list]] = [
        ("film, every frame, demo model", short, long, ["--model", "embedded:demo", "--every", "1"]),
        ("film, 1 frame a second, ViT-B/32", short, long, ["--model", large, "--every", "1s"]),
        ("sound, demo model", sound, sounds, ["--model", "embedded:demo-audio"]),
    ]
    print("memory", file=sys.stderr)
    rows = []
    for name, first, second, options in cases:
        peaks = {path: [] for path in (first, second)}
        for path in [first, second] * rounds:
            peaks[path].append(run_program([PROGRAM, "embed", path, "-q", *options])[1])
        rows.append({"work": name, "short_mib": spread(peaks[first]), "long_mib": spread(peaks[second])})
    return rows


WORKS: dict[str, Callable] = {
    "film": measure_film, "whole_film": measure_whole_film, "proposal": measure_proposal,
    "folder": measure_folder, "sound": measure_sound, "fixed_camera": measure_fixed_camera,
    "filter": measure_filter, "start": measure_start, "memory": measure_memory,
}  # fmt: skip
