"""Categories by a model that scores each by itself: transformers' embeddings, NumPy's sigmoid."""

import subprocess

import numpy
import pytest
import torch
from PIL import Image
from transformers import SiglipImageProcessor

from program import Program
from siglip_checkpoints import SENTENCES, save_checkpoint
from tokenizers import Tokenizer

SHAPE = {
    "hidden_size": 192,
    "intermediate_size": 384,
    "num_attention_heads": 3,
    "num_hidden_layers": 2,
}
UNITS = {
    "one": {"a": SENTENCES[:3], "b": SENTENCES[3:4]},
    "two": {"a": SENTENCES[4:6], "b": SENTENCES[6:8]},
}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    folder = tmp_path_factory.mktemp("siglip")
    vision = {**SHAPE, "image_size": 64, "patch_size": 16}
    text = {**SHAPE, "vocab_size": 512}
    return folder, save_checkpoint(folder, vision, text)


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    path = tmp_path_factory.mktemp("pictures") / "noise.png"
    generator = numpy.random.default_rng(11)
    Image.fromarray(generator.integers(0, 256, (64, 64, 3), dtype=numpy.uint8)).save(path)
    return path


@pytest.fixture(scope="module")
def categories(tmp_path_factory):
    path = tmp_path_factory.mktemp("categories") / "units.txt"
    lines = []
    for unit, parts in UNITS.items():
        lines.append(f"[{unit}]")
        for name, prompts in parts.items():
            lines += [f"({name})", *prompts]
    path.write_text("\n".join(lines), "utf-8")
    return path


def normalized(rows: torch.Tensor) -> numpy.ndarray:
    return (rows / rows.norm(dim=-1, keepdim=True)).numpy().astype(numpy.float64)


@torch.no_grad()
def reference(folder, model, picture):
    """Each category's cosine with the picture."""
    processor = SiglipImageProcessor.from_pretrained(folder)
    images = processor(images=[Image.open(picture)], return_tensors="pt")
    (seen,) = normalized(model.get_image_features(**images))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    length = model.config.text_config.max_position_embeddings
    tokenizer.enable_truncation(length)
    tokenizer.enable_padding(length=length, pad_id=1, pad_token="</s>")
    cosines = {}
    for unit, parts in UNITS.items():
        for name, prompts in parts.items():
            ids = torch.tensor([tokenizer.encode(text).ids for text in prompts])
            mean = normalized(model.get_text_features(ids)).mean(axis=0)
            cosines[unit, name] = mean @ seen / numpy.linalg.norm(mean)
    return cosines


@pytest.mark.parametrize("given", [None, 3.5])
def test_a_category_is_the_sigmoid_of_its_mean(clipclap, checkpoint, picture, categories, given):
    folder, model = checkpoint
    cosines = reference(folder, model, picture)
    options = ["--logit-scale", given] if given else []
    (record,) = Program(clipclap).records(
        "tag", "--model", folder, "--categories", categories, *options, picture
    )
    scale = given or model.logit_scale.exp().item()
    assert len(record["labels"]) == len(cosines)
    for label in record["labels"]:
        cosine = cosines[label["unit"], label["label"]]
        assert label["similarity"] == pytest.approx(cosine, abs=1e-5)
        expected = 1 / (1 + numpy.exp(-(scale * cosine + model.logit_bias.item())))
        assert label["score"] == pytest.approx(expected, rel=1e-3)


def test_sums_of_sigmoids_are_refused(clipclap, checkpoint, picture, categories):
    arguments = ["--model", checkpoint[0], "--categories", categories, "--sum-prompts", picture]
    done = subprocess.run([clipclap, "tag", *arguments], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no probabilities" in done.stderr and done.stderr.count("\n") == 1
