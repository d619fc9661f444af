"""Checkpoints that are not what they should be: named, with the place, before anything runs."""

import json
import shutil
import struct

import numpy
import pytest
from safetensors.numpy import load_file, save_file

TENSOR = "vision_model.post_layernorm.weight"


@pytest.fixture
def checkpoint(root, tmp_path):
    folder = tmp_path / "checkpoint"
    shutil.copytree(root / "models/demo", folder)
    return folder


def change_tensors(folder, change):
    path = folder / "model.safetensors"
    tensors = load_file(path)
    change(tensors)
    save_file(tensors, path)


def change_json(path, change):
    values = json.loads(path.read_text())
    change(values)
    path.write_text(json.dumps(values))


def change_header(folder, change):
    path = folder / "model.safetensors"
    contents = path.read_bytes()
    (length,) = struct.unpack("<Q", contents[:8])
    header = json.loads(contents[8 : 8 + length])
    change(header)
    changed = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(changed)) + changed + contents[8 + length :])


def cut(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])


def write(folder, contents):
    (folder / "model.safetensors").write_bytes(contents)


BROKEN = {
    "missing tensor": (lambda f: change_tensors(f, lambda t: t.pop(TENSOR)), [TENSOR]),
    "misshaped tensor": (
        lambda f: change_tensors(f, lambda t: t.update({TENSOR: numpy.zeros((3, 5), "float16")})),
        [TENSOR, "3", "5", "192"],
    ),
    "header beyond the file": (lambda f: write(f, struct.pack("<Q", 1 << 40)), ["safetensors"]),
    "empty weights": (lambda f: write(f, b""), ["safetensors"]),
    "cut weights": (cut, ["safetensors"]),
    "unknown type": (
        lambda f: change_header(f, lambda h: h[TENSOR].update(dtype="F7")),
        [TENSOR, "F7"],
    ),
    "overlapping offsets": (
        lambda f: change_header(f, lambda h: h[TENSOR].update(data_offsets=[0, 384])),
        ["safetensors"],
    ),
    "offsets that overflow": (
        lambda f: change_header(f, lambda h: h[TENSOR].update(data_offsets=[2**63, 2**64 - 1])),
        ["data_offsets"],
    ),
    "no weights": (lambda f: (f / "model.safetensors").unlink(), ["model.safetensors"]),
    "no configuration": (lambda f: (f / "config.json").unlink(), ["config.json"]),
    "configuration that is no JSON": (
        lambda f: (f / "config.json").write_text("{"),
        ["config.json", "line 1"],
    ),
    "configuration of another kind": (
        lambda f: change_json(f / "config.json", lambda c: c.update(model_type="bert")),
        ["config.json", "bert", "TorchScript export"],
    ),
    "towers of any kind": (
        lambda f: change_json(
            f / "config.json", lambda c: c.update(model_type="vision-text-dual-encoder")
        ),
        ["config.json", "vision-text-dual-encoder", "TorchScript export"],
    ),
    "configuration without a kind": (
        lambda f: change_json(f / "config.json", lambda c: c.pop("model_type")),
        ["config.json", "model_type", "clipclap model list"],
    ),
    "unknown tokenizer component": (
        lambda f: change_json(
            f / "tokenizer.json", lambda c: c.update(normalizer={"type": "Wonder"})
        ),
        ["tokenizer.json", "Wonder"],
    ),
    "no tokenizer": (
        lambda f: [(f / name).unlink() for name in ("tokenizer.json", "vocab.json", "merges.txt")],
        ["tokenizer.json"],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_checkpoint_is_named_and_nothing_runs(run, checkpoint, picture, tmp_path, name):
    break_it, expected = BROKEN[name]
    break_it(checkpoint)
    output = tmp_path / "out"
    result = run("tag", picture, "--labels", "cat", "--model", checkpoint, "-o", output)
    assert result.returncode == 3
    (line,) = result.stderr.splitlines()
    assert str(checkpoint) in line
    for part in expected:
        assert part in line
    assert not output.exists()


def test_an_unknown_tensor_is_a_warning_that_quiet_leaves_out(run, checkpoint, picture):
    change_tensors(checkpoint, lambda t: t.update(stranger=numpy.zeros(3, "float32")))
    arguments = ("tag", picture, "--labels", "cat", "--model", checkpoint)
    result = run(*arguments)
    assert result.returncode == 0
    (line,) = result.stderr.splitlines()
    assert line.startswith("clipclap: warning: ") and "stranger" in line
    assert run(*arguments, "--quiet").stderr == ""


def test_weights_that_are_no_numbers_make_no_records(run, checkpoint, picture):
    change_tensors(checkpoint, lambda t: t[TENSOR].fill(numpy.nan))
    for command in (["tag", "--labels", "cat,dog"], ["embed"]):
        result = run(*command, picture, "--model", checkpoint, "-q")
        assert (result.returncode, result.stdout) == (1, "")
        assert str(picture) in result.stderr
