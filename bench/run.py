"""Measures clipclap beside its peers on this machine: run.py [OPTION…]

Writes results.md and results.json. All sides run in the same minutes and take turns; every number
is a median over rounds with its spread. Run it on a quiet machine; it takes four hours.
With --only, --towers and --sides, the other parts of the results stay as they are, if they are of
this machine. With --device, towers are measured and how copies run beside them, into
results-DEVICE.md and results-DEVICE.json.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from results import ROOT

sys.path.append(str(ROOT / ".venv/rivals"))

import copies  # noqa: E402
import materials  # noqa: E402
from machine import describe_machine, is_same_machine  # noqa: E402
from report import write_report  # noqa: E402
from towers import DEVICE_SIDES, SIDES, Model, measure_tower  # noqa: E402
from works import WORKS  # noqa: E402

#: Rounds of each tower: a batch of the largest takes ten seconds.
ROUNDS = {"CLIP ViT-B/32": 7, "CLIP ViT-B/16": 3, "CLIP ViT-L/14": 2, "SigLIP B/16": 3,
          "CLAP HTSAT-tiny": 5}  # fmt: skip


def in_order(measured: list[dict], before: list[dict]) -> list[dict]:
    """What was measured now, and of the rest what was before."""

    def place(row: dict) -> tuple:
        side = (row["side"], row["precision"])
        return list(ROUNDS).index(row["model"]), row["batch"], (SIDES + DEVICE_SIDES).index(side)

    rows = {place(row): row for row in (*before, *measured)}
    return [rows[key] for key in sorted(rows)]


def some_of(known: list[str]) -> Callable[[str], list[str]]:
    def parse(text: str) -> list[str]:
        names = text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(known)}")
        return names

    return parse


def parts_on(device: str) -> list[str]:
    return ["towers", *(WORKS if device == "cpu" else ["copies"])]


def parse_options() -> argparse.Namespace:
    parts = [*parts_on("cpu"), "copies"]
    sides = list(dict.fromkeys(side for side, _ in SIDES))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds: only shows that it works")
    parser.add_argument("--only", type=some_of(parts), help=f"parts: {', '.join(parts)}")
    parser.add_argument("--towers", type=some_of(list(ROUNDS)), help=f"of: {', '.join(ROUNDS)}")
    parser.add_argument(
        "--sides", type=some_of(sides),
        help=f"towers of these alone, and of transformers, to compare them with: {', '.join(sides)}",
    )  # fmt: skip
    parser.add_argument("--rounds", type=int, help="of whole jobs (3)")
    parser.add_argument("--device", default="cpu", help="cuda or xpu: towers and copies alone, there (cpu)")
    parser.add_argument("--output", type=Path, default=ROOT / "bench", help="folder of the results")
    options = parser.parse_args()
    known = parts_on(options.device)
    if unknown := set(options.only or []) - set(known):
        parser.error(f"{', '.join(unknown)} is not measured there, {', '.join(known)} is")
    return options


def main() -> None:
    options = parse_options()
    work = ROOT / "build/bench"
    work.mkdir(parents=True, exist_ok=True)
    threads = len(os.sched_getaffinity(0))
    some_towers = options.towers or options.sides
    parts = options.only or (["towers"] if some_towers else parts_on(options.device))

    suffix = "" if options.device == "cpu" else f"-{options.device}"
    path = options.output / f"results{suffix}.json"
    is_partial = options.only or some_towers
    results = json.loads(path.read_text("utf-8")) if is_partial and path.exists() else {}
    machine = describe_machine(ROOT / "build/clipclap", options.device)
    if not is_same_machine(results.get("machine", machine), machine):
        sys.exit(
            f"run.py: {path} was measured on another machine ({results['machine']['processor']}), "
            "and ratios of two machines say nothing: measure all here, or name another --output"
        )
    results["machine"] = machine

    def keep(part: str, rows: list[dict]) -> None:
        results[part] = rows
        options.output.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(results, indent=1) + "\n", "utf-8")
        write_report(results, path.with_suffix(".md"))

    if "towers" in parts:
        for name in (options.towers or list(ROUNDS))[: 1 if options.quick else None]:
            folder = materials.checkpoint(work, name)
            model = Model(name, folder, ROUNDS[name], "CLAP" in name, options.device)
            measured = measure_tower(model, work, threads, options.quick, options.sides)
            keep("towers", in_order(measured, results.get("towers", [])))
    if "copies" in parts:
        folder = materials.checkpoint(work, copies.MODEL)
        keep("copies", copies.measure_copies(folder, options.device))
    for part in parts:
        if part in WORKS:
            rounds = options.rounds or (2 if options.quick else 3)
            keep(part, WORKS[part](work, rounds, options.quick))
    print(path.with_suffix(".md").read_text("utf-8"))


if __name__ == "__main__":
    main()
