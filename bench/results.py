"""Medians, spreads, ratios; and the peak of a process."""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def spread(values: list[float]) -> dict | None:
    if not values:
        return None
    return {"median": statistics.median(values), "lowest": min(values), "highest": max(values)}


def ratio(values: list[float], others: list[float]) -> dict | None:
    """Round by round, since a round's two were measured in the same minute."""
    return spread([value / other for value, other in zip(values, others, strict=True)])


# Linux counts into a process's peak what its parent held when it forked, so a small process starts it.
LAUNCHER = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, file=sys.stderr)
"""


def run_program(command: list, cwd: Path | None = None) -> tuple[float, float, str]:
    """Seconds, peak MiB and what it printed."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", LAUNCHER, *map(str, command)], capture_output=True, text=True, cwd=cwd
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command}: {done.stderr[-2000:]}")
    return time.perf_counter() - start, float(done.stderr.splitlines()[-1]), done.stdout


def read_json_lines(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
