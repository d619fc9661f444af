"""The embedded demo model: as good as its card says, and the same in C++ as in Python."""

import functools
import gzip
import subprocess
from pathlib import Path

import numpy
import pytest
import torch
from PIL import Image
from transformers import CLIPModel, CLIPProcessor

from comparison import FASTER, assert_same_embeddings, cosines, require_processor
from program import Program

# Fashion-MNIST's own names for its classes, with their slashes written out.
CLASSES = [
    "t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
    "ankle boot",
]  # fmt: skip


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


@pytest.fixture(scope="module")
def reference(root):
    model = CLIPModel.from_pretrained(root / "models/demo", dtype=torch.float32).eval()
    return model, CLIPProcessor.from_pretrained(root / "models/demo", use_fast=False)


def read_dataset(name: str, header: int) -> numpy.ndarray:
    found = sorted(Path("/usr/share/datasets").rglob(name))
    assert found, "dataset-fashion-mnist is not installed"
    return numpy.frombuffer(gzip.decompress(found[0].read_bytes())[header:], dtype=numpy.uint8)


@pytest.fixture(scope="module")
def clothing() -> tuple[numpy.ndarray, numpy.ndarray]:
    """The 10,000 test pictures, [count, 28, 28], and their classes."""
    pictures = read_dataset("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 28, 28)
    return pictures, read_dataset("t10k-labels-idx1-ubyte.gz", 8)


@pytest.fixture(scope="module")
def clothing_video(clothing, tmp_path_factory) -> Path:
    """The test pictures as the frames of one lossless video."""
    path = tmp_path_factory.mktemp("clothing") / "clothing.mkv"
    source = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", "28x28", "-r", "25", "-i", "-"]
    subprocess.run(
        ["ffmpeg", "-v", "error", *source, "-c:v", "ffv1", str(path)],
        input=clothing[0].tobytes(),
        check=True,
    )
    return path


@torch.no_grad()
def embed(reference, images: list[Image.Image]) -> numpy.ndarray:
    model, processor = reference
    rows = model.get_image_features(processor(images=images, return_tensors="pt").pixel_values)
    return (rows / rows.norm(dim=-1, keepdim=True)).numpy().astype(numpy.float64)


@torch.no_grad()
def embed_texts(reference, texts: list[str]) -> numpy.ndarray:
    model, processor = reference
    batch = processor(text=texts, padding=True, truncation=True, return_tensors="pt")
    rows = model.get_text_features(**batch)
    return (rows / rows.norm(dim=-1, keepdim=True)).numpy().astype(numpy.float64)


@pytest.fixture(scope="module")
def accuracy(program, clothing, clothing_video):
    """Of the test pictures that are named right, computed once for each precision."""

    @functools.cache
    def measure(precision: str) -> float:
        records = program.records(
            "tag", clothing_video, "--every", 1, "--top", 1, "--batch", 64, "--precision", precision,
            "--labels", ",".join(CLASSES), "--template", "a photo of a {}",
        )  # fmt: skip
        assert len(records) == len(clothing[1]) == 10_000
        named = numpy.array([CLASSES.index(record["labels"][0]["label"]) for record in records])
        return (named == clothing[1]).mean()

    return measure


def test_names_clothing_it_never_saw(accuracy):
    print(f"Fashion-MNIST, 10,000 test pictures: {accuracy('fp32'):.2%}")
    assert accuracy("fp32") >= 0.85


@pytest.mark.parametrize("precision", FASTER)
def test_faster_precisions_name_it_as_well(accuracy, precision):
    require_processor(precision)
    print(f"fp32 {accuracy('fp32'):.2%}, {precision} {accuracy(precision):.2%}")
    assert accuracy(precision) >= accuracy("fp32") - 0.005


def test_texts_are_those_of_transformers(program, reference, root):
    texts = [f"a photo of a {name}" for name in CLASSES]
    texts += ["", "hot air balloon", "Ünïcödé 東京 🗼", "many words " * 60]
    wanted = embed_texts(reference, texts)
    assert_same_embeddings(program.embed_texts(root / "models/demo", texts), wanted)


def test_pictures_are_those_of_transformers(program, reference, root, photographs, tmp_path):
    side = reference[0].config.vision_config.image_size
    paths = []
    for path in photographs[::4]:
        paths.append(tmp_path / f"{path.stem}.png")
        Image.open(path).convert("RGB").resize((side, side)).save(paths[-1])
    wanted = embed(reference, [Image.open(path) for path in paths])
    assert_same_embeddings(program.embed_pictures(root / "models/demo", paths), wanted)


def test_clothing_is_that_of_transformers(program, reference, root, clothing, tmp_path):
    """Enlarged by both sides, from the grey files."""
    paths = []
    for index, pixels in enumerate(clothing[0][:64]):
        paths.append(tmp_path / f"{index:02}.png")
        Image.fromarray(pixels).save(paths[-1])
    wanted = embed(reference, [Image.open(path) for path in paths])
    ours = program.embed_pictures(root / "models/demo", paths)
    assert cosines(ours, wanted).min() >= 0.999
    labels = embed_texts(reference, CLASSES)
    assert ((ours @ labels.T).argmax(axis=1) == (wanted @ labels.T).argmax(axis=1)).all()


def test_the_embedded_copy_is_the_folder(program, root, photographs):
    from_folder = program.embed_pictures(root / "models/demo", photographs[:3])
    embedded = program.records("embed", *photographs[:3])
    assert [record["embedding"] for record in embedded] == from_folder.tolist()


@pytest.mark.parametrize("options", [("--batch", 1), ("--batch", 7), ("--threads", 1)])
def test_batches_and_threads_change_nothing(program, root, photographs, options):
    wanted = program.embed_pictures(root / "models/demo", photographs[:16])
    ours = program.embed_pictures(root / "models/demo", photographs[:16], *options)
    assert numpy.abs(ours - wanted).max() <= 2e-6
