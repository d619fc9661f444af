"""msclap's towers, as its package computes them: the .pth file itself and what is converted."""

import copy
import importlib.util
import json
import shutil
import subprocess
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy
import pytest
import torch
from msclap_reference import embed, make_model, make_wrapper, settings
from transformers import BertTokenizerFast

from clap_checkpoints import SENTENCES, spread_statistics
from comparison import (
    FASTER,
    assert_different_inputs_differ,
    assert_near,
    assert_same_embeddings,
    assert_same_log_mel,
    assert_same_logits,
    assert_same_probabilities,
    require_processor,
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
        "2023", {**GPT2, "vocab_size": 50257}, {"embed_dim": 16, "depths": [1], "num_heads": [2]},
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
    path = ROOT / "tools/convert_msclap.py"
    spec = importlib.util.spec_from_file_location("convert_msclap", path)
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


def stored(model: torch.nn.Module, year: str) -> dict:
    """What a training run saved of it, with the buffers that the transformers of then wrote."""
    state = model.state_dict()
    base = "caption_encoder.base"
    if year == "2022":
        state[f"{base}.embeddings.position_ids"] = torch.arange(512)[None]
    else:
        for layer in range(model.caption_encoder.base.config.n_layer):
            state[f"{base}.h.{layer}.attn.bias"] = torch.ones(1, 1, 90, 90, dtype=torch.bool).tril()
            state[f"{base}.h.{layer}.attn.masked_bias"] = torch.tensor(-1e4)
    return {"epoch": 7, "best": 0.25, "model": state}


def normalized(rows: torch.Tensor) -> numpy.ndarray:
    return (rows / rows.norm(dim=-1, keepdim=True)).detach().numpy().astype(numpy.float64)


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
        torch.save(stored(self.model, case.year), self.file)
        self.wrapper = make_wrapper(self.model, case.year, self.tokenizer)
        self.folder = folder / "converted"

    def convert(self) -> None:
        changes = {"transformer_embed_dim": self.model.caption_encoder.base.config.hidden_size,
                   "text_config": self.case.text} | self.case.changes  # fmt: skip
        converter().convert(self.file, self.tokenizer, self.folder, changes)

    @cache
    def clips(self, seconds: float) -> numpy.ndarray:
        found = sounds(44100, seconds)
        if self.case.htsat and seconds < 5:
            return numpy.stack(list(found.values()))
        return numpy.stack([found[name] for name in ("speech", "bursts of noise")])

    @cache
    def embed(self, seconds: float) -> torch.Tensor:
        return embed(self.wrapper, self.clips(seconds))

    @cache
    def embed_texts(self, count: int | None = None) -> torch.Tensor:
        return self.wrapper.get_text_embeddings(TEXTS[:count])


@pytest.fixture(scope="module", params=CASES)
def checkpoint(request, tmp_path_factory):
    found = Checkpoint(tmp_path_factory.mktemp("msclap") / request.param, CASES[request.param])
    found.convert()
    yield found
    found.file.unlink()
    (found.folder / "model.safetensors").unlink()


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


@pytest.fixture(scope="module")
def probe(tools) -> SoundProbe:
    return SoundProbe(tools)


class Ours:
    """What clipclap makes of a checkpoint's inputs, each once."""

    def __init__(self, checkpoint: Checkpoint, program: Program, probe: SoundProbe):
        self.embed = cache(lambda seconds: probe.embed(checkpoint.folder, checkpoint.clips(seconds)))
        self.embed_texts = cache(lambda: program.embed_texts(checkpoint.folder, TEXTS))


@pytest.fixture(scope="module")
def ours(checkpoint, program, probe) -> Ours:
    return Ours(checkpoint, program, probe)


@pytest.mark.parametrize("seconds", [2.3, 8.1])
def test_sound_tower(checkpoint, ours, seconds):
    reference = normalized(checkpoint.embed(seconds))
    assert_different_inputs_differ(reference, most=0.997)
    assert_same_embeddings(ours.embed(seconds), reference)


def test_text_tower(checkpoint, ours):
    reference = normalized(checkpoint.embed_texts())
    assert_different_inputs_differ(reference)
    assert_same_embeddings(ours.embed_texts(), reference)


def assert_same_ids(program: Program, model: Path, wrapper, texts: list[str]) -> None:
    options = [part for text in texts for part in ("--text", text)]
    answers = program.records("tokenize", "--model", model, *options)
    for text, answer in zip(texts, answers, strict=True):
        assert answer["ids"] == wrapper.preprocess_text([text])["input_ids"][0].tolist(), text


def test_ids(checkpoint, program):
    assert_same_ids(program, checkpoint.folder, checkpoint.wrapper, TEXTS)


def test_nothing_of_a_checkpoint_is_left_over(checkpoint, program):
    command = [program.binary, "embed", "--model", checkpoint.folder, "--text", "a cat"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


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
    reference = normalized(checkpoint.wrapper._get_text_embeddings(prepared))
    assert_same_embeddings(program.embed_texts(checkpoint.folder, [text]), reference)


def test_scores(checkpoint, program, ours):
    logits = checkpoint.wrapper.compute_similarity(checkpoint.embed(2.3), checkpoint.embed_texts())
    info = json.loads(program.run("model", "info", checkpoint.folder, "--format", "json"))
    scaled = info["logit_scale"] * ours.embed(2.3) @ ours.embed_texts().T
    assert_same_logits(scaled, logits.detach().numpy())
    probabilities = torch.from_numpy(scaled).softmax(-1).numpy()
    assert_same_probabilities(probabilities, logits.softmax(-1).detach().numpy())
    expected = {"family": "msclap", "hears": True, "sees": False, "sample_rate": 44100,
                "window_seconds": settings(checkpoint.year)["duration"], "score": "softmax",
                "embedding_dimension": 1024}  # fmt: skip
    assert {key: info[key] for key in expected} == expected
    given = ("--logit-scale", "5", "--format", "json")
    assert json.loads(program.run("model", "info", checkpoint.folder, *given))["logit_scale"] == 5


@pytest.mark.parametrize("seconds", [0.05, 5])
def test_log_mel(checkpoint, probe, seconds):
    """Within 0.001 dB of the package's modules. They compute in float64 here, as clipclap does, but
    their Fourier transform is a table of float32: beside a loud tone its rounding is heard 90 dB
    below. There the reference itself is off by 0.1 dB in its usual float32."""
    clips = numpy.stack(list(sounds(44100, seconds).values()))
    base = checkpoint.model.audio_encoder.base
    base = base.htsat if checkpoint.year == "2023" else base
    parts = copy.deepcopy([base.spectrogram_extractor, base.logmel_extractor])
    with torch.no_grad():
        front_end = torch.nn.Sequential(*parts).double()
        reference = front_end(torch.from_numpy(clips).double())[:, 0].numpy()
    found = probe.run("msclap_spectrograms", checkpoint.folder, clips).reshape(reference.shape)
    audible = reference > reference.max(axis=(1, 2), keepdims=True) - 90
    assert audible.any(axis=(1, 2)).all()
    assert_same_log_mel(found, reference, audible)
    assert numpy.abs(found - reference).max() <= 0.1


@pytest.mark.parametrize("precision", FASTER)
def test_faster_precisions_are_near(precision, checkpoint, program, probe):
    require_processor(precision)
    if precision == "int8" and checkpoint.year == "2022":
        command = [program.binary, "model", "info", checkpoint.folder, "--precision", "int8"]
        refused = subprocess.run(command, capture_output=True, text=True)
        assert refused.returncode == 3 and "Cnn14" in refused.stderr
        return
    rows = probe.embed(checkpoint.folder, checkpoint.clips(2.3), precision)
    assert_near(rows, normalized(checkpoint.embed(2.3)), precision)
    texts = program.embed_texts(checkpoint.folder, TEXTS, "--precision", precision)
    assert_near(texts, normalized(checkpoint.embed_texts()), precision)


def test_towers_stay_on_their_device(checkpoint, devices):
    devices.check(checkpoint.folder)


@pytest.fixture(scope="module", params=["2022", "2023"])
def published(request, tmp_path_factory):
    """The shape of CLAP_weights_2022.pth and CLAP_weights_2023.pth, which a lone file must have."""
    folder = tmp_path_factory.mktemp("published") / request.param
    found = Checkpoint(folder, Case(request.param, {}))
    yield found
    found.file.unlink()


def test_the_file_itself(published, program, probe, tmp_path):
    """The .pth file, its tokenizer beside it or named."""
    assert_same_embeddings(probe.embed(published.file, published.clips(2.3)),
                           normalized(published.embed(2.3)))  # fmt: skip
    alone = tmp_path / "renamed.pth"
    alone.symlink_to(published.file)
    texts = program.embed_texts(alone, TEXTS[:3], "--tokenizer", published.tokenizer)
    assert_same_embeddings(texts, normalized(published.embed_texts(3)))


@pytest.mark.skipif(not REAL_TOKENIZER.exists(), reason="GPT-2's tokenizer is not there")
@pytest.mark.parametrize("checkpoint", ["2023-other-transform"], indirect=True)
def test_the_real_tokenizer(checkpoint, program):
    """GPT-2's own file, in which "!" is no special token until msclap makes it one."""
    texts = ["a dog!", "!!", "wow!! a cat!? !", "Zwölf Boxkämpfer", "", " two  spaces", "<|endoftext|>"]
    shutil.copyfile(REAL_TOKENIZER, checkpoint.folder / "tokenizer.json")
    wrapper = make_wrapper(checkpoint.model, "2023", REAL_TOKENIZER)
    assert_same_ids(program, checkpoint.folder, wrapper, texts)
