"""TorchScript files of several makers against the same modules run in Python."""

import json
import subprocess

import numpy
import open_clip
import pytest
import torch
from PIL import Image
from transformers import CLIPConfig, CLIPModel

from clip_checkpoints import save_tokenizer
from comparison import assert_same_embeddings
from program import Program
from script_models import Hearing
from spread_weights import make_spread

TEXTS = ["a photo of a cat", "a dog", "", "zwölf Boxkämpfer", "a very long text " * 40]
MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073]).view(3, 1, 1)
DEVIATION = torch.tensor([0.26862954, 0.26130258, 0.27577711]).view(3, 1, 1)
SMALL = {"hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 2, "num_hidden_layers": 2}


class TextFirst(torch.nn.Module):
    """(text, image, scale), neither normalised, from transformers' towers."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, image, text):
        images = self.model.get_image_features(image)
        return self.model.get_text_features(text), images, self.model.logit_scale.exp()


def transformers_model(image_size: int) -> CLIPModel:
    config = CLIPConfig(
        vision_config={**SMALL, "image_size": image_size, "patch_size": 32},
        text_config=SMALL, projection_dim=48, attn_implementation="eager",
    )  # fmt: skip
    return make_spread(CLIPModel, config, seed=1)


def open_clip_model(image_size: int):
    model = open_clip.model.CLIP(
        64,
        {"image_size": image_size, "layers": 2, "width": 128, "patch_size": 32},
        {"context_length": 77, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 2},
    ).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(torch.randn_like(weight) * 0.05)
    return model


def trace(module, *inputs):
    return torch.jit.trace(module, inputs, check_trace=False)


def traced(module, image_size: int):
    ids = torch.randint(1, 1000, (3, 77))
    ids[:, -1] = 49407
    return trace(module, torch.rand(2, 3, image_size, image_size), ids)


MAKERS = {
    "open_clip-scripted": (224, lambda: torch.jit.script(open_clip_model(224))),
    "open_clip-traced": (256, lambda: traced(open_clip_model(256), 256)),
    "text-first": (384, lambda: traced(TextFirst(transformers_model(384)), 384)),
    "text-first-378": (378, lambda: traced(TextFirst(transformers_model(378)), 378)),
}


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tokenizer")
    return folder, save_tokenizer(folder)


@pytest.fixture(scope="module", params=MAKERS)
def script(request, tmp_path_factory):
    size, make = MAKERS[request.param]
    path = tmp_path_factory.mktemp("script") / "model.pt"
    torch.manual_seed(4)
    module = make()
    module.save(path)
    return path, module, size


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


@torch.no_grad()
def reference(module, pixels, tokenizer, texts):
    ids = tokenizer(texts, padding="max_length", max_length=77, truncation=True, return_tensors="pt")
    # transformers pads with the end token, open_clip with 0; what follows the end never matters.
    parts = module(pixels, ids.input_ids)
    sides = {len(part): part for part in parts if part.dim() == 2}
    return normalized(sides[len(pixels)]), normalized(sides[len(texts)])


def normalized(rows: torch.Tensor) -> numpy.ndarray:
    return (rows / rows.norm(dim=-1, keepdim=True)).numpy().astype(numpy.float64)


def test_both_towers(script, program, tokenizer, tmp_path):
    path, module, size = script
    generator = numpy.random.default_rng(1)
    images = generator.integers(0, 256, (3, size, size, 3), dtype=numpy.uint8)
    paths = [tmp_path / f"{i}.png" for i in range(3)]
    for image, file in zip(images, paths):
        Image.fromarray(image).save(file)
    pixels = (torch.from_numpy(images).permute(0, 3, 1, 2) / 255 - MEAN) / DEVIATION
    pictures, texts = reference(module, pixels, tokenizer[1], TEXTS)

    folder = tokenizer[0]
    options = ("--tokenizer", folder / "tokenizer.json", "-q")
    for named in (options, ("--tokenizer", folder, "-q")):
        assert_same_embeddings(program.embed_texts(path, TEXTS, *named), texts)
    assert_same_embeddings(program.embed_texts(path, TEXTS[:1], *options), texts[:1])
    assert_same_embeddings(program.embed_pictures(path, paths, *options), pictures)

    info = json.loads(program.run("model", "info", path, *options[:2], "--format", "json"))
    assert (info["sees"], info["hears"], info["image_size"]) == (True, False, size)
    scale = next(part for part in module(pixels[:1], torch.ones(2, 77, dtype=torch.long))
                 if part.numel() == 1)  # fmt: skip
    assert info["logit_scale"] == pytest.approx(scale.item(), rel=1e-6)


@pytest.mark.parametrize(("samples", "rate"), [(480000, 48000), (308700, 44100)])
def test_a_model_that_hears(program, tokenizer, tmp_path, samples, rate):
    torch.manual_seed(5)
    module = Hearing(samples).eval()
    folder, reference_tokenizer = tokenizer
    batch = reference_tokenizer(TEXTS, padding="max_length", max_length=77, truncation=True,
                                return_tensors="pt")  # fmt: skip
    inputs = (torch.rand(2, samples), batch.input_ids, batch.attention_mask)
    path = tmp_path / "hearing.pt"
    torch.jit.script(module).save(path)
    with torch.no_grad():
        texts = normalized(module(*inputs)[0])
    assert_same_embeddings(program.embed_texts(path, TEXTS, "--tokenizer", folder), texts)
    info = json.loads(
        program.run("model", "info", path, "--tokenizer", folder, "--format", "json")
    )
    assert (info["sees"], info["hears"], info["sample_rate"]) == (False, True, rate)


class WordsFirst(torch.nn.Module):
    """forward(ids, pixels), as transformers' own CLIPModel takes them."""

    def __init__(self, model):
        super().__init__()
        self.model = TextFirst(model)

    def forward(self, text, image):
        return self.model(image, text)


def test_a_forward_that_takes_text_first(program, tokenizer, tmp_path):
    model = transformers_model(224)
    ids = torch.randint(1, 1000, (3, 77))
    ids[:, -1] = 49407
    path = tmp_path / "model.pt"
    trace(WordsFirst(model), ids, torch.rand(2, 3, 224, 224)).save(path)
    padded = tokenizer[1](TEXTS, padding="max_length", max_length=77, truncation=True, return_tensors="pt")
    with torch.no_grad():
        expected = normalized(model.get_text_features(padded.input_ids))
    options = ("--tokenizer", tokenizer[0], "-q")
    for order in ((), ("--forward-order", "text")):
        assert_same_embeddings(program.embed_texts(path, TEXTS, *options, *order), expected)
    refused = refusal(program.binary, path, *map(str, options), "--forward-order", "media")
    assert "pixels" in refused and "text first" not in refused


def test_sizes_that_nobody_would_try(program, tokenizer, tmp_path):
    """A clip of 2.5 s at 16 kHz, and 20 tokens."""
    torch.manual_seed(6)
    module = Hearing(40000).eval()
    path = tmp_path / "hearing.pt"
    torch.jit.script(module).save(path)
    options = ("--tokenizer", tokenizer[0], "--sample-rate", "16000", "--sample-duration", "2.5s",
               "--text-length", "20")  # fmt: skip
    info = json.loads(program.run("model", "info", path, *options, "--format", "json"))
    assert (info["sample_rate"], info["window_seconds"], info["text_length"]) == (16000, 2.5, 20)
    batch = tokenizer[1](TEXTS, padding="max_length", max_length=20, truncation=True, return_tensors="pt")
    with torch.no_grad():
        texts = normalized(module(torch.zeros(2, 40000), batch.input_ids, batch.attention_mask)[0])
    assert_same_embeddings(program.embed_texts(path, TEXTS, *options), texts)
    assert "--sample-rate" in refusal(program.binary, path, *map(str, options[:2]))


def test_options_for_what_the_file_does_not_say(program, tokenizer, tmp_path):
    class NoScale(TextFirst):
        def forward(self, image, text):
            return super().forward(image, text)[:2]

    model = transformers_model(64)
    path = tmp_path / "model.pt"
    traced(NoScale(model), 64).save(path)
    options = ("--tokenizer", tokenizer[0], "--image-size", "64", "--logit-scale", "50")
    info = json.loads(program.run("model", "info", path, *options, "--format", "json"))
    assert (info["image_size"], info["logit_scale"]) == (64, 50)
    picture = tmp_path / "picture.png"
    Image.fromarray(numpy.arange(64 * 64 * 3, dtype=numpy.uint8).reshape(64, 64, 3)).save(picture)
    (record,) = program.records("tag", "--model", path, *options, "--labels", "cat,dog", picture)
    powers = [numpy.exp(50 * label["similarity"]) for label in record["labels"]]
    scores = [label["score"] for label in record["labels"]]
    assert scores == pytest.approx([power / sum(powers) for power in powers], abs=1e-4)
    raw = program.embed_texts(path, TEXTS[:3], *options, "--normalize", "off")
    ids = tokenizer[1](TEXTS[:3], padding="max_length", max_length=77, return_tensors="pt")
    with torch.no_grad():
        expected = model.get_text_features(ids.input_ids).numpy()
    assert numpy.abs(raw - expected).max() <= 1e-5 * numpy.abs(expected).max() + 1e-6


class Exploit:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return (open, (str(self.target), "w"))


def refusal(clipclap, path, *options, code=3) -> str:
    done = subprocess.run(
        [clipclap, "embed", "--text", "x", "--model", path, *options],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == code and done.stdout == ""
    assert str(path) in done.stderr and done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_what_is_refused(clipclap, tokenizer, tmp_path):
    options = ("--tokenizer", str(tokenizer[0]))
    good = tmp_path / "good.pt"
    traced(TextFirst(transformers_model(224)), 224).save(good)
    assert "--tokenizer" in refusal(clipclap, good, code=2)
    assert "96×96" in refusal(clipclap, good, *options, "--image-size", "96")
    assert "--precision auto" in refusal(clipclap, good, *options, "--precision", "bf16")

    state = tmp_path / "state.pt"
    torch.save(transformers_model(224).state_dict(), state)
    assert "neither TorchScript" in refusal(clipclap, state, *options)

    touched = tmp_path / "touched"
    harmful = tmp_path / "harmful.pt"
    torch.save({"weight": Exploit(touched)}, harmful)
    refusal(clipclap, harmful, *options)
    assert not touched.exists()

    cut = tmp_path / "cut.pt"
    cut.write_bytes(good.read_bytes()[:-30000])
    refusal(clipclap, cut, *options)
    noise = tmp_path / "noise.pt"
    noise.write_bytes(b"PK" + bytes(range(256)) * 40)
    refusal(clipclap, noise, *options)

    strange = tmp_path / "strange.pt"
    trace(torch.nn.Linear(3, 3), torch.rand(1, 3)).save(strange)
    assert "takes 1 inputs" in refusal(clipclap, strange, *options)
