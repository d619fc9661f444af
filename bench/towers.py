"""Towers alone, ours and others', each in its process, taking turns."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy
from results import ROOT, ratio, spread

#: What is measured; each as far as it can do the model and was made for it.
SIDES = [
    ("clipclap", "fp32"), ("transformers", "fp32"), ("open_clip", "fp32"), ("onnxruntime", "fp32"),
    ("openvino", "fp32"), ("openvino-streams", "fp32"),
    ("clipclap", "bf16"), ("transformers", "bf16"), ("openvino", "bf16"), ("openvino-streams", "bf16"),
    ("clipclap", "int8"), ("openvino", "int8"), ("openvino-streams", "int8"),
]  # fmt: skip
LARGEST_BATCH = 16
#: On a GPU, whose batches are larger.
DEVICE_SIDES = [
    (side, precision)
    for precision in ("fp32", "bf16", "fp16")
    for side in ("clipclap", "transformers")
]
DEVICE_BATCHES = (1, LARGEST_BATCH, 256)
#: Other sides' numbers are compared in this one's place.
REFERENCE = ("transformers", "fp32")


@dataclass
class Model:
    name: str
    folder: Path
    rounds: int
    hears: bool = False
    device: str = "cpu"

    @property
    def sides(self) -> list[tuple[str, str]]:
        return SIDES if self.device == "cpu" else DEVICE_SIDES

    @property
    def batches(self) -> tuple[int, ...]:
        return (1, LARGEST_BATCH) if self.device == "cpu" else DEVICE_BATCHES


class Process:
    """A program that answers commands with lines."""

    def __init__(self, side: str, precision: str, model: Model, threads: int):
        program = [ROOT / "build/bench/clipclap_tower_bench"]
        if side != "clipclap":
            program = [sys.executable, ROOT / "bench/sides.py", side]
        device = [] if model.device == "cpu" else [model.device]  # few sides know others
        self.process = subprocess.Popen(
            [*map(str, program), str(model.folder), precision, str(threads), *device],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        line = ""
        while line != "ready":  # exporters print, too
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"{side} {precision}: {self.process.stderr.read()[-2000:]}")
            line = line.strip()

    def ask(self, *words: object) -> str:
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer:
            raise RuntimeError(f"{words}: {self.process.stderr.read()[-2000:]}")
        return answer

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def can(side: str, precision: str, model: Model) -> bool:
    if side == "open_clip":
        return model.name.startswith("CLIP")
    return not (model.hears and side == "transformers" and precision != "fp32")


def measure_tower(
    model: Model, work: Path, threads: int, quick: bool, wanted: list[str] | None
) -> list[dict]:
    """`wanted` are names of sides, all where there are none; the reference is always among them."""
    print(f"towers of {model.name}", file=sys.stderr)
    sides = {
        key: Process(*key, model, threads)
        for key in model.sides
        if can(*key, model) and (not wanted or key[0] in wanted or key == REFERENCE)
    }
    equality = compare(sides, model, work)
    rounds = 2 if quick else model.rounds
    rows = [measure_batch(sides, model, batch, rounds, equality) for batch in model.batches]
    for process in sides.values():
        process.close()
    return sum(rows, [])


def measure_batch(sides: dict, model: Model, batch: int, rounds: int, equality: dict) -> list[dict]:
    command = "wide" if batch == 1 else "time"
    times = {}
    for key, process in sides.items():
        once = float(process.ask(command, batch, 2)) / 2
        times[key] = max(2, 2 * round(0.5 / once))
    rates = {key: [] for key in sides}
    shares = {key: [] for key in sides if key[0] == "clipclap"}
    for _ in range(rounds):
        for key, process in sides.items():
            seconds = float(process.ask(command, batch, times[key]))
            rates[key].append(batch * times[key] / seconds)
            if key in shares and batch > 1:
                products = float(process.ask("products", batch, times[key]))
                shares[key].append(products / seconds)
    return [
        {
            "model": model.name, "batch": batch, "side": side, "precision": precision,
            "items_per_second": spread(rates[side, precision]),
            "beside_transformers": ratio(rates[side, precision], rates[REFERENCE]),
            "roofline_share": spread(shares.get((side, precision), [])),
            "peak_mib": float(process.ask("memory")),
            **equality.get((side, precision), {}),
        }
        for (side, precision), process in sides.items()
    ]  # fmt: skip


def compare(sides: dict, model: Model, work: Path) -> dict:
    """Cosines with the reference's embeddings of photographs or sounds, and how often the nearest
    of the others is the same one."""
    inputs, target = work / "inputs.bin", work / "rows.bin"
    media = clips() if model.hears else photographs()
    rows = {key: [] for key in sides}
    for batch in numpy.split(media, len(media) // LARGEST_BATCH):
        batch.tofile(inputs)
        for key, process in sides.items():
            process.ask("embed", inputs, len(batch), target)
            rows[key].append(numpy.fromfile(target, numpy.float32).reshape(len(batch), -1))
    rows = {key: numpy.concatenate(found) for key, found in rows.items()}
    reference = rows[REFERENCE]
    return {
        key: {
            "least_cosine": float((found * reference).sum(1).min()),
            "top1_agreement": float((nearest(found) == nearest(reference)).mean()),
        }
        for key, found in rows.items()
    }


def nearest(rows: numpy.ndarray) -> numpy.ndarray:
    similarity = rows @ rows.T
    numpy.fill_diagonal(similarity, -2)
    return similarity.argmax(1)


def photographs(size: int = 224) -> numpy.ndarray:
    """uint8 [count, size, size, 3]"""
    from materials import PHOTOGRAPHS
    from PIL import Image

    paths = [path for path in sorted(PHOTOGRAPHS.iterdir()) if path.suffix in (".jpg", ".png")]
    pictures = [Image.open(path).convert("RGB").resize((size, size)) for path in paths[:48]]
    return numpy.stack([numpy.asarray(picture) for picture in pictures])


def clips(rate: int = 48000, seconds: int = 10) -> numpy.ndarray:
    """float32 [count, samples]"""
    from sound_files import music
    from sounds import sounds

    pieces = [music(rate, seconds, seed) for seed in range(24)]
    return numpy.stack([*pieces, *sounds(rate, seconds).values()]).astype(numpy.float32)
