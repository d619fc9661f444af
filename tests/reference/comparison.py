"""How near is equal: the tolerances that clipclap is held to.

Where CLIPCLAP_PARITY names a file, every comparison adds what it measured to it, a line of JSON.
"""

import json
import os
from pathlib import Path

import numpy
import pytest


def cosines(a: numpy.ndarray, b: numpy.ndarray) -> numpy.ndarray:
    """Of each row of `a` with the same row of `b`."""
    norms = numpy.linalg.norm(a, axis=1) * numpy.linalg.norm(b, axis=1)
    return (a * b).sum(axis=1) / norms


def assert_same_embeddings(ours: numpy.ndarray, reference: numpy.ndarray) -> None:
    """Both normalised, from the same tensors in float32."""
    assert ours.shape == reference.shape
    cosine = cosines(ours, reference).min()
    delta = numpy.abs(ours - reference).max()
    record(rows=len(ours), cosine=cosine, delta=delta)
    assert numpy.abs(numpy.linalg.norm(ours, axis=1) - 1).max() < 1e-5
    assert cosine >= 0.99999
    assert delta <= 1e-5


def assert_near_in_bfloat16(ours: numpy.ndarray, reference: numpy.ndarray) -> None:
    """`ours` was computed in bfloat16, the reference in float32."""
    cosine = cosines(ours, reference).min()
    record(rows=len(ours), cosine=cosine, delta=numpy.abs(ours - reference).max(), precision="bf16")
    assert cosine >= 0.999


def record(precision: str = "fp32", **measured) -> None:
    path = os.environ.get("CLIPCLAP_PARITY")
    if path is None:
        return
    test = os.environ["PYTEST_CURRENT_TEST"].split(" ")[0]
    numbers = {name: float(value) for name, value in measured.items()}
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps({"test": test, "precision": precision} | numbers) + "\n")


def require_bfloat16() -> None:
    flags = Path("/proc/cpuinfo").read_text("utf-8").split()
    if "avx512_bf16" not in flags and "amx_bf16" not in flags:
        pytest.skip("this processor has no bfloat16 arithmetic")


def assert_different_inputs_differ(embeddings: numpy.ndarray, most: float = 0.99) -> None:
    """The comparison would prove little where every input led to the same place."""
    similarity = embeddings @ embeddings.T
    numpy.fill_diagonal(similarity, 0)
    assert similarity.max() < most
