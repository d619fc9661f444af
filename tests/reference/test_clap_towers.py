"""CLAP's towers, scores and front end against transformers."""

import json
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import ClapFeatureExtractor, ClapModel

from clap_checkpoints import SENTENCES, save_checkpoint, spectrograms
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
        # Faint noise is near to silence, and clicks fill all bands as a buzz does.
        assert_different_inputs_differ(reference, most=0.9995)
        assert_same_embeddings(probe.embed(checkpoint.folder, clips), reference)


def test_text_tower(checkpoint, program):
    texts = TEXTS[:7] if checkpoint.case.sparse else TEXTS  # the full size takes its time
    reference = checkpoint.embed_texts(texts)
    assert_different_inputs_differ(reference)
    assert_same_embeddings(program.embed_texts(checkpoint.folder, texts), reference)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Checkpoint:
    return Checkpoint(tmp_path_factory.mktemp("clap") / "small", CASES["small"])


@pytest.fixture(scope="module")
def fused(tmp_path_factory) -> Checkpoint:
    return Checkpoint(tmp_path_factory.mktemp("clap") / "fused", CASES["small-fused"])


def test_logits(small, program, probe):
    """As ClapModel.forward gives them for sounds: logits and the probabilities of labels."""
    clips = small.clips(3.3)
    texts = TEXTS[:5]
    with torch.no_grad():
        mel, is_longer = spectrograms(small.extractor, clips)
        encodings = small.tokenizer.encode_batch(texts)
        output = small.model(
            input_ids=torch.tensor([encoding.ids for encoding in encodings]),
            attention_mask=torch.tensor([encoding.attention_mask for encoding in encodings]),
            input_features=mel,
            is_longer=is_longer,
        )
    info = json.loads(program.run("model", "info", small.folder, "--format", "json"))
    ours = probe.embed(small.folder, clips) @ program.embed_texts(small.folder, texts).T
    logits = ours * info["logit_scale"]
    assert_same_logits(logits, output.logits_per_audio.numpy())
    probabilities = torch.from_numpy(logits).softmax(-1).numpy()
    assert_same_probabilities(probabilities, output.logits_per_audio.softmax(-1).numpy())


@pytest.mark.parametrize("precision", FASTER)
@pytest.mark.parametrize("kind", ["small", "fused"])
def test_faster_precisions_are_near(precision, kind, request, program, probe):
    require_processor(precision)
    checkpoint = request.getfixturevalue(kind)
    for seconds in checkpoint.case.seconds[::2]:
        clips = checkpoint.clips(seconds)
        ours = probe.embed(checkpoint.folder, clips, precision)
        assert_near(ours, checkpoint.embed(clips), precision)
    texts = program.embed_texts(checkpoint.folder, TEXTS, "--precision", precision)
    assert_near(texts, checkpoint.embed_texts(TEXTS), precision)


@pytest.mark.parametrize("kind", ["small", "fused"])
def test_batches_and_threads_change_nothing(kind, request, program, probe):
    checkpoint = request.getfixturevalue(kind)
    clips = checkpoint.clips(checkpoint.case.seconds[0])
    if kind == "fused":
        clips = checkpoint.clips(31.4)
    together = probe.embed(checkpoint.folder, clips)
    for index in (0, len(clips) - 1):
        alone = probe.embed(checkpoint.folder, clips[index : index + 1])
        assert numpy.abs(alone[0] - together[index]).max() <= 2e-6
    for threads in (1, 3):
        again = probe.embed(checkpoint.folder, clips, "fp32", threads)
        assert numpy.abs(again - together).max() <= 2e-6
    texts = program.embed_texts(checkpoint.folder, TEXTS)
    for index in (0, 8, 11):
        alone = program.embed_texts(checkpoint.folder, [TEXTS[index]])
        assert numpy.abs(alone[0] - texts[index]).max() <= 2e-6


def test_model_info(fused, program):
    info = json.loads(program.run("model", "info", fused.folder, "--format", "json"))
    expected = {
        "family": "CLAP", "architecture": "clap-hf", "sees": False, "hears": True,
        "sample_rate": 48000, "window_seconds": 10.0, "audio_layers": 4, "audio_width": 48,
        "text_layers": 2, "text_width": 96, "text_length": 512, "embedding_dimension": 512,
        "parameters": fused.model.num_parameters(), "score": "softmax",
    }  # fmt: skip
    assert {key: info[key] for key in expected} == expected
    assert abs(info["logit_scale"] - 18.0) < 1e-4


def test_nothing_of_a_checkpoint_is_left_over(small, fused, program):
    for checkpoint in (small, fused):
        command = [program.binary, "embed", "--model", checkpoint.folder, "--text", "a cat"]
        result = subprocess.run(command, capture_output=True, text=True)
        assert result.returncode == 0 and "is not part of the model" not in result.stderr


def test_pictures_are_refused(small, clipclap, photographs):
    command = [clipclap, "tag", "--model", small.folder, "--labels", "a,b", photographs[0]]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode != 0
    assert "hears but does not see" in result.stderr and str(photographs[0]) in result.stderr


class Spoiled:
    """A copy of a checkpoint that lacks what `change` takes away."""

    def __init__(self, folder: Path, checkpoint: Checkpoint):
        self.folder = shutil.copytree(checkpoint.folder, folder)

    def edit(self, name: str, change) -> None:
        path = self.folder / name
        value = json.loads(path.read_text())
        change(value)
        path.write_text(json.dumps(value))

    def drop_tensors(self, part: str) -> None:
        path = self.folder / "model.safetensors"
        tensors = {name: tensor for name, tensor in load_file(path).items() if part not in name}
        save_file(tensors, path)


def test_bad_checkpoints_are_named(small, fused, probe, tmp_path):
    clips = small.clips(2.0)[:1]

    def said(kind: Checkpoint, spoil) -> str:
        spoiled = Spoiled(tmp_path / str(len(list(tmp_path.iterdir()))), kind)
        spoil(spoiled)
        return probe.failure(spoiled.folder, clips)

    assert "fusion_model" in said(fused, lambda it: it.drop_tensors("fusion_model"))
    assert "mel_conv2d" in said(fused, lambda it: it.drop_tensors("mel_conv2d"))
    assert "running_mean" in said(small, lambda it: it.drop_tensors("running_mean"))

    def shrink_vocabulary(config):
        config["text_config"]["vocab_size"] = 100

    assert "token embedding has 100 rows" in said(
        small, lambda it: it.edit("config.json", shrink_vocabulary)
    )

    def extractor(**changes):
        return lambda it: it.edit("preprocessor_config.json", lambda value: value.update(changes))

    assert "enable_fusion is false" in said(small, extractor(truncation="fusion"))
    assert "enable_fusion is true" in said(fused, extractor(truncation="rand_trunc"))
    assert "feature_size is 32" in said(small, extractor(feature_size=32))
    assert "room for 1024 frames" in said(small, extractor(max_length_s=11))
    assert "WhisperFeature" in said(small, extractor(feature_extractor_type="WhisperFeatureExtractor"))
    assert "neither preprocessor_config.json" in said(
        small, lambda it: (it.folder / "preprocessor_config.json").unlink()
    )


def test_a_sound_without_samples_is_refused(small, probe):
    assert "has no samples" in probe.failure(small.folder, numpy.zeros((1, 0)))


def test_weights_as_pickled(small, probe, tmp_path):
    """pytorch_model.bin, in shards, as older checkpoints come."""
    small.model.save_pretrained(tmp_path, safe_serialization=False, max_shard_size="1MB")
    assert (tmp_path / "pytorch_model.bin.index.json").exists()
    for name in ("tokenizer.json", "preprocessor_config.json"):
        shutil.copyfile(small.folder / name, tmp_path / name)
    clips = small.clips(3.3)
    assert numpy.array_equal(probe.embed(tmp_path, clips), probe.embed(small.folder, clips))


def test_processor_config(small, probe, tmp_path):
    """Where transformers 5 keeps what the feature extractor is told."""
    folder = shutil.copytree(small.folder, tmp_path / "copy")
    settings = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").unlink()
    (folder / "processor_config.json").write_text(json.dumps({"feature_extractor": settings}))
    clips = small.clips(3.3)[:2]
    assert numpy.array_equal(probe.embed(folder, clips), probe.embed(small.folder, clips))


@pytest.mark.parametrize("truncation", ["rand_trunc", "fusion"])
@pytest.mark.parametrize("seconds", [0.01, 1.7, 10, 12.3])
def test_log_mel(probe, tmp_path, truncation, seconds):
    """Within 0.001 dB of ClapFeatureExtractor, with the settings of LAION's checkpoints."""
    extractor = ClapFeatureExtractor(frequency_min=50, truncation=truncation)
    extractor.save_pretrained(tmp_path)
    clips = numpy.stack(list(sounds(48000, seconds).values()))
    mel, is_longer = spectrograms(extractor, clips)
    ours = probe.spectrograms(tmp_path, clips, 64)
    # Of short clips the reference gives the same spectrogram four times.
    reference = (mel if is_longer.all() else mel[:, :1]).numpy().reshape(ours.shape)
    assert_same_log_mel(ours, reference)


@pytest.mark.parametrize("kind", ["small", "fused"])
def test_towers_stay_on_their_device(kind, request, devices):
    devices.check(request.getfixturevalue(kind).folder)
