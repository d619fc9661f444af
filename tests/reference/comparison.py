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


#: The least cosine with the reference in float32, and what the processor must have for it.
FASTER = {"bf16": (0.999, {"avx512_bf16", "amx_bf16"}), "int8": (0.995, {"avx512_vnni"})}


def assert_near(ours: numpy.ndarray, reference: numpy.ndarray, precision: str) -> None:
    """`ours` was computed in that precision, the reference in float32."""
    cosine = cosines(ours, reference).min()
    delta = numpy.abs(ours - reference).max()
    record(rows=len(ours), cosine=cosine, delta=delta, precision=precision)
    assert cosine >= FASTER[precision][0]


def assert_same_logits(ours: numpy.ndarray, reference: numpy.ndarray) -> None:
    delta = numpy.abs(ours - reference).max()
    record(compared="logits", rows=len(ours), delta=delta)
    assert ours.shape == reference.shape
    assert delta <= 2e-3


def assert_same_probabilities(ours: numpy.ndarray, reference: numpy.ndarray) -> None:
    delta = numpy.abs(ours - reference).max()
    record(compared="probabilities", rows=len(ours), delta=delta)
    assert ours.shape == reference.shape
    assert delta <= 1e-4


def assert_same_log_mel(
    ours: numpy.ndarray, reference: numpy.ndarray, audible: numpy.ndarray | None = None
) -> None:
    """In dB; a clip a row, and where `audible` holds."""
    assert ours.shape == reference.shape
    deltas = numpy.abs(ours - reference)
    delta = deltas.max() if audible is None else deltas[audible].max()
    record(compared="log-mel", rows=len(ours), delta=delta)
    assert delta <= 1e-3


def assert_same_scores(
    records: list[dict], labels: list[str], model, logits: numpy.ndarray, scores: numpy.ndarray
) -> None:
    """What `tag` says of each input, beside rows in the order of `labels`."""
    ours = [{entry["label"]: entry for entry in row["labels"]} for row in records]
    assert all(set(row) == set(labels) for row in ours)
    column = lambda name: numpy.array([[row[label][name] for label in labels] for row in ours])  # noqa: E731
    bias = getattr(model, "logit_bias", None)
    scaled = model.logit_scale.exp().item() * column("similarity")
    assert_same_logits(scaled + (0 if bias is None else bias.item()), logits)
    assert_same_probabilities(column("score"), scores)
    for row, logit_row in zip(records, logits, strict=True):
        best = labels.index(row["labels"][0]["label"])
        assert logit_row.max() - logit_row[best] <= 4e-3  # no better one by more than both may err


def record(precision: str = "fp32", compared: str = "", **measured) -> None:
    path = os.environ.get("CLIPCLAP_PARITY")
    if path is None:
        return
    test = os.environ["PYTEST_CURRENT_TEST"].split(" ")[0]
    numbers = {name: float(value) for name, value in measured.items()}
    with open(path, "a", encoding="utf-8") as file:
        entry = {"test": test, "precision": precision, "compared": compared} | numbers
        file.write(json.dumps(entry) + "\n")


def require_processor(precision: str) -> None:
    flags = set(Path("/proc/cpuinfo").read_text("utf-8").split())
    if not flags & FASTER[precision][1]:
        pytest.skip(f"this processor has no {precision} arithmetic")


def assert_different_inputs_differ(embeddings: numpy.ndarray, most: float = 0.99) -> None:
    """The comparison would prove little where every input led to the same place."""
    similarity = embeddings @ embeddings.T
    numpy.fill_diagonal(similarity, 0)
    assert similarity.max() < most
