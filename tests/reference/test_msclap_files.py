"""msclap's files that are broken, incomplete or something else: one line says what and where."""

import argparse
import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from program import Program
from test_msclap import Case, Checkpoint, GPT2, converter, save_bert_tokenizer, save_gpt2_tokenizer

SMALL = Case(
    "2023", GPT2, {"embed_dim": 16, "depths": [1], "num_heads": [2]},
    {"out_emb": 16, "audio_config": {"patch_embeds_hidden_size": 16, "hidden_size": 16,
                                     "depths": [1], "num_attention_heads": [2]}},
)  # fmt: skip
TOKENS = "caption_encoder.base.wte.weight"


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Checkpoint:
    found = Checkpoint(tmp_path_factory.mktemp("msclap") / "small", SMALL)
    found.convert()
    return found


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


def run(program: Program, model: Path, *options: object):
    command = [program.binary, "model", "info", *options, model]
    return subprocess.run([*map(str, command)], capture_output=True, text=True)


def refusal(program: Program, model: Path, *options: object) -> str:
    result = run(program, model, *options)
    assert (result.returncode, result.stdout) == (3, ""), result.stderr
    (line,) = result.stderr.splitlines()
    assert str(model) in line
    return line


@pytest.fixture
def lone(tmp_path, program):
    """What is said of a .pth file that holds such a value, GPT-2's tokenizer beside it."""
    save_gpt2_tokenizer(tmp_path / "tokenizer.json")

    def said(value) -> str:
        path = tmp_path / "CLAP_weights_2023.pth"
        torch.save(value, path)
        return refusal(program, path)

    return said


def test_pickles_with_code(lone):
    line = lone({"model": {TOKENS: torch.ones(1)}, "args": argparse.Namespace()})
    assert "can run code" in line and "argparse Namespace" in line


def test_other_state_dicts(lone):
    assert "msclap" in lone({"a": torch.ones(1)})
    assert "holds no state dict" in lone([torch.ones(1)])
    assert "holds no state dict" in lone({"model": {}})


def test_other_shapes(lone):
    """A lone file has the shape of a published one; the converter's folder may have any."""
    name = "caption_encoder.projection.linear1.weight"
    line = lone({"model": {TOKENS: torch.ones(3, 96), name: torch.ones(1024, 96)}})
    assert name in line and "[1024, 96]" in line and "[1024, 768]" in line


def test_missing_tensors(lone):
    line = lone({"model": {TOKENS: torch.zeros(3, 768)}})
    assert "caption_encoder.projection.linear1.weight" in line and "is missing" in line


def test_no_tokenizer(tmp_path, program):
    for name, tensor in (("gpt2", TOKENS), ("bert", "audio_encoder.base.conv_block1.conv1.weight")):
        torch.save({"model": {tensor: torch.ones(1)}}, tmp_path / f"{name}.pth")
        line = refusal(program, tmp_path / f"{name}.pth")
        assert "--tokenizer" in line and name in line


def test_another_tokenizer(tmp_path, program):
    save_bert_tokenizer(tmp_path / "tokenizer.json")
    torch.save({"model": {TOKENS: torch.ones(1)}}, tmp_path / "CLAP_weights_2023.pth")
    result = run(program, tmp_path / "CLAP_weights_2023.pth")
    assert result.returncode == 3
    assert "is not GPT-2's" in result.stderr and str(tmp_path / "tokenizer.json") in result.stderr


def test_cut_and_changed_files(small, program, tmp_path):
    """Cut anywhere, or with bytes changed: an error or other numbers, never a crash."""
    save_gpt2_tokenizer(tmp_path / "tokenizer.json")
    whole = small.file.read_bytes()
    path = tmp_path / "CLAP_weights_2023.pth"
    for size in (0, 1, 4, 64, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        refusal(program, path)
    chance = random.Random(7)
    for _ in range(12):
        changed = bytearray(whole)
        for _ in range(20):
            changed[chance.randrange(6000)] = chance.randrange(256)  # the pickle comes first
        path.write_bytes(changed)
        assert run(program, path).returncode == 3


class Spoiled:
    """A copy of the converted folder, to be spoiled."""

    def __init__(self, folder: Path, small: Checkpoint):
        self.folder = shutil.copytree(small.folder, folder)

    def config(self, **changes) -> None:
        path = self.folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    def tensors(self, change) -> None:
        tensors = load_file(self.folder / "model.safetensors")
        change(tensors)
        save_file(tensors, self.folder / "model.safetensors")


def test_spoiled_folders(small, program, tmp_path):
    def said(spoil) -> str:
        spoiled = Spoiled(tmp_path / str(len(list(tmp_path.iterdir()))), small)
        spoil(spoiled)
        return refusal(program, spoiled.folder)

    for name in (
        "logit_scale", "audio_encoder.projection.layer_norm.weight", "caption_encoder.base.ln_f.bias",
        "audio_encoder.base.htsat.logmel_extractor.melW", "audio_encoder.base.htsat.bn0.running_var",
        "audio_encoder.base.htsat.spectrogram_extractor.stft.conv_imag.weight",
        "audio_encoder.base.htsat.layers.0.blocks.0.attn.relative_position_bias_table",
    ):  # fmt: skip
        line = said(lambda it, name=name: it.tensors(lambda tensors: tensors.pop(name)))
        assert name in line and "is missing" in line

    def shorten(tensors):
        tensors["caption_encoder.projection.linear1.weight"] = torch.ones(1024, 95)

    line = said(lambda it: it.tensors(shorten))
    assert "caption_encoder.projection.linear1.weight" in line and "[1024, 95]" in line
    assert "text_len" in said(lambda it: it.config(text_len=4000))
    assert "audioenc_name" in said(lambda it: it.config(audioenc_name="Cnn10"))
    assert "mel_bins" in said(lambda it: it.config(mel_bins="many"))
    assert "n_head" in said(lambda it: it.config(text_config=GPT2 | {"n_head": 5}))
    assert "tokenizer.json" in said(lambda it: (it.folder / "tokenizer.json").unlink())


def test_the_converter_refuses_what_is_not_msclap(tmp_path):
    torch.save({"model": {"a": torch.ones(1)}}, tmp_path / "x.pth")
    with pytest.raises(SystemExit, match="neither msclap"):
        converter().convert(tmp_path / "x.pth", tmp_path / "tokenizer.json", tmp_path / "out")
    torch.save({"model": {}, "args": argparse.Namespace()}, tmp_path / "x.pth")
    with pytest.raises(Exception, match="Weights only load failed"):
        converter().convert(tmp_path / "x.pth", tmp_path / "tokenizer.json", tmp_path / "out")
    assert not (tmp_path / "out").exists()
