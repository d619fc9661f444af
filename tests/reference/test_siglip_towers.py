"""SigLIP's towers, scores and preprocessing against transformers."""

from dataclasses import dataclass, field

import numpy
import pytest
import torch
from PIL import Image
from transformers import Siglip2ImageProcessor, SiglipImageProcessor

from comparison import (
    FASTER,
    assert_different_inputs_differ,
    assert_near,
    assert_same_embeddings,
    assert_same_scores,
    require_processor,
)
from program import Program
from siglip_checkpoints import SENTENCES, save_checkpoint
from tokenizers import Tokenizer

TEXTS = [*SENTENCES, "", "A Photo, of: a cat!", "much\tlonger text " * 30]
DISTINCT = ("baboon", "board", "building", "butterfly", "apple", "fruits", "home", "starry_night")


def shape(width: int, heads: int, layers: int, factor: int = 4, **others) -> dict:
    return {
        "hidden_size": width,
        "intermediate_size": width * factor,
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        **others,
    }


@dataclass
class Case:
    vision: dict
    text: dict
    naflex: bool = False
    dtype: torch.dtype = torch.float32
    processor: dict = field(default_factory=dict)


SMALL_TEXT = {"vocab_size": 512, "projection_size": 192}

CASES = {
    "b16": Case({}, {}),
    "small": Case(shape(192, 3, 3, image_size=96), shape(192, 3, 3, vocab_size=512)),
    "other-text-width": Case(
        shape(192, 3, 2, image_size=70, patch_size=14), shape(128, 2, 2, **SMALL_TEXT)
    ),
    "odd": Case(
        shape(192, 6, 2, factor=3, image_size=100, layer_norm_eps=1e-3, hidden_act="gelu"),
        shape(160, 5, 2, hidden_act="quick_gelu", max_position_embeddings=40, **SMALL_TEXT),
    ),
    "bfloat16": Case(
        shape(192, 3, 2, image_size=64), shape(192, 3, 2, vocab_size=512), dtype=torch.bfloat16
    ),
    "naflex": Case(shape(192, 3, 3), shape(192, 3, 3, vocab_size=512), naflex=True),
    "naflex-few-patches": Case(
        shape(192, 3, 2, patch_size=14, num_patches=64),
        shape(128, 2, 2, **SMALL_TEXT),
        naflex=True,
        processor={"max_num_patches": 49},
    ),
}


class Checkpoint:
    def __init__(self, folder, case: Case):
        self.folder = folder
        self.case = case
        self.model = save_checkpoint(
            folder, case.vision, case.text, case.naflex, case.dtype, case.processor
        )
        processor = Siglip2ImageProcessor if case.naflex else SiglipImageProcessor
        self.processor = processor.from_pretrained(folder)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        length = self.model.config.text_config.max_position_embeddings
        self.tokenizer.enable_truncation(length)
        self.tokenizer.enable_padding(length=length, pad_id=1, pad_token="</s>")

    @torch.no_grad()
    def embed_pictures(self, images) -> numpy.ndarray:
        """One at a time: NaFlex pads to the same number of patches whatever the batch."""
        rows = [
            self.model.get_image_features(**self.processor(images=[image], return_tensors="pt"))
            for image in images
        ]
        return normalized(torch.cat(rows))

    @torch.no_grad()
    def embed_texts(self, texts) -> numpy.ndarray:
        ids = torch.tensor([self.tokenizer.encode(text).ids for text in texts])
        return normalized(self.model.get_text_features(ids))


def normalized(features: torch.Tensor) -> numpy.ndarray:
    return (features / features.norm(dim=-1, keepdim=True)).numpy().astype(numpy.float64)


@pytest.fixture(scope="module", params=CASES)
def checkpoint(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoint") / request.param
    yield Checkpoint(folder, CASES[request.param])
    (folder / "model.safetensors").unlink()


@pytest.fixture(scope="module")
def pictures(photographs, tmp_path_factory):
    """Of many shapes, as files that PIL and clipclap decode to the same pixels."""
    generator = numpy.random.default_rng(3)
    folder = tmp_path_factory.mktemp("pictures")
    images = [Image.open(path).convert("RGB") for path in photographs if path.stem in DISTINCT]
    assert len(images) == len(DISTINCT)
    images += [
        Image.fromarray(generator.integers(0, 256, (height, width, 3), dtype=numpy.uint8))
        for width, height in ((40, 200), (333, 32), (96, 96))
    ]
    paths = [folder / f"{index:02}.png" for index in range(len(images))]
    for image, path in zip(images, paths):
        image.save(path)
    return images, paths


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


def test_picture_tower(checkpoint, program, pictures):
    images, paths = pictures
    reference = checkpoint.embed_pictures(images)
    assert_different_inputs_differ(reference)
    assert_same_embeddings(program.embed_pictures(checkpoint.folder, paths), reference)


def test_text_tower(checkpoint, program):
    reference = checkpoint.embed_texts(TEXTS)
    distinct = {tuple(checkpoint.tokenizer.encode(text).ids): i for i, text in enumerate(TEXTS)}
    assert len(distinct) >= len(TEXTS) - 1
    assert_different_inputs_differ(reference[list(distinct.values())], most=0.999)
    assert_same_embeddings(program.embed_texts(checkpoint.folder, TEXTS), reference)


def test_scores(checkpoint, program, pictures):
    """sigmoid(exp(scale) · cosine + bias), each label by itself."""
    images, paths = pictures
    labels = TEXTS[:5]
    model = checkpoint.model
    similarity = checkpoint.embed_pictures(images) @ checkpoint.embed_texts(labels).T
    logits = model.logit_scale.exp().item() * similarity + model.logit_bias.item()
    scores = 1 / (1 + numpy.exp(-logits))
    arguments = [part.replace(",", "\\,") for part in labels]
    records = program.records(
        "tag", "--model", checkpoint.folder, "--labels", ",".join(arguments), *paths
    )
    assert_same_scores(records, labels, model, logits, scores)


@pytest.mark.parametrize("precision", FASTER)
def test_faster_precisions_are_near(precision, checkpoint, program, pictures):
    require_processor(precision)
    images, paths = pictures
    ours = program.embed_pictures(checkpoint.folder, paths, "--precision", precision)
    assert_near(ours, checkpoint.embed_pictures(images), precision)
    texts = program.embed_texts(checkpoint.folder, TEXTS, "--precision", precision)
    assert_near(texts, checkpoint.embed_texts(TEXTS), precision)


def test_batches_change_nothing(checkpoint, program, pictures):
    """Pictures of several shapes among each other, which NaFlex cannot put into one batch."""
    if not checkpoint.case.vision:
        return  # the small ones tell as much, sooner
    _, paths = pictures
    order = [0, 0, 1, 0, 2, 2, 2, 9, 8, 8]
    mixed = program.embed_pictures(checkpoint.folder, [paths[i] for i in order])
    alone = program.embed_pictures(checkpoint.folder, paths)
    assert numpy.abs(mixed - alone[order]).max() <= 2e-6


def test_so400m(program, pictures, tmp_path):
    """google/siglip-so400m-patch14-384 at its full size; stored in half its bytes, as it is."""
    tower = shape(1152, 16, 27, intermediate_size=4304)
    case = Case(
        {**tower, "patch_size": 14, "image_size": 384}, {**tower, "vocab_size": 32000},
        dtype=torch.bfloat16,
    )  # fmt: skip
    checkpoint = Checkpoint(tmp_path / "so400m", case)
    images, paths = pictures
    reference = checkpoint.embed_pictures(images[:2])
    assert_same_embeddings(program.embed_pictures(checkpoint.folder, paths[:2]), reference)
    reference = checkpoint.embed_texts(TEXTS[:2])
    assert_same_embeddings(program.embed_texts(checkpoint.folder, TEXTS[:2]), reference)


def test_towers_stay_on_their_device(checkpoint, devices):
    devices.check(checkpoint.folder)
