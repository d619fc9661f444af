"""From the picture's file to the score: PIL, CLIPProcessor and transformers against `clipclap`."""

import numpy
import pytest
import torch
from PIL import Image
from transformers import CLIPProcessor

from clip_checkpoints import clip_config, save_checkpoint, save_processor
from comparison import cosines
from program import Program

LABELS = [
    "a butterfly", "a human face", "fruit on a table", "a chess board", "a city street",
    "playing cards", "a page of text", "machine parts", "a football player", "a painting at night",
]  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """ViT-B/32."""
    folder = tmp_path_factory.mktemp("b32")
    yield folder, save_checkpoint(folder, clip_config(text={"eos_token_id": 2}), seed=5)
    (folder / "model.safetensors").unlink()


@pytest.fixture(scope="module")
def shallow_model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shallow")
    layers = {"num_hidden_layers": 3}
    yield folder, save_checkpoint(folder, clip_config(layers, layers), seed=6)
    (folder / "model.safetensors").unlink()


@torch.no_grad()
def embed(folder, model, images):
    processor = CLIPProcessor.from_pretrained(folder, use_fast=False)
    features = [
        model.get_image_features(processor(images=[image], return_tensors="pt").pixel_values)
        for image in images
    ]
    rows = torch.cat(features)
    return (rows / rows.norm(dim=-1, keepdim=True)).numpy().astype(numpy.float64)


@torch.no_grad()
def embed_labels(folder, model):
    processor = CLIPProcessor.from_pretrained(folder, use_fast=False)
    batch = processor(text=LABELS, padding=True, truncation=True, return_tensors="pt")
    rows = model.get_text_features(**batch)
    return (rows / rows.norm(dim=-1, keepdim=True)).numpy().astype(numpy.float64)


def is_opaque(path) -> bool:
    """What lies below transparent pixels is for the reader to choose: not compared here."""
    with Image.open(path) as image:
        return image.mode in ("RGB", "L", "P") and "transparency" not in image.info


def test_photographs(model, clipclap, photographs):
    folder, reference_model = model
    paths = [path for path in photographs if is_opaque(path)]
    assert len(paths) > 50
    reference = embed(folder, reference_model, [Image.open(path) for path in paths])
    program = Program(clipclap)
    ours = program.embed_pictures(folder, paths)
    same = cosines(ours, reference)
    worst = int(same.argmin())
    assert same[worst] >= 0.999, f"{paths[worst]}: {same[worst]}"

    similarity = reference @ embed_labels(folder, reference_model).T
    records = program.records(
        "tag", "--format", "jsonl", "--model", folder, "--labels", ",".join(LABELS), *paths
    )
    for path, record, row in zip(paths, records, similarity, strict=True):
        assert record["labels"][0]["label"] == LABELS[int(row.argmax())], path


@pytest.mark.parametrize(
    "changes",
    [
        {"size": {"shortest_edge": 100}, "crop_size": {"height": 224, "width": 224}},
        {"resample": Image.Resampling.BILINEAR},
        {"do_center_crop": False, "size": {"height": 224, "width": 224}},
        {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]},
        {"rescale_factor": 1 / 127.5},
    ],
    ids=["padded-crop", "bilinear", "squash", "other-mean", "other-rescale"],
)
def test_preprocessing_is_the_checkpoints(shallow_model, clipclap, photographs, tmp_path, changes):
    folder, reference_model = shallow_model
    for file in folder.iterdir():
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / "preprocessor_config.json").unlink()
    save_processor(tmp_path, 224, **changes)
    paths = [path for path in photographs if is_opaque(path)][::9]
    reference = embed(tmp_path, reference_model, [Image.open(path) for path in paths])
    same = cosines(Program(clipclap).embed_pictures(tmp_path, paths), reference)
    assert same.min() >= 0.999, dict(zip(paths, same))
