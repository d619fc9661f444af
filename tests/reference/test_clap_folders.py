"""CLAP's folders as a user meets them: what is said of them, and of those that are broken."""

import json
import subprocess

import numpy
import pytest
from safetensors.numpy import load_file, save_file

from clap_checkpoints import save_checkpoint
from program import Program
from test_clap_towers import SMALL_FUSED, SMALL_TEXT


@pytest.fixture
def folder(tmp_path):
    save_checkpoint(tmp_path / "clap", SMALL_FUSED, SMALL_TEXT)
    return tmp_path / "clap"


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


def failure(program: Program, *arguments: object, code: int = 3) -> str:
    """The one line said of it; nothing else comes out."""
    command = [program.binary, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (code, ""), result.stderr
    (line,) = result.stderr.splitlines()
    return line


def test_info(program, folder):
    info = json.loads(program.run("model", "info", folder, "--format", "json"))
    assert (info["family"], info["sees"], info["hears"]) == ("CLAP", False, True)
    assert (info["sample_rate"], info["window_seconds"]) == (48000, 10)
    stored = load_file(folder / "model.safetensors")
    weights = {name: tensor for name, tensor in stored.items() if tensor.dtype.kind == "f"}
    assert info["parameters"] <= sum(tensor.size for tensor in weights.values())
    assert info["logit_scale"] == pytest.approx(numpy.exp(stored["logit_scale_a"]).item())
    assert "can tag       sounds" in program.run("model", "info", folder)


@pytest.mark.parametrize("command", [("tag", "--labels", "cat"), ("embed",)])
def test_pictures_are_not_for_a_model_that_hears(program, folder, photographs, command):
    message = failure(program, *command, photographs[0], "--model", folder, code=1)
    assert str(photographs[0]) in message and "hears but does not see" in message


def test_sounds_are_not_for_a_model_that_sees(program, tmp_path):
    sound = tmp_path / "tone.wav"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", sound], check=True
    )
    message = failure(
        program, "tag", "--quiet", "--labels", "cat", "--model", "embedded:demo", sound, code=1
    )
    assert str(sound) in message and "sees but does not hear" in message


def test_missing_fusion_tensors_are_named(program, folder):
    path = folder / "model.safetensors"
    tensors = load_file(path)
    fusion = [name for name in tensors if "fusion_model" in name or "mel_conv2d" in name]
    assert fusion
    save_file({name: tensors[name] for name in tensors if name not in fusion}, path)
    message = failure(program, "model", "info", folder)
    assert str(folder) in message and "missing" in message
    assert any(name in message for name in fusion)


def test_a_tokenizer_of_another_model_is_named(program, folder):
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_text("utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary |= {f"word{number}": len(vocabulary) + number for number in range(200)}
    path.write_text(json.dumps(tokenizer), "utf-8")
    message = failure(program, "model", "info", folder)
    assert str(path) in message and "512 rows" in message
