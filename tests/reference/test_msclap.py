"""msclap's towers, as its package computes them: the .pth file itself and what is converted."""

import importlib.util
import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy
import pytest
import torch
from msclap_reference import embed, make_model, make_wrapper, settings
from transformers import BertTokenizerFast

from clap_checkpoints import SENTENCES, spread_statistics
from comparison import (
    assert_different_inputs_differ,
    assert_same_embeddings,
    cosines,
    require_bfloat16,
)
from program import Program
from sounds import SoundProbe, sounds
from spread_weights import spread
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

ROOT = Path(__file__).resolve().parents[2]
REAL_TOKENIZER = ROOT.parent / "shared/data/tokenizers/msclap/tokenizer.json"
TEXTS = [*SENTENCES, "", "hello!", "!! two ! of them", "trailing space ", "A Sound, of: a cat"]
YEARS = {"gpt2": "2023", "bert": "2022"}


@dataclass
class Case:
    year: str
    text: dict
    htsat: dict | None = None
    changes: dict = field(default_factory=dict)  # of config.json, for other shapes than published


GPT2 = {"vocab_size": 512, "n_embd": 96, "n_layer": 3, "n_head": 3}
CASES = {
    "2023": Case("2023", GPT2),
    "2023-small": Case(
        "2023",
        {**GPT2, "n_inner": 200, "activation_function": "relu", "layer_norm_epsilon": 1e-3,
         "n_positions": 90},
        {"embed_dim": 24, "depths": [2, 2], "num_heads": [2, 4]},
        {"out_emb": 48, "audio_config": {"patch_embeds_hidden_size": 24, "hidden_size": 48,
                                         "depths": [2, 2], "num_attention_heads": [2, 4]}},
    ),
    "2022": Case(
        "2022",
        {"vocab_size": 512, "hidden_size": 96, "num_hidden_layers": 2, "num_attention_heads": 3,
         "intermediate_size": 200},
    ),
}  # fmt: skip


def converter():
    path = ROOT / "tools/convert_msclap/convert.py"
    spec = importlib.util.spec_from_file_location("convert", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def save_gpt2_tokenizer(path: Path) -> None:
    """A small one with the components of GPT-2's: "!" is its first token."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=450, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator([*SENTENCES * 4, "wow!! ok!!"] * 2, trainer)
    tokenizer.add_special_tokens(["<|endoftext|>"])
    assert tokenizer.token_to_id("!") == 0
    tokenizer.save(str(path))


def save_bert_tokenizer(path: Path) -> None:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "the", "sound", "of", "cat", "dog"]
    words += [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    words += list("abcdefghijklmnopqrstuvwxyz!,.:0123456789")
    vocabulary = path.parent / "vocab.txt"
    vocabulary.write_text("\n".join(dict.fromkeys(words)))
    BertTokenizerFast(str(vocabulary)).backend_tokenizer.save(str(path))


@torch.no_grad()
def spread_all(model: torch.nn.Module) -> None:
    """All but the Fourier transform and the filters, which are what they are."""
    kept = {
        name: weight.clone()
        for name, weight in model.named_parameters()
        if "stft" in name or name.endswith("melW")
    }
    spread(model, seed=5)
    spread_statistics(model, seed=6)
    for name, weight in kept.items():
        model.get_parameter(name).copy_(weight)
    model.logit_scale.fill_(3.5)


class Checkpoint:
    def __init__(self, folder: Path, case: Case):
        self.case = case
        self.year = case.year
        folder.mkdir()
        self.file = folder / f"CLAP_weights_{case.year}.pth"
        self.tokenizer = folder / "tokenizer.json"
        (save_gpt2_tokenizer if case.year == "2023" else save_bert_tokenizer)(self.tokenizer)
        self.model = make_model(case.year, case.text, case.htsat)
        spread_all(self.model)
        torch.save({"epoch": 7, "model": self.model.state_dict()}, self.file)
        self.folder = folder / "converted"
        changes = {"transformer_embed_dim": self.model.caption_encoder.base.config.hidden_size,
                   "text_config": case.text} | case.changes  # fmt: skip
        converter().convert(self.file, self.tokenizer, self.folder, changes)
        self.wrapper = make_wrapper(self.model, case.year, self.tokenizer)

    def normalized(self, rows: torch.Tensor) -> numpy.ndarray:
        return (rows / rows.norm(dim=-1, keepdim=True)).detach().numpy().astype(numpy.float64)

    def embed(self, clips: numpy.ndarray) -> numpy.ndarray:
        return self.normalized(embed(self.wrapper, clips))

    def embed_texts(self, texts: list[str]) -> numpy.ndarray:
        return self.normalized(self.wrapper.get_text_embeddings(texts))

    def clips(self, seconds: float) -> numpy.ndarray:
        return numpy.stack(list(sounds(44100, seconds).values()))


@pytest.fixture(scope="module", params=CASES)
def checkpoint(request, tmp_path_factory):
    found = Checkpoint(tmp_path_factory.mktemp("msclap") / request.param, CASES[request.param])
    yield found
    found.file.unlink()
    (found.folder / "model.safetensors").unlink()


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


@pytest.fixture(scope="module")
def probe(tools) -> SoundProbe:
    return SoundProbe(tools)


@pytest.mark.parametrize("seconds", [2.3, 8.1])
def test_sound_tower(checkpoint, probe, seconds):
    clips = checkpoint.clips(seconds)
    reference = checkpoint.embed(clips)
    assert_different_inputs_differ(reference, most=0.99999)
    assert_same_embeddings(probe.embed(checkpoint.folder, clips), reference)


def test_text_tower(checkpoint, program):
    reference = checkpoint.embed_texts(TEXTS)
    assert_different_inputs_differ(reference, most=0.9999)
    assert_same_embeddings(program.embed_texts(checkpoint.folder, TEXTS), reference)
