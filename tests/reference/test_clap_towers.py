"""CLAP's towers, scores and front end against transformers."""

import json
from dataclasses import dataclass, field

import numpy
import pytest
import torch
from transformers import ClapFeatureExtractor, ClapModel

from clap_checkpoints import SENTENCES, save_checkpoint, spectrograms
from comparison import (
    assert_different_inputs_differ,
    assert_same_embeddings,
    cosines,
    require_bfloat16,
)
from program import Program
from sounds import SoundProbe, sounds
from tokenizers import Tokenizer

TEXTS = [*SENTENCES, "", "A Sound, of: a cat!", "a <pad> within, and a <mask>", "longer text " * 60]


def text_shape(width: int, heads: int, layers: int, **others) -> dict:
    return {
        "hidden_size": width,
        "intermediate_size": width * 4,
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        "vocab_size": 512,
        **others,
    }


def audio_shape(width: int, depths: list[int], heads: list[int], **others) -> dict:
    return {
        "patch_embeds_hidden_size": width,
        "hidden_size": width * 2 ** (len(depths) - 1),
        "depths": depths,
        "num_attention_heads": heads,
        **others,
    }


@dataclass
class Case:
    audio: dict
    text: dict
    extractor: dict = field(default_factory=dict)
    others: dict = field(default_factory=dict)
    dtype: torch.dtype = torch.float32
    seconds: tuple = (3.3, 10, 14.5)
    sparse: bool = False


SMALL_TEXT = text_shape(96, 3, 2)
SMALL_FUSED = audio_shape(24, [2, 2], [2, 4], enable_fusion=True)

CASES = {
    # laion/clap-htsat-unfused, whose config.json names no size at all
    "htsat-tiny": Case({}, {}, sparse=True, seconds=(3.3, 14.5)),
    # laion/larger_clap_general and larger_clap_music
    "htsat-larger": Case(
        audio_shape(128, [2, 2, 12, 2], [4, 8, 16, 32]), SMALL_TEXT, seconds=(7.0,)
    ),
    # laion/clap-htsat-fused
    "htsat-fused": Case({"enable_fusion": True}, SMALL_TEXT, seconds=(3.3, 27.2)),
    "small": Case(audio_shape(24, [2, 2], [2, 4]), SMALL_TEXT),
    "odd": Case(
        audio_shape(
            30, [1, 3, 2], [3, 3, 6], layer_norm_eps=1e-2, qkv_bias=False, mlp_ratio=2.55,
            hidden_act="gelu_new", enable_patch_layer_norm=False, window_size=7,
        ),
        text_shape(
            80, 5, 3, hidden_act="relu", layer_norm_eps=1e-3, max_position_embeddings=60,
            type_vocab_size=3, pad_token_id=4,
        ),
        {"padding": "repeat", "hop_length": 469, "fft_window_size": 1001},
        {"projection_dim": 77, "projection_hidden_act": "gelu"},
    ),
    "overlapping-patches": Case(
        audio_shape(16, [2], [2], patch_size=10, patch_stride=[4, 4]), SMALL_TEXT
    ),
    "one-window": Case(audio_shape(16, [2, 3], [2, 4], window_size=32), SMALL_TEXT),
    "other-front-end": Case(
        audio_shape(24, [2, 2], [2, 4], num_mel_bins=32, spec_size=128, window_size=4),
        SMALL_TEXT,
        {
            "sampling_rate": 32000, "hop_length": 320, "fft_window_size": 1000, "feature_size": 32,
            "max_length_s": 5, "padding": "pad", "frequency_min": 0, "frequency_max": 16000,
        },
        seconds=(1.7, 5, 5.5),
    ),
    "small-fused": Case(SMALL_FUSED, SMALL_TEXT, seconds=(2.0, 10, 10.005, 10.01, 10.02, 31.4)),
    "odd-fused": Case(
        audio_shape(
            20, [2, 2], [2, 4], enable_fusion=True, aff_block_r=3, patch_size=6, qkv_bias=False,
        ),
        SMALL_TEXT,
        {"padding": "pad", "sampling_rate": 44100, "hop_length": 441},
        seconds=(4.4, 12.0),
    ),
    "float16": Case(SMALL_FUSED, SMALL_TEXT, dtype=torch.float16, seconds=(4.0, 12.0)),
    "bfloat16": Case(audio_shape(24, [2, 2], [2, 4]), SMALL_TEXT, dtype=torch.bfloat16),
}  # fmt: skip


def normalized(features: torch.Tensor) -> numpy.ndarray:
    return (features / features.norm(dim=-1, keepdim=True)).numpy().astype(numpy.float64)


class Checkpoint:
    def __init__(self, folder, case: Case):
        self.folder = folder
        self.case = case
        self.model = save_checkpoint(
            folder, case.audio, case.text, case.extractor, case.dtype, **case.others
        )
        if case.sparse:
            sparse = {"model_type": "clap", "audio_config": {"model_type": "clap_audio_model"}}
            (folder / "config.json").write_text(json.dumps(sparse))
        self.extractor = ClapFeatureExtractor.from_pretrained(folder)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        text = self.model.config.text_config
        self.tokenizer.enable_truncation(text.max_position_embeddings - text.pad_token_id - 1)
        self.tokenizer.enable_padding(pad_id=text.pad_token_id)

    def clips(self, seconds: float) -> numpy.ndarray:
        found = sounds(self.extractor.sampling_rate, seconds)
        if self.case.seconds[0] == seconds:
            return numpy.stack(list(found.values()))
        return numpy.stack([found[name] for name in ("speech", "low buzz", "clicks")])

    @torch.no_grad()
    def embed(self, clips: numpy.ndarray) -> numpy.ndarray:
        mel, is_longer = spectrograms(self.extractor, clips)
        return normalized(self.model.get_audio_features(mel, is_longer=is_longer))

    @torch.no_grad()
    def embed_texts(self, texts) -> numpy.ndarray:
        encodings = self.tokenizer.encode_batch(texts)
        ids = torch.tensor([encoding.ids for encoding in encodings])
        mask = torch.tensor([encoding.attention_mask for encoding in encodings])
        return normalized(self.model.get_text_features(ids, attention_mask=mask))


@pytest.fixture(scope="module", params=CASES)
def checkpoint(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoint") / request.param
    yield Checkpoint(folder, CASES[request.param])
    (folder / "model.safetensors").unlink()


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


@pytest.fixture(scope="module")
def probe(tools) -> SoundProbe:
    return SoundProbe(tools)


def test_sound_tower(checkpoint, probe):
    for seconds in checkpoint.case.seconds:
        clips = checkpoint.clips(seconds)
        reference = checkpoint.embed(clips)
        # A pure tone is silence but for one or two of all bands.
        assert_different_inputs_differ(reference, most=0.99999)
        assert_same_embeddings(probe.embed(checkpoint.folder, clips), reference)


def test_text_tower(checkpoint, program):
    reference = checkpoint.embed_texts(TEXTS)
    assert_different_inputs_differ(reference)
    assert_same_embeddings(program.embed_texts(checkpoint.folder, TEXTS), reference)
