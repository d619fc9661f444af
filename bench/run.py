"""Measures clipclap beside its peers on this machine: run.py [--quick] [--only NAME,…] [--towers NAME,…]

Writes results.md and results.json. All sides run in the same minutes and take turns; every number
is a median over rounds with its spread. Run it on a quiet machine; it takes three quarters of an
hour. With --only and --towers, the other parts of the results stay as they are.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from results import ROOT

sys.path.append(str(ROOT / ".venv/rivals"))

import materials  # noqa: E402
from machine import describe_machine  # noqa: E402
from report import write_report  # noqa: E402
from towers import Model, measure_towers  # noqa: E402
from works import WORKS  # noqa: E402

#: Rounds of each tower: a batch of the largest takes ten seconds.
ROUNDS = {"CLIP ViT-B/32": 7, "CLIP ViT-B/16": 3, "CLIP ViT-L/14": 2, "SigLIP B/16": 3,
          "CLAP HTSAT-tiny": 5}  # fmt: skip


def in_order(measured: list[dict], before: list[dict]) -> list[dict]:
    """What was measured now, and of other models what was before."""
    now = {row["model"] for row in measured}
    rows = measured + [row for row in before if "side" in row and row["model"] not in now]
    return sorted(rows, key=lambda row: list(ROUNDS).index(row["model"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds: only shows that it works")
    parser.add_argument("--only", help=f"parts: towers, {', '.join(WORKS)}")
    parser.add_argument("--towers", help=f"of these models alone: {', '.join(ROUNDS)}")
    parser.add_argument("--sides", help="towers of these alone, such as clipclap,transformers")
    parser.add_argument("--output", type=Path, default=ROOT / "bench", help="folder of the results")
    options = parser.parse_args()
    work = ROOT / "build/bench"
    work.mkdir(parents=True, exist_ok=True)
    threads = len(os.sched_getaffinity(0))
    parts = options.only.split(",") if options.only else ["towers", *WORKS]
    if options.towers and not options.only:
        parts = ["towers"]

    path = options.output / "results.json"
    results = json.loads(path.read_text("utf-8")) if (options.only or options.towers) and path.exists() else {}
    results["machine"] = describe_machine(ROOT / "build/clipclap")
    for part in parts:
        if part == "towers":
            models = [
                Model(name, materials.checkpoint(work, name), rounds, "CLAP" in name, "/1" in name)
                for name, rounds in ROUNDS.items()
                if not options.towers or name in options.towers.split(",")
            ][: 1 if options.quick else None]
            sides = options.sides.split(",") if options.sides else None
            measured = measure_towers(models, work, threads, options.quick, sides)
            results["towers"] = in_order(measured, results.get("towers", []))
        else:
            results[part] = WORKS[part](work, 2 if options.quick else 3, options.quick)
        options.output.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
    print(write_report(results, options.output / "results.md"))


if __name__ == "__main__":
    main()
