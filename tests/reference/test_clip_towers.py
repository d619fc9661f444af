"""Both towers against transformers, on checkpoints of every shape that CLIP comes in.

Pictures are handed over at the model's own size, where resizing and cropping change nothing: what
is compared is the towers alone, fed with the same numbers.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy
import pytest
import torch
from PIL import Image

from clip_checkpoints import CLIPTokenizerFast, clip_config, edit_config, save_checkpoint
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
    "a photo of a cat",
    "a photo of a dog",
    "cat",
    "",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich",
    "東京の夜景 🗼 at 23:59",
    "two words   and\tmuch\n white space",
    "a very long text " * 40,
    "one two three four five six seven " * 10 + "the end differs",
]


# Photographs that have nothing in common; many others there are a camera's next view.
DISTINCT = ("baboon", "board", "building", "butterfly", "apple", "fruits", "home", "starry_night")


def shape(width: int, heads: int, layers: int, factor: int = 4, **others) -> dict:
    return {
        "hidden_size": width,
        "intermediate_size": width * factor,
        "num_attention_heads": heads,
        "num_hidden_layers": layers,
        **others,
    }


def drop_defaults(config: dict) -> dict:
    """As in sparse configs: what the class would assume is left out."""
    return {"model_type": "clip", "text_config": {}, "vision_config": {}}


def as_first_released(config: dict) -> None:
    """OpenAI's first configs hold the towers twice; what ends in _dict wins."""
    config["text_config_dict"] = dict(config["text_config"])
    config["vision_config_dict"] = dict(config["vision_config"])
    config["text_config"]["num_attention_heads"] = 1
    config["vision_config"]["num_attention_heads"] = 1


def without_projection_in_towers(config: dict) -> None:
    for tower in ("text_config", "vision_config"):
        config[tower].pop("projection_dim", None)


@dataclass
class Case:
    vision: dict = field(default_factory=dict)
    text: dict = field(default_factory=dict)
    projection: int = 512
    dtype: torch.dtype = torch.float32
    max_shard_size: str = "5GB"
    change: object = None


SMALL_VISION = shape(192, 3, 3, image_size=64, patch_size=16)
SMALL_TEXT = shape(128, 2, 3)

CASES = {
    "b32": Case(text={"eos_token_id": 2}),
    "b32-sparse-config": Case(change=drop_defaults),
    "l14-shape": Case(
        shape(1024, 16, 2, patch_size=14, hidden_act="gelu"),
        shape(768, 12, 2, hidden_act="gelu", eos_token_id=49407),
        projection=768,
    ),
    "tiny-clip": Case(shape(256, 4, 10, patch_size=16), shape(256, 4, 3, eos_token_id=2)),
    "head-dimension-104": Case(
        shape(1664, 16, 2, factor=1, intermediate_size=2048, image_size=56, patch_size=14,
              hidden_act="gelu"),
        shape(640, 10, 2, hidden_act="gelu"),
        projection=1280,
    ),
    "odd-heads": Case(
        shape(160, 5, 3, image_size=70, patch_size=14), shape(168, 7, 3), projection=99
    ),
    "odd-picture": Case(shape(96, 3, 2, image_size=50, patch_size=16), SMALL_TEXT, projection=64),
    "other-eps": Case(
        {**SMALL_VISION, "layer_norm_eps": 1e-2}, {**SMALL_TEXT, "layer_norm_eps": 1e-3}
    ),
    "mixed-activations": Case(
        {**SMALL_VISION, "hidden_act": "gelu"}, {**SMALL_TEXT, "hidden_act": "quick_gelu"}
    ),
    "sharded": Case(SMALL_VISION, SMALL_TEXT, max_shard_size="4MB"),
    "float16": Case(SMALL_VISION, {**SMALL_TEXT, "eos_token_id": 2}, dtype=torch.float16),
    "bfloat16": Case(SMALL_VISION, SMALL_TEXT, dtype=torch.bfloat16, max_shard_size="3MB"),
    "first-released-config": Case(SMALL_VISION, SMALL_TEXT, change=as_first_released),
    "no-projection-in-towers": Case(
        SMALL_VISION, SMALL_TEXT, projection=80, change=without_projection_in_towers
    ),
}


class Checkpoint:
    def __init__(self, folder: Path, case: Case):
        self.folder = folder
        config = clip_config(case.vision, case.text, case.projection)
        # Kept as the checkpoint rounds them: float16 weights are float16 on both sides.
        self.model = save_checkpoint(
            folder, config, dtype=case.dtype, max_shard_size=case.max_shard_size
        )
        if case.change is not None:
            edit_config(folder, case.change)
            # The judge reads the changed config as the user's Python would.
            self.model = type(self.model).from_pretrained(folder, dtype=torch.float32).eval()
        self.image_size = config.vision_config.image_size
        self.tokenizer = CLIPTokenizerFast.from_pretrained(folder)

    def normalized(self, features: torch.Tensor) -> numpy.ndarray:
        return (features / features.norm(dim=-1, keepdim=True)).numpy().astype(numpy.float64)

    @torch.no_grad()
    def embed_pixels(self, pixels: numpy.ndarray) -> numpy.ndarray:
        """`pixels` is [count, height, width, 3] uint8."""
        mean = torch.tensor([0.48145466, 0.4578275, 0.40821073])
        deviation = torch.tensor([0.26862954, 0.26130258, 0.27577711])
        prepared = (torch.from_numpy(pixels) / 255.0 - mean) / deviation
        return self.normalized(self.model.get_image_features(prepared.permute(0, 3, 1, 2)))

    @torch.no_grad()
    def embed_texts(self, texts: list[str]) -> numpy.ndarray:
        batch = self.tokenizer(
            texts, padding="max_length", max_length=77, truncation=True, return_tensors="pt"
        )
        return self.normalized(self.model.get_text_features(**batch))


# What a config leaves out changes nothing behind the towers.
each_shape = pytest.mark.parametrize(
    "checkpoint", [name for name in CASES if name != "b32-sparse-config"], indirect=True,
    scope="module",
)  # fmt: skip


@pytest.fixture(scope="module", params=CASES)
def checkpoint(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoint") / request.param
    yield Checkpoint(folder, CASES[request.param])
    for path in folder.glob("*.safetensors"):
        path.unlink()


@pytest.fixture(scope="module")
def pictures(checkpoint, photographs, tmp_path_factory):
    """Photographs, noise and plain colours at the model's own size: pixels and the files."""
    size = (checkpoint.image_size, checkpoint.image_size)
    generator = numpy.random.default_rng(7)
    chosen = [path for path in photographs if path.stem in DISTINCT]
    assert len(chosen) == len(DISTINCT)
    images = [Image.open(path).convert("RGB").resize(size) for path in chosen]
    images += [
        Image.fromarray(generator.integers(0, 256, (*size, 3), dtype=numpy.uint8))
        for _ in range(3)
    ]
    images += [Image.new("RGB", size, color) for color in ("black", "white", "red")]
    folder = tmp_path_factory.mktemp("pictures")
    paths = [folder / f"{index:02}.png" for index in range(len(images))]
    for image, path in zip(images, paths):
        image.save(path)
    return numpy.stack([numpy.asarray(image) for image in images]), paths


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


def test_picture_tower(checkpoint, program, pictures):
    pixels, paths = pictures
    reference = checkpoint.embed_pixels(pixels)
    assert_different_inputs_differ(reference)
    assert_same_embeddings(program.embed_pictures(checkpoint.folder, paths), reference)


def test_text_tower(checkpoint, program):
    reference = checkpoint.embed_texts(TEXTS)
    assert_different_inputs_differ(reference)
    assert_same_embeddings(program.embed_texts(checkpoint.folder, TEXTS), reference)


def test_logits(checkpoint, program, pictures):
    """Scores and similarities that `tag` gives, and the logits behind them."""
    pixels, paths = pictures
    labels = [text for text in TEXTS[:3]] + ["a red thing", "noise"]
    pictures_reference = checkpoint.embed_pixels(pixels[:6])
    texts_reference = checkpoint.embed_texts([f"a photo of {label}" for label in labels])
    scale = checkpoint.model.logit_scale.exp().item()
    logits = scale * pictures_reference @ texts_reference.T
    scores = numpy.exp(logits - logits.max(axis=1, keepdims=True))
    scores /= scores.sum(axis=1, keepdims=True)

    records = program.records(
        "tag", "--format", "jsonl", "--model", checkpoint.folder, "--template", "a photo of {}",
        "--labels", ",".join(labels), *paths[:6],
    )
    assert_same_scores(records, labels, checkpoint.model, logits, scores)


@pytest.mark.parametrize("precision", FASTER)
@each_shape
def test_faster_precisions_are_near(precision, checkpoint, program, pictures):
    require_processor(precision)
    pixels, paths = pictures
    ours = program.embed_pictures(checkpoint.folder, paths, "--precision", precision)
    assert_near(ours, checkpoint.embed_pixels(pixels), precision)
    texts = program.embed_texts(checkpoint.folder, TEXTS, "--precision", precision)
    assert_near(texts, checkpoint.embed_texts(TEXTS), precision)


@each_shape
def test_batches_change_nothing(checkpoint, program, pictures):
    _, paths = pictures
    alone = program.embed_pictures(checkpoint.folder, paths, "--batch", 1)
    for batch in (3, 16):
        together = program.embed_pictures(checkpoint.folder, paths, "--batch", batch)
        assert numpy.abs(together - alone).max() <= 2e-6


@each_shape
def test_texts_side_by_side_change_nothing(checkpoint, program):
    together = program.embed_texts(checkpoint.folder, TEXTS)
    for index in (0, 3, 7):
        alone = program.embed_texts(checkpoint.folder, TEXTS[index : index + 1])
        assert numpy.abs(together[index] - alone[0]).max() <= 2e-6


@each_shape
def test_threads_change_nothing(checkpoint, program, pictures):
    _, paths = pictures
    one = program.embed_pictures(checkpoint.folder, paths[:4], "--threads", 1)
    two = program.embed_pictures(checkpoint.folder, paths[:4], "--threads", 2)
    assert numpy.abs(one - two).max() <= 2e-6


@each_shape
def test_towers_stay_on_their_device(checkpoint, devices):
    devices.check(checkpoint.folder)
