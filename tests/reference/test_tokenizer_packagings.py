"""Checkpoints whose tokenizer comes in other files than a tokenizer.json: the program's embeddings of
texts are those of the reference library, which reads the same files."""

import shutil
import subprocess
from pathlib import Path

import pytest
import torch
from transformers import CLIPTokenizerFast, SiglipModel, SiglipTokenizer

import clip_checkpoints
import open_clip_checkpoints
import siglip_checkpoints
import tokenizer_families as families
from comparison import assert_different_inputs_differ, assert_same_embeddings
from program import Program
from tokenizer_families import write_json
from tokenizer_tool import ask, compare_ids

TEXTS = [
    "a photo of a cat", "Two Dogs, on a beach!", "zwölf Boxkämpfer", "ΟΔΥΣΣΕΥΣ", "日本語 №½", "don't",
    "“curly” &amp; ﬁne ｆｕｌｌ", "a_b <|endoftext|> c", "the end </s> of <unk> it", "long text " * 60,
]  # fmt: skip
SMALL = {"hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 2, "num_hidden_layers": 2}
SMALL_PICTURES = SMALL | {"image_size": 32, "patch_size": 16}


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


def keep_only(folder: Path, *names: str) -> None:
    """Of the files that bear on texts."""
    for file in folder.iterdir():
        is_model = file.suffix == ".safetensors" or file.name in (
            "config.json", "preprocessor_config.json", "open_clip_config.json",
        )  # fmt: skip
        if not is_model and file.name not in names:
            file.unlink()


@torch.no_grad()
def embed(model, tokenizer, texts: list[str], length: int):
    options = {"padding": "max_length", "max_length": length, "truncation": True}
    ids = tokenizer(texts, return_tensors="pt", **options).input_ids
    rows = model.get_text_features(ids)
    return (rows / rows.norm(dim=-1, keepdim=True)).numpy().astype("float64")


@pytest.mark.parametrize(
    "names",
    [("vocab.json", "merges.txt"), ("vocab.json", "merges.txt", "tokenizer_config.json")],
    ids=["alone", "with settings"],
)
def test_clip_with_vocabulary_and_merges(program, tmp_path, names):
    config = clip_checkpoints.clip_config(SMALL_PICTURES, SMALL, 48)
    model = clip_checkpoints.save_checkpoint(tmp_path, config)
    keep_only(tmp_path, *names)
    reference = embed(model, CLIPTokenizerFast.from_pretrained(tmp_path), TEXTS, 77)
    assert_different_inputs_differ(reference, most=0.999)
    assert_same_embeddings(program.embed_texts(tmp_path, TEXTS), reference)


@pytest.fixture(scope="module")
def siglip(tmp_path_factory) -> tuple[Path, SiglipModel]:
    folder = tmp_path_factory.mktemp("siglip")
    families.siglip(folder)
    shutil.rmtree(folder / "json")
    size = SiglipTokenizer.from_pretrained(folder).vocab_size
    text = SMALL | {"vocab_size": size, "projection_size": 64}
    model = siglip_checkpoints.save_checkpoint(folder, SMALL_PICTURES, text)
    keep_only(folder, "spiece.model")
    return folder, model


def test_siglip_with_a_sentencepiece_model(program, siglip):
    folder, model = siglip
    reference = embed(model, SiglipTokenizer.from_pretrained(folder), TEXTS, 64)
    assert_different_inputs_differ(reference, most=0.999)
    assert_same_embeddings(program.embed_texts(folder, TEXTS), reference)


OPEN_CLIP = {
    "embed_dim": 64,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "head_width": 32, "patch_size": 16},
    "text_cfg": {"width": 64, "heads": 2, "layers": 2},
}


def test_open_clip_with_vocabulary_and_merges(program, tmp_path):
    folder = tmp_path / "open_clip"
    tokenizer = open_clip_checkpoints.clip_tokenizer(tmp_path / "tokenizer")
    open_clip_checkpoints.save_checkpoint(folder, OPEN_CLIP, tokenizer)
    # Its own vocabulary is part of open_clip; the folder needs none for it.
    reference = open_clip_checkpoints.Reference(folder).embed_texts(TEXTS)
    for file in ("vocab.json", "merges.txt"):
        shutil.copy(tmp_path / "tokenizer" / file, folder)
    keep_only(folder, "vocab.json", "merges.txt")
    assert_different_inputs_differ(reference, most=0.999)
    assert_same_embeddings(program.embed_texts(folder, TEXTS), reference)


class Pair(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, image, text):
        scale = self.model.logit_scale.exp()
        return self.model.get_image_features(image), self.model.get_text_features(text), scale


@pytest.mark.parametrize("named", [".", "spiece.model"])
def test_torchscript_with_a_sentencepiece_model(program, siglip, tmp_path, named):
    """SigLIP sees its padding, which must be that of the file's family."""
    folder, model = siglip
    path = tmp_path / "model.pt"
    inputs = (torch.rand(2, 3, 32, 32), torch.randint(1, 99, (3, 64)))
    torch.jit.trace(Pair(model), inputs, check_trace=False).save(path)
    reference = embed(model, SiglipTokenizer.from_pretrained(folder), TEXTS, 64)
    options = ("--tokenizer", folder / named, "--image-size", "32", "-q")
    assert_same_embeddings(program.embed_texts(path, TEXTS, *options), reference)


@pytest.mark.parametrize("missing", ["vocab.json", "merges.txt"])
def test_half_a_pair(clipclap, tmp_path, missing):
    families.write_clip_pair(tmp_path)
    (tmp_path / missing).unlink()
    done = subprocess.run(
        [clipclap, "tokenize", "--tokenizer", tmp_path, "--family", "clip", "--text", "x"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 3 and done.stdout == ""
    assert missing in done.stderr and str(tmp_path) in done.stderr


def test_a_lone_file_of_an_unknown_family(clipclap, siglip, tmp_path):
    """Goes by the file alone, and says so."""
    folder, model = siglip
    shutil.copy(folder / "spiece.model", tmp_path)
    inputs = (torch.rand(2, 3, 32, 32), torch.randint(1, 99, (3, 64)))
    torch.jit.trace(Pair(model), inputs, check_trace=False).save(tmp_path / "model.pt")
    done = subprocess.run(
        [clipclap, "embed", "--model", tmp_path / "model.pt", "--image-size", "32", "--text", "x",
         "--tokenizer", tmp_path / "spiece.model"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert f"{tmp_path}/spiece.model: nothing beside it tells of a family" in done.stderr


@pytest.mark.parametrize("settings", [{}, {"pad_token": "the"}])
def test_padding_token(tools, tmp_path, settings):
    """The one of tokenizer.json where tokenizer_config.json names none."""
    from open_clip.tokenizer import HFTokenizer

    write_json(tmp_path / "tokenizer_config.json",
               {"tokenizer_class": "PreTrainedTokenizerFast", **settings})
    write_json(tmp_path / "open_clip_config.json",
               {"model_cfg": {"text_cfg": {"context_length": 20, "hf_tokenizer_name": "any"}}})
    made = siglip_checkpoints.save_tokenizer(tmp_path / "made")
    made.add_tokens(["the"])
    made.enable_padding(length=12, pad_id=made.token_to_id("▁a"), pad_token="▁a")
    made.save(str(tmp_path / "tokenizer.json"))
    tokenizer = HFTokenizer(str(tmp_path), context_length=20)
    reference = lambda texts: [(row, None) for row in tokenizer(texts).tolist()]  # noqa: E731
    compare_ids(tools / "tokenize_tool", tmp_path, None, TEXTS, reference)


@pytest.mark.parametrize("key", ["padding_side", "truncation_side", "split_special_tokens"])
def test_settings_that_are_not_followed(tools, tmp_path, key):
    families.write_clip_pair(tmp_path)
    write_json(tmp_path / "tokenizer_config.json", {key: "left" if "side" in key else True})
    head = ask(tools / "tokenize_tool", tmp_path, [], "clip").head
    assert head["error"] == "unsupported" and head["context"].endswith(f"tokenizer_config.json: {key}")
    write_json(tmp_path / "tokenizer_config.json", {key: "right" if "side" in key else False})
    assert "error" not in ask(tools / "tokenize_tool", tmp_path, [], "clip").head
