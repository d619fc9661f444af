#!/usr/bin/env python3
"""Writes corpus/state_dict/: what torch.save makes of small state dicts, and their pickles alone."""

import io
import zipfile
from pathlib import Path

import torch

FOLDER = Path(__file__).resolve().parent / "corpus/state_dict"


def main() -> None:
    base = torch.arange(6.0).reshape(2, 3)
    module = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.BatchNorm1d(1))
    values = {
        "plain": {"a": base, "b": base.to(torch.bfloat16)},
        "transposed": {"a": base.t(), "shared": base[1:], "number": torch.tensor(1)},
        "module": module.state_dict(),
        "training_run": {"epoch": 2**40, "rate": 0.5, "best": [1, (None, True), -3], "model": {"module.a": base}},
        "parameter": {"a": torch.nn.Parameter(base)},
    }
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, value in values.items():
        buffer = io.BytesIO()
        torch.save(value, buffer)
        (FOLDER / name).write_bytes(buffer.getvalue())
        with zipfile.ZipFile(buffer) as archive:
            entry = next(entry for entry in archive.namelist() if entry.endswith("data.pkl"))
            (FOLDER / f"{name}_pickle").write_bytes(archive.read(entry))


if __name__ == "__main__":
    main()
