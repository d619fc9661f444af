"""Runs the tests that compare with the references and writes what they measured: docs/parity.md."""

import datetime
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LIBRARIES = ("torch", "transformers", "open_clip_torch", "timm", "tokenizers")
HEADER = """# How near to the references

Made by `./dev parity` on {date} with {libraries}; clipclap {clipclap}.

Each row is one checkpoint with seeded weights, written by its own library and run by both. Rows of
the same name are what one test compared: pictures or sounds, and texts. *Cosine* is the least of all
inputs, *difference* the largest of any number of an embedding of length 1. The suite demands
0.99999 and 1e-5 in fp32, 0.999 in bf16.

| test | checkpoint | arithmetic | compared | inputs | cosine | difference |
|---|---|---|---|---|---|---|
"""


def measure() -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "parity.jsonl"
        environment = os.environ | {"CLIPCLAP_PARITY": str(path)}
        tests = sorted(str(file.relative_to(ROOT)) for file in (ROOT / "tests/reference").glob("*.py")
                       if "comparison import" in file.read_text("utf-8"))  # fmt: skip
        command = ["tools/dev/pytest.sh", *tests]
        if subprocess.run(command, env=environment, cwd=ROOT).returncode != 0:
            sys.exit("the comparisons failed; docs/parity.md is left as it was")
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def split(test: str) -> tuple[str, str, str]:
    """reference/test_siglip_towers.py::test_text_tower[b16] → siglip towers, b16, text tower."""
    file, function = test.split("::")
    name, _, case = function.removesuffix("]").partition("[")
    readable = lambda text: text.removeprefix("test_").replace("_", " ")  # noqa: E731
    return readable(Path(file).stem), case, readable(name)


def rows(measured: list[dict]) -> list[str]:
    groups = defaultdict(list)
    for entry in measured:
        groups[*split(entry["test"]), entry["precision"]].append(entry)
    lines = []
    for (file, case, name, precision), entries in sorted(groups.items()):
        count = sum(int(entry["rows"]) for entry in entries)
        cosine = min(entry["cosine"] for entry in entries)
        delta = max(entry["delta"] for entry in entries)
        lines.append(
            f"| {file} | {case or '–'} | {precision} | {name} | {count} "
            f"| {cosine:.7f} | {delta:.1e} |"
        )
    return lines


def main() -> None:
    lines = rows(measure())
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    program = subprocess.run(
        [ROOT / "build/clipclap", "--version"], capture_output=True, text=True, check=True
    )
    clipclap = program.stdout.split()[1]
    head = HEADER.format(date=datetime.date.today(), libraries=libraries, clipclap=clipclap)
    (ROOT / "docs/parity.md").write_text(head + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
