"""`clipclap bench`: what it tells, and that it tells the truth."""

import json
import subprocess
import time

import pytest


def measure(run, *options):
    result = run("bench", "--seconds", "0.5", "--format", "json", *options)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


@pytest.mark.parametrize("model, items", [("embedded:demo", "pictures"), ("embedded:demo-audio", "windows")])
def test_a_model_is_measured(run, model, items):
    told = measure(run, "--model", model, "--batch", "4", "--threads", "2")
    assert (told["items"], told["batch"], told["threads"], told["precision"]) == (items, 4, 2, "fp32")
    assert told["rounds"] >= 5
    assert 0 < told["lowest"] <= told["items_per_second"] <= told["highest"]
    assert 0.05 < told["roofline_share"] < 1.2


def test_the_rate_is_that_of_a_run(run, clipclap, clip):
    """A run of the same pictures again and again cannot be much faster than its tower; that the
    machine does other things is allowed for."""
    told = measure(run, "--threads", "1", "--model", "embedded:demo")
    command = [clipclap, "embed", *[clip] * 20, "--every", "1", "--threads", "1", "--model", "embedded:demo", "-q"]
    start = time.perf_counter()
    lines = subprocess.run(command, capture_output=True, check=True).stdout.splitlines()
    assert len(lines) / (time.perf_counter() - start) < 1.8 * told["highest"]


def test_for_people(run):
    lines = run("bench", "--seconds", "0.2", "--batch", "2").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["model", "computed", "pictures", "roofline"]
    assert all(len(line) <= 80 for line in lines)


@pytest.mark.parametrize("wrong", [("--seconds", "0"), ("--batch", "0"), ("--batch", "x")])
def test_what_cannot_be_is_refused(run, wrong):
    result = run("bench", *wrong)
    assert (result.returncode, result.stdout) == (2, "")
