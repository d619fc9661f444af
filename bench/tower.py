"""ViT-B/32's picture tower in float32: clipclap beside transformers, taking turns."""

import statistics
import subprocess
import time

import torch

BATCHES = (1, 16)
ROUNDS = 9


class Clipclap:
    """The tower in a process of its own that waits for orders."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen(
            [program, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def seconds(self, batch, repeats):
        self.process.stdin.write(f"{batch} {repeats}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


class Transformers:
    def __init__(self, model):
        self.model = model
        self.size = model.config.vision_config.image_size

    @torch.inference_mode()
    def seconds(self, batch, repeats):
        pixels = torch.rand(batch, 3, self.size, self.size)
        start = time.perf_counter()
        for _ in range(repeats):
            self.model.get_image_features(pixels)
        return (time.perf_counter() - start) / repeats


def measure(program, folder, model):
    """A row a batch size: pictures a second of each, the median of the rounds, and their ratio."""
    rivals = {"clipclap": Clipclap(program, folder), "transformers": Transformers(model)}
    rows = []
    for batch in BATCHES:
        repeats = max(1, 32 // batch)
        rates = {name: [] for name in rivals}
        for name, rival in rivals.items():
            rival.seconds(batch, 2)
        for _ in range(ROUNDS):
            for name, rival in rivals.items():
                rates[name].append(batch / rival.seconds(batch, repeats))
        row = {"batch": batch}
        for name, values in rates.items():
            row[name] = statistics.median(values)
            row[f"{name}_spread"] = [min(values), max(values)]
        row["ratio"] = statistics.median(
            ours / theirs for ours, theirs in zip(rates["clipclap"], rates["transformers"])
        )
        rows.append(row)
    return rows
