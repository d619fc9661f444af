"""CLAP checkpoints as Hugging Face's own code writes them, with seeded random weights."""

import math
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import numpy
import torch
from transformers import ClapConfig, ClapFeatureExtractor, ClapModel

import tokenizers
from spread_weights import make_spread
from tokenizers import models, pre_tokenizers, processors, trainers

SENTENCES = [
    "the sound of a cat", "a dog barks at night", "zwölf boxkämpfer jagen viktor", "дождь",
    "rain on a tin roof", "東京の夜", "a machine hums, then stops", "one two three four five six",
]  # fmt: skip


def save_tokenizer(folder: Path) -> tokenizers.Tokenizer:
    """A small one with the components of laion/clap-htsat-unfused's tokenizer.json."""
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=450,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES * 4, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), add_prefix_space=False
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = '{"tokenizer_class": "RobertaTokenizer", "pad_token": "<pad>"}'
    (folder / "tokenizer_config.json").write_text(settings, "utf-8")
    return tokenizer


@torch.no_grad()
def spread_statistics(model: torch.nn.Module, seed: int) -> None:
    """Running statistics that fit what they normalise, none of them 0 or 1."""
    generator = torch.Generator().manual_seed(seed)
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            decibels = name.endswith(("batch_norm", "bn0"))
            mean = torch.randn(module.num_features, generator=generator)
            variance = 0.5 + torch.rand(module.num_features, generator=generator)
            module.running_mean.copy_(mean * 5 - 40 if decibels else mean * 0.2)
            module.running_var.copy_(variance * 150 if decibels else variance)


def save_checkpoint(
    folder: Path,
    audio: dict,
    text: dict,
    extractor: dict | None = None,
    dtype: torch.dtype = torch.float32,
    **others,
) -> ClapModel:
    """Writes a whole folder and gives the reference model, in float32."""
    config = ClapConfig(text_config=text, audio_config=audio, **others)
    model = make_spread(ClapModel, config, seed=7)
    spread_statistics(model, seed=8)
    with torch.no_grad():
        model.logit_scale_a.fill_(math.log(18.0))
    model.to(dtype).save_pretrained(folder)
    settings = {"frequency_min": 50, "truncation": "fusion" if audio.get("enable_fusion") else "rand_trunc"}
    ClapFeatureExtractor(**(settings | (extractor or {}))).save_pretrained(folder)
    save_tokenizer(folder)
    return model.to(torch.float32)


@contextmanager
def fixed_choices():
    """Puts clipclap's rule where the reference draws by lot: the first window of a long clip, and
    for fusion the first, the middle and the last beginning of the three thirds."""
    turns = iter(range(1_000_000))

    def choose(third):
        return third[(0, len(third) // 2, -1)[next(turns) % 3]]

    with mock.patch("numpy.random.choice", choose), mock.patch("numpy.random.randint", lambda *_: 0):
        yield


def spectrograms(extractor: ClapFeatureExtractor, clips: numpy.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """The model's input for clips of one length, and whether each is long: without the lot that the
    extractor draws where none is."""
    with fixed_choices():
        pairs = [
            extractor._get_input_mel(
                clip.astype(numpy.float64), extractor.nb_max_samples, extractor.truncation,
                extractor.padding,
            )
            for clip in clips
        ]  # fmt: skip
    mel = torch.from_numpy(numpy.stack([mel for mel, _ in pairs]))
    return mel, torch.tensor([[longer] for _, longer in pairs])
