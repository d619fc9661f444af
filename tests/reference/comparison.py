"""How near is equal: the tolerances that clipclap is held to."""

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
    assert numpy.abs(numpy.linalg.norm(ours, axis=1) - 1).max() < 1e-5
    assert cosines(ours, reference).min() >= 0.99999
    assert numpy.abs(ours - reference).max() <= 1e-5


def require_bfloat16() -> None:
    flags = Path("/proc/cpuinfo").read_text("utf-8").split()
    if "avx512_bf16" not in flags and "amx_bf16" not in flags:
        pytest.skip("this processor has no bfloat16 arithmetic")


def assert_different_inputs_differ(embeddings: numpy.ndarray, most: float = 0.99) -> None:
    """The comparison would prove little where every input led to the same place."""
    similarity = embeddings @ embeddings.T
    numpy.fill_diagonal(similarity, 0)
    assert similarity.max() < most
