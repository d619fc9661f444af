"""msclap's towers, as its package computes them: the .pth file itself and what is converted."""

import argparse
import importlib.util
import json
import subprocess
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


@dataclass
class Case:
    year: str
    text: dict
    htsat: dict | None = None
    changes: dict = field(default_factory=dict)  # of config.json, for other shapes than published
    blur: float = 0  # what is drawn onto the Fourier transform, so that it is none any more


GPT2 = {"vocab_size": 512, "n_embd": 96, "n_layer": 3, "n_head": 3}
CASES = {
    "2023-small": Case(
        "2023",
        {**GPT2, "n_inner": 200, "activation_function": "relu", "layer_norm_epsilon": 1e-3,
         "n_positions": 90},
        {"embed_dim": 24, "depths": [2, 2], "num_heads": [2, 4]},
        {"out_emb": 48, "audio_config": {"patch_embeds_hidden_size": 24, "hidden_size": 48,
                                         "depths": [2, 2], "num_attention_heads": [2, 4]}},
    ),
    "2023-other-transform": Case(
        "2023", GPT2, {"embed_dim": 16, "depths": [1], "num_heads": [2]},
        {"out_emb": 16, "audio_config": {"patch_embeds_hidden_size": 16, "hidden_size": 16,
                                         "depths": [1], "num_attention_heads": [2]}},
        blur=0.01,
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
def spread_all(model: torch.nn.Module, blur: float) -> None:
    """All but the Fourier transform and the filters, which are what they are."""
    kept = {
        name: weight.clone()
        for name, weight in model.named_parameters()
        if "stft" in name or name.endswith("melW")
    }
    spread(model, seed=5)
    spread_statistics(model, seed=6)
    for name, weight in kept.items():
        model.get_parameter(name).copy_(weight * (1 + blur * torch.randn_like(weight)))
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
        spread_all(self.model, case.blur)
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
        found = sounds(44100, seconds)
        if self.case.htsat:
            return numpy.stack(list(found.values()))
        return numpy.stack([found[name] for name in ("speech", "bursts of noise", "silence")])


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
    assert_different_inputs_differ(reference, most=0.997)
    assert_same_embeddings(probe.embed(checkpoint.folder, clips), reference)


def test_text_tower(checkpoint, program):
    reference = checkpoint.embed_texts(TEXTS)
    assert_different_inputs_differ(reference)
    assert_same_embeddings(program.embed_texts(checkpoint.folder, TEXTS), reference)
    for text in TEXTS[-4:]:
        ids = checkpoint.wrapper.preprocess_text([text])["input_ids"][0].tolist()
        answer = program.run("tokenize", "--model", checkpoint.folder, "--text", text)
        assert json.loads(answer)["ids"] == ids


@torch.no_grad()
def test_long_texts_are_cut(checkpoint, program):
    """The reference cuts nothing, and fails where texts of a batch differ in length. Here the end
    token takes the last place, as in CLIP."""
    text = "a dog and a cat and " * 40
    length = 77 if checkpoint.year == "2023" else 100
    ids = checkpoint.wrapper.tokenizer(text)["input_ids"]
    assert len(ids) > length
    end = checkpoint.wrapper.tokenizer("<|endoftext|>" if length == 77 else "")["input_ids"][-1]
    cut = torch.tensor([[*ids[: length - 1], end]])
    prepared = {"input_ids": cut, "attention_mask": torch.ones_like(cut)}
    reference = checkpoint.normalized(checkpoint.wrapper._get_text_embeddings(prepared))
    assert_same_embeddings(program.embed_texts(checkpoint.folder, [text]), reference)


def test_scores(checkpoint, program, probe):
    clips, texts = checkpoint.clips(2.3), TEXTS[:5]
    with torch.no_grad():
        sound = embed(checkpoint.wrapper, clips)
        text = checkpoint.wrapper.get_text_embeddings(texts)
        logits = checkpoint.wrapper.compute_similarity(sound, text)
    info = json.loads(program.run("model", "info", checkpoint.folder, "--format", "json"))
    cosine = probe.embed(checkpoint.folder, clips) @ program.embed_texts(checkpoint.folder, texts).T
    ours = torch.from_numpy(info["logit_scale"] * cosine)
    assert (ours - logits).abs().max() <= 2e-3
    assert (ours.softmax(-1) - logits.softmax(-1)).abs().max() <= 1e-4
    assert (info["sample_rate"], info["hears"]) == (44100, True)
    assert info["window_seconds"] == settings(checkpoint.year)["duration"]


def test_bfloat16_is_near(checkpoint, program, probe):
    require_bfloat16()
    clips = checkpoint.clips(2.3)
    ours = probe.embed(checkpoint.folder, clips, "bf16")
    assert cosines(ours, checkpoint.embed(clips)).min() >= 0.999
    texts = program.embed_texts(checkpoint.folder, TEXTS, "--precision", "bf16")
    assert cosines(texts, checkpoint.embed_texts(TEXTS)).min() >= 0.999


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """The shape of CLAP_weights_2023.pth, which a lone file must have."""
    folder = tmp_path_factory.mktemp("published") / "2023"
    found = Checkpoint(folder, Case("2023", {}))
    yield found
    found.file.unlink()
    (found.folder / "model.safetensors").unlink()


def test_the_file_itself(published, program, probe, tmp_path):
    """The .pth file, its tokenizer beside it or named, gives what the converted folder gives."""
    clips = published.clips(2.3)
    assert_same_embeddings(probe.embed(published.file, clips), published.embed(clips))
    converted = program.embed_texts(published.folder, TEXTS[:3])
    assert_same_embeddings(converted, published.embed_texts(TEXTS[:3]))
    assert numpy.array_equal(program.embed_texts(published.file, TEXTS[:3]), converted)
    alone = tmp_path / "renamed.pth"
    alone.symlink_to(published.file)
    named = program.embed_texts(alone, TEXTS[:3], "--tokenizer", published.tokenizer)
    assert numpy.array_equal(named, converted)
    result = subprocess.run(
        [program.binary, "embed", "--model", alone, "--text", "a"], capture_output=True, text=True
    )
    assert result.returncode != 0 and "openai-community/gpt2" in result.stderr


@pytest.mark.skipif(not REAL_TOKENIZER.exists(), reason="GPT-2's tokenizer is not there")
def test_the_real_tokenizer(published, program):
    """GPT-2's own file, in which "!" is no special token until msclap makes it one."""
    wrapper = make_wrapper(published.model, "2023", REAL_TOKENIZER)
    texts = ["a dog!", "!!", "wow!! a cat!? !", "Zwölf Boxkämpfer", "", " two  spaces", "<|endoftext|>"]
    for text in texts:
        ids = wrapper.preprocess_text([text])["input_ids"][0].tolist()
        answer = program.run(
            "tokenize", "--model", published.file, "--tokenizer", REAL_TOKENIZER, "--text", text
        )
        assert json.loads(answer)["ids"] == ids, text


def test_bad_files_are_named(program, tmp_path):
    def said(value) -> str:
        path = tmp_path / "CLAP_weights_2023.pth"
        torch.save(value, path)
        command = [program.binary, "model", "info", path]
        result = subprocess.run([*map(str, command)], capture_output=True, text=True)
        assert result.returncode != 0 and str(path) in result.stderr
        return result.stderr

    assert "can run code" in said({"model": {"a": torch.ones(1)}, "args": argparse.Namespace()})
    assert "no TorchScript" in said({"a": torch.ones(1)})
    wte = {"caption_encoder.base.wte.weight": torch.ones(3, 768)}
    assert "openai-community/gpt2" in said({"model": wte})
