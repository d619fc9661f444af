"""Measures clipclap beside transformers and writes bench/results.md and bench/results.json.

The machine should do nothing else meanwhile: the ratios come from one run, taking turns, but a busy
machine spreads them.
"""

import datetime
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/reference"))

import conftest  # noqa: E402, F401 - makes transformers importable
import torch  # noqa: E402
import transformers  # noqa: E402
from clip_checkpoints import clip_config, save_checkpoint  # noqa: E402

import tower  # noqa: E402
import whole_program  # noqa: E402

PHOTOGRAPHS = Path("/usr/share/doc/opencv-doc/examples/data")


def processor_name():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown"


def describe_machine(program):
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor_name(),
        "threads": torch.get_num_threads(),
        "program": subprocess.check_output([program, "--version"], text=True).split("\n")[:3],
        "transformers": transformers.__version__,
        "torch": torch.__version__,
    }


def measure(build):
    folder = build / "bench"
    folder.mkdir(exist_ok=True)
    program = build / "clipclap"
    checkpoint = folder / "b32"
    checkpoint.mkdir(exist_ok=True)
    model = save_checkpoint(checkpoint, clip_config())
    return {
        "machine": describe_machine(program),
        "tower": tower.measure(build / "bench/tower_bench", checkpoint, model),
        "start": whole_program.start_to_result(program, checkpoint, PHOTOGRAPHS / "fruits.jpg"),
        "memory": whole_program.memory(program, PHOTOGRAPHS / "vtest.avi", folder),
    }


def as_markdown(results):
    machine, start, memory = results["machine"], results["start"], results["memory"]
    lines = [
        "# Measured speed",
        "",
        f"Written by `./dev bench` on {machine['date']}: {machine['processor']}, "
        f"{machine['threads']} threads; {', '.join(machine['program'])}; "
        f"transformers {machine['transformers']} on torch {machine['torch']}.",
        "",
        "## ViT-B/32 picture tower, float32",
        "",
        "Pictures a second: median (lowest–highest) of "
        f"{tower.ROUNDS} rounds in which the two take turns.",
        "",
        "| batch | clipclap | transformers | ratio (median of the rounds) |",
        "|---|---|---|---|",
    ]
    for row in results["tower"]:
        cells = [
            f"{row[name]:.1f} ({row[f'{name}_spread'][0]:.1f}–{row[f'{name}_spread'][1]:.1f})"
            for name in ("clipclap", "transformers")
        ]
        lines.append(f"| {row['batch']} | {cells[0]} | {cells[1]} | {row['ratio']:.2f} |")
    lines += [
        "",
        "## The whole program",
        "",
        f"- Start to the labels of one picture, ViT-B/32: {start['median']:.2f} s "
        f"({start['spread'][0]:.2f}–{start['spread'][1]:.2f}, {whole_program.STARTS} starts).",
        f"- Peak memory, every frame of a 768×576 film, demo model: {memory['short_seconds']} s "
        f"{memory['short_mebibytes']:.0f} MiB, {memory['long_seconds']} s "
        f"{memory['long_mebibytes']:.0f} MiB ({memory['growth']:+.1%}).",
        "",
    ]
    return "\n".join(lines)


def main():
    results = measure(ROOT / "build")
    target = ROOT / "bench/results.json"
    target.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    text = as_markdown(results)
    target.with_suffix(".md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
