"""--skip-similar loses at most one label in a hundred, and no frame."""

import numpy
import pytest
from label_sets import LABEL_SETS
from program import Program


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


@pytest.fixture(scope="module")
def film(photographs):
    """People walking, filmed by a fixed camera."""
    return photographs[0].parent / "vtest.avi"


@pytest.mark.parametrize("labels", LABEL_SETS)
def test_labels_are_the_same(program, film, labels):
    command = ["tag", film, "--every", 1, "--labels", labels, "--model", "embedded:demo"]
    every, some = program.records(*command), program.records(*command, "--skip-similar")
    assert [(r["start"], r["end"]) for r in some] == [(r["start"], r["end"]) for r in every]
    differ = [a["labels"][0]["label"] != b["labels"][0]["label"] for a, b in zip(every, some)]
    assert numpy.mean(differ) <= 0.01


def test_embeddings_stay_near(program, film):
    command = ["embed", film, "--every", 1, "--model", "embedded:demo"]
    every, some = (
        numpy.array([record["embedding"] for record in program.records(*command, *options)])
        for options in ([], ["--skip-similar"])
    )
    assert numpy.abs(numpy.linalg.norm(some, axis=1) - 1).max() < 1e-5
    cosines = (every * some).sum(axis=1)
    assert 0.1 < (cosines < 1 - 1e-6).mean()  # some were left out
    assert numpy.quantile(cosines, 0.01) > 0.97
