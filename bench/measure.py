"""The measurements themselves."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "build/clipclap"
PHOTOGRAPHS = Path("/usr/share/doc/opencv-doc/examples/data")
sys.path.insert(0, str(ROOT / "tests/reference"))
import torchvision_operators  # noqa: E402, F401  (before transformers)

from clip_checkpoints import clip_config, save_checkpoint  # noqa: E402
from transformers import CLIPConfig, CLIPModel  # noqa: E402

HF_MODELS = ("ViT-B/32", "demo")


def prepare(work: Path) -> dict[str, Path]:
    """A checkpoint of openai/clip-vit-base-patch32's shape with seeded random weights."""
    folder = work / "vit-b-32"
    if not (folder / "tokenizer.json").exists():
        save_checkpoint(folder, clip_config(text={"eos_token_id": 2}))
    return {"ViT-B/32": folder, "demo": ROOT / "models/demo"}


def summary(seconds: list[float], pictures: int) -> dict:
    rates = [pictures / value for value in seconds]
    return {
        "pictures_per_second": statistics.median(rates),
        "lowest": min(rates),
        "highest": max(rates),
    }


class ClipclapTower:
    def __init__(self, model: Path, threads: int, precision: str = "fp32"):
        self.process = subprocess.Popen(
            [ROOT / "build/bench/clipclap_tower_bench", model, str(threads), precision],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def seconds(self, batch: int, repetitions: int) -> float:
        return self.parts(batch, repetitions)[0]

    def parts(self, batch: int, repetitions: int) -> list[float]:
        """All of it and, of a tower that hears, the log-mel."""
        self.process.stdin.write(f"{batch} {repetitions}\n")
        self.process.stdin.flush()
        return [float(number) for number in self.process.stdout.readline().split()]

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


class TransformersTower:
    def __init__(self, model: Path, threads: int):
        torch.set_num_threads(threads)
        self.model = CLIPModel.from_pretrained(model, dtype=torch.float32).eval()

    @torch.inference_mode()
    def seconds(self, batch: int, repetitions: int) -> float:
        side = self.model.config.vision_config.image_size
        pixels = torch.randn(batch, 3, side, side)
        start = time.perf_counter()
        for _ in range(repetitions):
            self.model.get_image_features(pixels)
        return time.perf_counter() - start


class ProductsAlone:
    """The machine's ceiling: LibTorch's packed product at the rate the tower would need it.

    A picture's products are counted in full; the tower itself leaves out what the last layer does
    not need, about a twentieth, so it can come out slightly above.
    """

    def __init__(self, model: Path, threads: int):
        torch.set_num_threads(threads)
        self.shape = CLIPConfig.from_pretrained(model).vision_config

    @torch.inference_mode()
    def seconds(self, batch: int, repetitions: int) -> float:
        shape = self.shape
        width, inner = shape.hidden_size, shape.intermediate_size
        patches = (shape.image_size // shape.patch_size) ** 2
        tokens = patches + 1
        layer = tokens * (4 * width**2 + 2 * width * inner) + 2 * tokens**2 * width
        picture = patches * 3 * shape.patch_size**2 * width + shape.num_hidden_layers * layer
        product = tokens * width * inner

        states, bias = torch.randn(batch * tokens, width), torch.randn(inner)
        packed = torch.ops.mkldnn._reorder_linear_weight(torch.randn(inner, width), None)
        count = max(1, round(repetitions * picture / product))
        start = time.perf_counter()
        for _ in range(count):
            torch.ops.mkldnn._linear_pointwise(states, packed, bias, "none", [], "")
        return (time.perf_counter() - start) * repetitions * picture / (count * product)


def measure_towers(name: str, model: Path, batch: int, rounds: int, threads: int) -> dict:
    towers = {
        "clipclap": ClipclapTower(model, threads),
        "transformers": TransformersTower(model, threads),
        "ceiling": ProductsAlone(model, threads),
    }
    # About a second of work a turn, after one turn that counts for nothing.
    once = max(tower.seconds(batch, 2) / 2 for tower in towers.values())
    repetitions = max(2, round(1.0 / once))
    seconds = {side: [] for side in towers}
    for _ in range(rounds):
        for side, tower in towers.items():
            seconds[side].append(tower.seconds(batch, repetitions))
    towers["clipclap"].close()
    ratios = [t / c for c, t in zip(seconds["clipclap"], seconds["transformers"])]
    return {
        "model": name,
        "batch": batch,
        **{side: summary(values, batch * repetitions) for side, values in seconds.items()},
        "ratio": statistics.median(ratios),
        "of_ceiling": statistics.median(
            ceiling / c for c, ceiling in zip(seconds["clipclap"], seconds["ceiling"])
        ),
        "lowest_ratio": min(ratios),
        "highest_ratio": max(ratios),
    }


# Linux counts into a process's peak what its parent held when it forked, so a small process starts it.
LAUNCHER = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def run_clipclap(arguments: list) -> tuple[float, float]:
    """Seconds and peak resident MiB of one run."""
    start = time.perf_counter()
    command = [sys.executable, "-c", LAUNCHER, PROGRAM, *map(str, arguments)]
    peak = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return time.perf_counter() - start, int(peak) / 1024


def measure_start(model: Path, rounds: int) -> dict:
    """From the start of the program to its end with one picture's result."""
    picture = PHOTOGRAPHS / "fruits.jpg"
    sides = {
        "clipclap": [PROGRAM, "tag", picture, "--model", model, "--labels", "cat,dog"],
        "transformers": [sys.executable, ROOT / "bench/first_result.py", model, picture],
    }
    seconds = {side: [] for side in sides}
    for _ in range(rounds + 1):
        for side, command in sides.items():
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            seconds[side].append(time.perf_counter() - start)
    return {
        side: {
            "seconds": statistics.median(values[1:]),
            "lowest": min(values[1:]),
            "highest": max(values[1:]),
        }
        for side, values in seconds.items()
    }


def make_clip(path: Path, seconds: int) -> Path:
    """People walking, filmed by a fixed camera; the same 80 seconds again and again."""
    if not path.exists():
        source = ["-stream_loop", "-1", "-i", PHOTOGRAPHS / "vtest.avi"]
        target = ["-t", str(seconds), "-c", "copy", path]
        subprocess.run(["ffmpeg", "-v", "error", "-y", *source, *target], check=True)
    return path


def measure_memory(work: Path, models: dict[str, Path], minutes: int) -> list[dict]:
    """Every frame with the small model, two a second with the large one."""
    short = make_clip(work / "10-seconds.mkv", 10)
    long = make_clip(work / f"{minutes}-minutes.mkv", 60 * minutes)
    rows = []
    for name, every in (("demo", "1"), ("ViT-B/32", "500ms")):
        options = ["--labels", "people,car", "--model", models[name], "--every", every]
        _, short_peak = run_clipclap(["tag", short, *options])
        long_seconds, long_peak = run_clipclap(["tag", long, *options])
        rows.append({
            "model": name,
            "every": every,
            "minutes": minutes,
            "ten_seconds_mib": short_peak,
            "long_mib": long_peak,
            "growth": long_peak / short_peak - 1,
            "long_seconds": long_seconds,
        })
    return rows
