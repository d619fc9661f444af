"""Folders in open_clip's packaging against open_clip itself, from the picture and the text on."""

from dataclasses import dataclass, field

import numpy
import open_clip_checkpoints as checkpoints
import pytest
import torch
from PIL import Image

from comparison import (
    FASTER,
    assert_different_inputs_differ,
    assert_near,
    assert_same_embeddings,
    assert_same_scores,
    require_processor,
)
from program import Program

TEXTS = [
    "a photo of a cat", "a photo of a dog", "cat", "two dogs on a beach at night",
    "one two three four five six seven", "a page of text with many words " * 20, "machine parts",
]  # fmt: skip
DISTINCT = ("baboon", "board", "building", "starry_night")

VISION = {"image_size": 64, "layers": 2, "width": 192, "patch_size": 16}
TEXT = {"width": 128, "heads": 2, "layers": 2}
SIGLIP_TEXT = {
    "context_length": 64, "vocab_size": 512, "hf_tokenizer_name": "timm/ViT-B-16-SigLIP",
    "tokenizer_kwargs": {"clean": "canonicalize"}, "width": 128, "heads": 2, "layers": 2,
    "no_causal_mask": True, "proj_bias": True, "pool_type": "last", "norm_kwargs": {"eps": 1e-6},
}  # fmt: skip
SIGLIP_PICTURES = {"mean": [0.5] * 3, "std": [0.5] * 3, "resize_mode": "squash"}


@dataclass
class Case:
    vision: dict = field(default_factory=dict)
    text: dict = field(default_factory=dict)
    model: dict = field(default_factory=dict)
    pictures: dict = field(default_factory=dict)
    dtype: torch.dtype = torch.float32
    embedding: int = 96
    is_siglip: bool = False

    @property
    def config(self) -> dict:
        return {
            "embed_dim": self.embedding,
            "vision_cfg": self.vision if "timm_model_name" in self.vision else VISION | self.vision,
            "text_cfg": (SIGLIP_TEXT if self.is_siglip else TEXT) | self.text,
            **self.model,
        }


def timm(name: str, size: int, **others) -> dict:
    return {"timm_model_name": name, "timm_model_pretrained": False, "image_size": size, **others}


def siglip(vision: dict, text: dict | None = None, embedding: int = 768) -> Case:
    model = {"custom_text": True, "init_logit_bias": -10}
    return Case(vision, text or {}, model, SIGLIP_PICTURES, embedding=embedding, is_siglip=True)


XSMALL = "vit_xsmall_patch16_clip_224"

CASES = {
    "small": Case(),
    "quick-gelu": Case(model={"quick_gelu": True}),
    "quick-gelu-off": Case(model={"quick_gelu": False, "custom_text": True}),
    "custom-text": Case(model={"custom_text": True}, text={"proj_bias": True}),
    "layer-scale": Case({"ls_init_value": 1e-4}, {"ls_init_value": 0}),
    "head-width-80": Case({"width": 160, "head_width": 80, "mlp_ratio": 4.9231, "patch_size": 14,
                           "image_size": 70}, {"mlp_ratio": 3.7362}),
    "heads-rounded-down": Case({"head_width": 40}, {"heads": 8}),
    "odd-picture": Case({"image_size": 50, "patch_size": [16, 16]}),
    "other-eps": Case({"norm_kwargs": {"eps": 1e-2}}, {"norm_kwargs": {"eps": 1e-3}}),
    "norms-without-bias": Case({"norm_kwargs": {"bias": False}},
                               {"norm_kwargs": {"bias": False, "eps": 1e-6}}),
    "tanh": Case({"act_kwargs": {"approximate": "tanh"}}, {"act_kwargs": {"approximate": "none"}}),
    "tanh-text": Case({"act_kwargs": {}}, {"act_kwargs": {"approximate": "tanh"}}),
    "clipa": Case({"no_ln_pre": True, "pool_type": "avg", "final_ln_after_pool": True},
                  {"context_length": 32, "pool_type": "last", "no_causal_mask": True}),
    "average-after-norm": Case({"pool_type": "avg"}),
    "token-after-norm": Case({"final_ln_after_pool": True, "pos_embed_type": "sin_cos_2d"}),
    "no-causal-mask": Case(text={"no_causal_mask": True}),
    "first": Case(text={"pool_type": "first", "no_causal_mask": True}),
    "last": Case(text={"pool_type": "last", "proj_type": "linear"}),
    "eos": Case(text={"pool_type": "eos", "eos_id": 49407}),
    "eos-absent": Case(text={"pool_type": "eos", "no_causal_mask": True, "eos_id": 49400}),
    "eos-is-padding": Case(text={"pool_type": "eos", "no_causal_mask": True, "eos_id": 0}),
    "no-projection": Case(text={"proj_type": "none", "proj_bias": True}, embedding=128),
    "custom-blocks": Case({"block_type": "custom"}, {"block_type": "custom"}),
    "ignored-options": Case(
        {"patch_dropout": 0.5, "timm_drop": 0.1, "attentional_pool": False, "qk_norm": False},
        {"pad_id": 5, "final_ln_after_pool": True, "context_length": 20},
        {"init_logit_scale": 1.0, "nonscalar_logit_scale": True},
    ),
    "logit-bias": Case(model={"init_logit_bias": -10, "nonscalar_logit_scale": True}),
    "hub-tokenizer": Case(text={"hf_tokenizer_name": "openai/clip-vit-large-patch14",
                                "no_causal_mask": True}),
    "float16": Case({"ls_init_value": 0.1}, dtype=torch.float16),
    "bfloat16": Case(model={"custom_text": True}, dtype=torch.bfloat16),
    "longest": Case(pictures={"resize_mode": "longest", "interpolation": "bilinear"}),
    "bilinear": Case({"image_size": 60, "patch_size": 12}, pictures={"interpolation": "bilinear"}),
    "squash": Case(pictures={"resize_mode": "squash", "mean": [0, 0, 0], "std": [1, 1, 1]}),
    "timm-clip": Case(timm(XSMALL, 224, timm_pool="token", timm_proj=None),
                      {"no_causal_mask": True}, {"custom_text": True, "quick_gelu": True}),
    "timm-average": Case(timm(XSMALL, 224, timm_proj="")),
    "timm-average-projected": Case(timm(XSMALL, 224, timm_proj_bias=True)),
    "timm-unprojected": Case(timm(XSMALL, 224, timm_pool="token", timm_proj="none"), embedding=256),
}  # fmt: skip

FULL_SIZE = {
    "ViT-B-32": Case({"layers": 12, "width": 768, "patch_size": 32, "image_size": 224},
                     {"width": 512, "heads": 8, "layers": 12}, embedding=512),
    "ViT-B-16-SigLIP": siglip(
        timm("vit_base_patch16_siglip_224", 224, timm_pool="map", timm_proj="none"),
        {"vocab_size": 32000, "width": 768, "heads": 12, "layers": 12}),
    "tanh-trunk-projected": siglip(
        timm("vit_base_patch32_siglip_256", 256, timm_pool="", timm_proj_bias=True),
        {"act_kwargs": {"approximate": "tanh"}}, 96),
}  # fmt: skip


class Checkpoint:
    def __init__(self, folder, case: Case, tokenizers):
        self.folder = folder
        self.case = case
        checkpoints.save_checkpoint(
            folder, case.config, tokenizers[case.is_siglip], case.pictures, case.dtype
        )
        self.reference = checkpoints.Reference(folder)


@pytest.fixture(scope="module")
def tokenizers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizers")
    return {
        False: checkpoints.clip_tokenizer(folder / "clip"),
        True: checkpoints.siglip_tokenizer(folder / "siglip"),
    }


@pytest.fixture(scope="module", params=CASES)
def checkpoint(request, tmp_path_factory, tokenizers):
    folder = tmp_path_factory.mktemp("checkpoint") / request.param
    yield Checkpoint(folder, CASES[request.param], tokenizers)
    (folder / checkpoints.WEIGHTS).unlink()


@pytest.fixture(scope="module")
def pictures(photographs, tmp_path_factory):
    """Of many shapes, as files that PIL and clipclap decode to the same pixels."""
    generator = numpy.random.default_rng(3)
    folder = tmp_path_factory.mktemp("pictures")
    images = [Image.open(path).convert("RGB") for path in photographs if path.stem in DISTINCT]
    assert len(images) == len(DISTINCT)
    for image, size in zip(images, ((301, 301), (257, 257), (199, 199), (121, 121))):
        image.thumbnail(size)
    images += [
        Image.fromarray(generator.integers(0, 256, (height, width, 3), dtype=numpy.uint8))
        for width, height in ((40, 201), (333, 32))
    ]
    paths = [folder / f"{index:02}.png" for index in range(len(images))]
    for image, path in zip(images, paths):
        image.save(path)
    return images, paths


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


def check_pictures(checkpoint: Checkpoint, program: Program, pictures) -> None:
    images, paths = pictures
    reference = checkpoint.reference.embed_pictures(images)
    assert_different_inputs_differ(reference, most=0.9995)
    assert_same_embeddings(program.embed_pictures(checkpoint.folder, paths), reference)


def check_texts(checkpoint: Checkpoint, program: Program) -> None:
    reference = checkpoint.reference.embed_texts(TEXTS)
    assert_different_inputs_differ(reference, most=0.9995)
    assert_same_embeddings(program.embed_texts(checkpoint.folder, TEXTS), reference)


def check_scores(checkpoint: Checkpoint, program: Program, pictures) -> None:
    """softmax, or sigmoid for each label by itself where the model has a bias."""
    images, paths = pictures
    labels = TEXTS[:4]
    model = checkpoint.reference.model
    logits = checkpoint.reference.logits(images, labels)
    if model.logit_bias is None:
        scores = numpy.exp(logits - logits.max(axis=1, keepdims=True))
        scores /= scores.sum(axis=1, keepdims=True)
    else:
        scores = 1 / (1 + numpy.exp(-logits))
    records = program.records(
        "tag", "--model", checkpoint.folder, "--labels", ",".join(labels), *paths
    )
    assert_same_scores(records, labels, model, logits, scores)


def test_picture_tower(checkpoint, program, pictures):
    check_pictures(checkpoint, program, pictures)


def test_text_tower(checkpoint, program):
    check_texts(checkpoint, program)


@pytest.mark.parametrize("checkpoint", ["quick-gelu", "clipa", "logit-bias"], indirect=True)
def test_scores(checkpoint, program, pictures):
    check_scores(checkpoint, program, pictures)


@pytest.mark.parametrize("checkpoint", ["quick-gelu", "layer-scale", "timm-average"], indirect=True)
@pytest.mark.parametrize("precision", FASTER)
def test_faster_precisions_are_near(precision, checkpoint, program, pictures):
    require_processor(precision)
    images, paths = pictures
    ours = program.embed_pictures(checkpoint.folder, paths, "--precision", precision)
    assert_near(ours, checkpoint.reference.embed_pictures(images), precision)
    texts = program.embed_texts(checkpoint.folder, TEXTS, "--precision", precision)
    assert_near(texts, checkpoint.reference.embed_texts(TEXTS), precision)


@pytest.mark.parametrize("name", FULL_SIZE)
def test_full_size(name, program, pictures, tokenizers, tmp_path):
    """ViT-B-32 and ViT-B-16-SigLIP as open_clip ships them, and a trunk with another activation."""
    case = FULL_SIZE[name]
    checkpoint = Checkpoint(tmp_path / name, case, tokenizers)
    few = tuple(part[:4] for part in pictures)
    check_pictures(checkpoint, program, few)
    check_texts(checkpoint, program)
    check_scores(checkpoint, program, few)


def test_towers_stay_on_their_device(checkpoint, devices):
    devices.check(checkpoint.folder)
