"""What can be computed on, and what is said of devices that are not there."""

import json
import os

import pytest


def test_the_processor_is_listed(run):
    result = run("devices", "--format", "json")
    assert result.returncode == 0, result.stderr
    first = json.loads(result.stdout)[0]
    assert first["name"] == "cpu" and "fp32" in first["precisions"]
    assert first["threads"] == int(os.environ.get("OMP_NUM_THREADS", len(os.sched_getaffinity(0))))
    assert run("devices").stdout.startswith("cpu ")


def test_a_run_says_where_it_was(run, picture):
    plain = run("tag", picture, "--labels", "cat,dog")
    assert run("tag", picture, "--labels", "cat,dog", "--device", "cpu").stdout == plain.stdout


@pytest.mark.parametrize("device", ["gpu", "cuda:x", "", "cpu,cpu", "auto,cpu"])
def test_what_is_no_device_is_a_usage_error(run, picture, device):
    result = run("tag", picture, "--labels", "cat,dog", "--device", device)
    assert result.returncode == 2
    assert "device" in result.stderr and not result.stdout


def test_a_device_that_is_not_there(run, picture):
    result = run("tag", picture, "--labels", "cat,dog", "--device", "cuda:99")
    assert result.returncode == 3
    assert "cuda:99" in result.stderr and "clipclap devices" in result.stderr


@pytest.mark.parametrize("other", [["--every", "5"], ["--keyframes"]])
def test_fast_goes_by_time(run, clip, other):
    result = run("tag", clip, "--labels", "cat,dog", "--fast", *other)
    assert result.returncode == 2 and "--fast" in result.stderr
    assert run("tag", clip, "--labels", "cat,dog", "--fast", "--every", "1s").returncode == 0
