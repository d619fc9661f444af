"""The measurements of sound: towers a window, and an hour from its bytes."""

import statistics
import subprocess
import time
from pathlib import Path

import numpy
import torch
from measure import PROGRAM, ClipclapTower, run_clipclap  # sets the path to the tests' tools, too

from clap_checkpoints import save_checkpoint
from sound_files import music, write_sound
from sounds import speech
from transformers import ClapConfig, ClapFeatureExtractor, ClapModel

RATE = 48000
WINDOWS = 16


def prepare_htsat(work: Path) -> Path:
    """laion/clap-htsat-unfused's shape, which is the default of ClapConfig, with seeded weights."""
    folder = work / "htsat-tiny"
    if not (folder / "tokenizer.json").exists():
        save_checkpoint(folder, {}, {})
    return folder


def make_hour(work: Path) -> Path:
    """A minute of music and a minute of speech in turn."""
    path = work / "hour.flac"
    if not path.exists():
        minutes = [music(RATE, 60), numpy.resize(speech(RATE), 60 * RATE)]
        write_sound(path, numpy.concatenate(minutes * 30), RATE, "-sample_fmt", "s16")
    return path


class TransformersSounds:
    """What a user of transformers runs; the tower alone, without the spectrograms, is timed too."""

    def __init__(self, model: Path, threads: int):
        torch.set_num_threads(threads)
        self.model = ClapModel.from_pretrained(model, dtype=torch.float32).eval()
        self.extractor = ClapFeatureExtractor.from_pretrained(model)

    @torch.inference_mode()
    def parts(self, batch: int) -> tuple[float, float]:
        clips = list(numpy.random.default_rng(1).normal(0, 0.1, (batch, 10 * RATE)))
        start = time.perf_counter()
        features = self.extractor(clips, sampling_rate=RATE, return_tensors="pt")
        middle = time.perf_counter()
        self.model.get_audio_features(**features)
        end = time.perf_counter()
        return end - start, end - middle


class SoundProductsAlone:
    """The machine's ceiling: the tower's linear layers, packed as ours, at their own shapes."""

    def __init__(self, model: Path, precision: str):
        shape = ClapConfig.from_pretrained(model).audio_config
        dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[precision]
        self.products = []
        for stage, depth in enumerate(shape.depths):
            width = shape.patch_embeds_hidden_size * 2**stage
            states = (shape.spec_size // shape.patch_stride[0] // 2**stage) ** 2
            inner = int(width * shape.mlp_ratio)
            sides = [(width, 3 * width), (width, width), (width, inner), (inner, width)]
            self.products += [
                (torch.randn(WINDOWS * states, i, dtype=dtype), self.packed(o, i, dtype), depth)
                for i, o in sides
            ]

    @staticmethod
    def packed(rows: int, columns: int, dtype: torch.dtype) -> torch.Tensor:
        return torch.ops.mkldnn._reorder_linear_weight(torch.randn(rows, columns, dtype=dtype), None)

    @torch.inference_mode()
    def seconds(self) -> float:
        start = time.perf_counter()
        for states, weight, depth in self.products:
            for _ in range(depth):
                torch.ops.mkldnn._linear_pointwise(states, weight, None, "none", [], "")
        return time.perf_counter() - start


def spread(values: list[float]) -> dict:
    return {"median": statistics.median(values), "lowest": min(values), "highest": max(values)}


def measure_sounds(work: Path, rounds: int, threads: int, hours: int) -> dict:
    model = prepare_htsat(work)
    reference = TransformersSounds(model, threads)
    ours = {name: ClipclapTower(model, threads, name) for name in ("fp32", "bf16")}
    sides = ("rate", "ratio", "tower_ratio", "log_mel", "ceiling")
    found = {name: {side: [] for side in sides} for name in ours}
    products = {name: SoundProductsAlone(model, name) for name in ours}
    theirs = {"whole": [], "tower": []}
    for turn in range(rounds + 1):
        whole, tower = reference.parts(WINDOWS)
        parts = {name: tower_.parts(WINDOWS, 1) for name, tower_ in ours.items()}
        ceilings = {name: product.seconds() for name, product in products.items()}
        if turn == 0:
            continue  # counts for nothing
        theirs["whole"].append(WINDOWS / whole)
        theirs["tower"].append(WINDOWS / tower)
        for name, (seconds, log_mel) in parts.items():
            found[name]["rate"].append(WINDOWS / seconds)
            found[name]["ratio"].append(whole / seconds)
            found[name]["tower_ratio"].append(tower / seconds)
            found[name]["log_mel"].append(log_mel / seconds)
            found[name]["ceiling"].append(WINDOWS / ceilings[name])
    for tower_ in ours.values():
        tower_.close()
    return {
        "transformers": {side: spread(values) for side, values in theirs.items()},
        "clipclap": {
            name: {side: spread(values) for side, values in sides.items()}
            for name, sides in found.items()
        },
        "hour": {name: measure_hour(work, model, name) for name in ours},
        "memory": measure_sound_memory(work, hours),
    }


def measure_hour(work: Path, model: Path, precision: str) -> float:
    """Times faster than the sound lasts, from the bytes to the embeddings."""
    command = [PROGRAM, "embed", make_hour(work), "--model", model, "--precision", precision]
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return 3600 / (time.perf_counter() - start)


def repeat_hour(work: Path, seconds: int) -> Path:
    opus, path = work / "hour.ogg", work / f"{seconds}-seconds.mka"
    if not opus.exists():
        command = ["ffmpeg", "-v", "error", "-y", "-i", make_hour(work), "-c:a", "libopus", opus]
        subprocess.run(command, check=True)
    source = ["-stream_loop", "-1", "-i", opus, "-t", str(seconds)]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *source, "-c", "copy", path], check=True)
    return path


def measure_sound_memory(work: Path, hours: int) -> dict:
    """The small model: with the large one the time would be the tower's, and the rest the same."""
    options = ["--model", "embedded:demo-audio"]
    _, short = run_clipclap(["embed", repeat_hour(work, 600), *options])
    seconds, long = run_clipclap(["embed", repeat_hour(work, 3600 * hours), *options])
    growth = long / short - 1
    return {
        "hours": hours, "short_mib": short, "long_mib": long, "growth": growth, "seconds": seconds
    }  # fmt: skip
