"""Measures clipclap against transformers on this machine: run.py [--quick]

Writes bench/results.md and bench/results.json. Both sides run in the same minutes and take turns;
every number is a median over rounds with its spread. Run it on a quiet machine.
"""

import argparse
import json
import os
from pathlib import Path

from machine import describe_machine
from measure import HF_MODELS, measure_memory, measure_start, measure_towers, prepare
from measure_sounds import measure_sounds
from report import write_report

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds: only shows that it works")
    parser.add_argument("--output", type=Path, default=ROOT / "bench", help="folder of the results")
    options = parser.parse_args()
    rounds = 3 if options.quick else 9
    work = ROOT / "build/bench"
    work.mkdir(parents=True, exist_ok=True)

    models = prepare(work)
    threads = len(os.sched_getaffinity(0))
    results = {
        "machine": describe_machine(ROOT / "build/clipclap"),
        "rounds": rounds,
        "threads": threads,
        "towers": [
            measure_towers(name, models[name], batch, rounds, threads)
            for name in HF_MODELS
            for batch in (1, 16)
        ],
        "sounds": measure_sounds(work, rounds, threads, hours=1 if options.quick else 10),
        "start": measure_start(models["ViT-B/32"], rounds),
        "memory": measure_memory(work, models, minutes=1 if options.quick else 10),
    }
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "results.json").write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    print(write_report(results, options.output / "results.md"))


if __name__ == "__main__":
    main()
