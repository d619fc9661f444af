"""What open_clip's folders look like on people's disks: which files count, and what is said of the
ones that do not work."""

import json
import shutil
import subprocess
from pathlib import Path

import open_clip_checkpoints as checkpoints
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from clip_checkpoints import clip_config, save_checkpoint
from comparison import assert_same_embeddings, cosines
from program import Program

LABELS = [
    "a butterfly", "a human face", "fruit on a table", "a chess board", "a city street",
    "playing cards", "a page of text", "machine parts", "a football player", "a painting at night",
]  # fmt: skip
TEXTS = ["a photo of a cat", "two dogs on a beach"]
SMALL = {
    "embed_dim": 64,
    "vision_cfg": {"image_size": 64, "layers": 2, "width": 128, "patch_size": 16},
    "text_cfg": {"width": 64, "heads": 2, "layers": 2},
}


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    return checkpoints.clip_tokenizer(tmp_path_factory.mktemp("tokenizer"))


@pytest.fixture(scope="module")
def original(tmp_path_factory, tokenizer):
    folder = tmp_path_factory.mktemp("open_clip") / "original"
    checkpoints.save_checkpoint(folder, SMALL, tokenizer)
    return folder


@pytest.fixture
def folder(original, tmp_path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "model"))


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


def change_tensors(folder: Path, change) -> None:
    tensors = change(load_file(folder / checkpoints.WEIGHTS))
    save_file(tensors, folder / checkpoints.WEIGHTS)


def failure(program: Program, folder: Path) -> str:
    command = [program.binary, "model", "info", folder]
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert result.returncode != 0 and not result.stdout
    return result.stderr


def assert_same_texts(program: Program, folder: Path, original: Path) -> None:
    reference = checkpoints.Reference(original).embed_texts(TEXTS)
    assert_same_embeddings(program.embed_texts(folder, TEXTS), reference)


def test_info(program, original):
    info = json.loads(program.run("model", "info", original, "--format", "json"))
    reference = checkpoints.Reference(original).model
    expected = {
        "name": str(original),
        "family": "CLIP",
        "architecture": "clip-open-clip",
        "sees": True,
        "hears": False,
        "image_size": 64,
        "patch_size": 16,
        "vision_layers": 2,
        "vision_width": 128,
        "text_layers": 2,
        "text_width": 64,
        "text_length": 77,
        "embedding_dimension": 64,
        "parameters": sum(weight.numel() for weight in reference.parameters()),
        "data_type": "F32",
        "precision": "fp32",
        "score": "softmax",
        "logit_bias": 0,
    }
    assert {key: info[key] for key in expected} == expected
    assert abs(info["logit_scale"] - reference.logit_scale.exp().item()) < 1e-4


def test_siglip_info(program, folder):
    """A bias that the config asks for and the weights lack is 0, as open_clip loads it."""
    checkpoints.edit_config(folder, lambda config: config["model_cfg"].update(init_logit_bias=-10))
    reference = checkpoints.Reference(folder).model
    assert reference.logit_bias.item() == 0
    info = json.loads(program.run("model", "info", folder, "--format", "json"))
    assert (info["family"], info["architecture"]) == ("SigLIP", "siglip-open-clip")
    assert (info["score"], info["logit_bias"]) == ("sigmoid", 0)


def test_names_without_the_text_prefix(program, folder, original):
    """Weights from before custom_text."""
    checkpoints.edit_config(folder, lambda config: config["model_cfg"].update(custom_text=True))
    assert_same_texts(program, folder, original)
    assert_same_texts(program, folder, folder)


def test_names_of_a_training_wrapper(program, folder):
    change_tensors(folder, lambda tensors: {f"module.{key}": tensors[key] for key in tensors})
    assert_same_texts(program, folder, folder)


def test_shards(program, folder, original):
    tensors = load_file(folder / checkpoints.WEIGHTS)
    (folder / checkpoints.WEIGHTS).unlink()
    halves = [dict(list(tensors.items())[index::2]) for index in range(2)]
    names = [f"open_clip_model-0000{index}-of-00002.safetensors" for index in (1, 2)]
    for half, name in zip(halves, names):
        save_file(half, folder / name)
    weight_map = {key: name for half, name in zip(halves, names) for key in half}
    index = json.dumps({"metadata": {}, "weight_map": weight_map})
    (folder / f"{checkpoints.WEIGHTS}.index.json").write_text(index, "utf-8")
    assert_same_texts(program, folder, original)


@pytest.mark.parametrize("name", ["open_clip_pytorch_model.safetensors", "model.safetensors"])
def test_other_names_of_weights(program, folder, original, name):
    (folder / checkpoints.WEIGHTS).rename(folder / name)
    assert_same_texts(program, folder, folder)


def test_beside_timms_own_files(program, folder, original):
    """As timm's repositories have it: its config, and its weights of the picture tower alone."""
    (folder / "config.json").write_text('{"architecture": "vit_base_patch32_clip_224"}', "utf-8")
    save_file({"cls_token": torch.zeros(1)}, folder / "model.safetensors")
    assert_same_texts(program, folder, original)


@pytest.fixture(scope="module")
def both(tmp_path_factory, original):
    """As LAION's repositories have it: transformers' files and open_clip's side by side. Here they
    hold different models, so that it shows which one was taken."""
    folder = tmp_path_factory.mktemp("both") / "both"
    tower = {"num_hidden_layers": 1, "hidden_size": 64, "num_attention_heads": 2}
    save_checkpoint(folder, clip_config({**tower, "image_size": 64}, tower, 32))
    for name in ("open_clip_config.json", checkpoints.WEIGHTS):
        shutil.copy(original / name, folder)
    return folder


def test_both_packagings(program, both):
    info = json.loads(program.run("model", "info", both, "--format", "json"))
    assert info["architecture"] == "clip-hf" and info["embedding_dimension"] == 32


def test_both_configs_with_weights_of_one(program, both, tmp_path):
    folder = Path(shutil.copytree(both, tmp_path / "model"))
    (folder / "model.safetensors").unlink()
    info = json.loads(program.run("model", "info", folder, "--format", "json"))
    assert info["architecture"] == "clip-open-clip" and info["embedding_dimension"] == 64


def test_pickled_weights(program, folder, original):
    tensors = load_file(folder / checkpoints.WEIGHTS)
    torch.save(tensors, folder / "open_clip_pytorch_model.bin")
    (folder / checkpoints.WEIGHTS).unlink()
    assert_same_texts(program, folder, original)


def test_without_a_tokenizer(program, folder):
    for file in folder.iterdir():
        if file.name not in ("open_clip_config.json", checkpoints.WEIGHTS):
            file.unlink()
    message = failure(program, folder)
    assert "tokenizer.json" in message and str(folder) in message


def test_vocabulary_that_does_not_fit(program, folder):
    change = lambda config: config["model_cfg"]["text_cfg"].update(vocab_size=500)  # noqa: E731
    checkpoints.edit_config(folder, change)
    assert "49408 tokens" in failure(program, folder)


@pytest.mark.parametrize(
    "vision, words",
    [
        ({"layers": [3, 4, 6, 3], "width": 64}, "ResNet"),
        ({"timm_model_name": "convnext_base", "timm_pool": ""}, "ConvNeXt"),
        ({"timm_model_name": "fastvit_mci2", "timm_pool": "avg"}, "FastViT"),
        ({"timm_model_name": "vit_base_mci_224", "timm_pool": "token"}, "MobileCLIP"),
        ({"timm_model_name": "eva02_large_patch14_clip_224"}, "EVA"),
        ({"timm_model_name": "vit_pe_core_base_patch16_224"}, "Perception Encoder"),
        ({"timm_model_name": "vitamin_large_336"}, "ViTamin"),
        ({"timm_model_name": "vit_relpos_medium_patch16_cls_224"}, "vit_relpos"),
        ({"timm_model_name": "something_new"}, "something_new"),
    ],
)
def test_other_towers_get_one_sentence(program, folder, vision, words):
    checkpoints.edit_config(folder, lambda config: config["model_cfg"].update(vision_cfg=vision))
    message = failure(program, folder)
    assert words in message and "TorchScript export" in message and "open_clip_config" in message
    assert len(message.splitlines()) == 1


def test_missing_and_misshaped_tensors_are_named(program, folder):
    change_tensors(folder, lambda tensors: {k: tensors[k] for k in tensors if k != "visual.proj"})
    assert '"visual.proj" of shape [128, 64] is missing' in failure(program, folder)
    checkpoints.edit_config(folder, lambda config: config["model_cfg"].update(embed_dim=63))
    assert '"text_projection" has shape [64, 64]' in failure(program, folder)


def is_opaque(path) -> bool:
    """What lies below transparent pixels is for the reader to choose; pictures with a palette are
    resized before they get their colours by open_clip, a way that no other reference goes."""
    with Image.open(path) as image:
        return image.mode in ("RGB", "L")


@pytest.mark.parametrize("mode", ["shortest", "squash", "longest"])
def test_photographs(program, photographs, tmp_path, tokenizer, mode):
    """From the file to the score; JPEGs are decoded by different libraries."""
    checkpoints.save_checkpoint(
        tmp_path / "model",
        {**SMALL, "vision_cfg": {**SMALL["vision_cfg"], "image_size": 224, "patch_size": 32}},
        tokenizer,
        {"resize_mode": mode, "fill_color": 127},
    )
    paths = [path for path in photographs if is_opaque(path)][::2]
    reference = checkpoints.Reference(tmp_path / "model")
    rows = reference.embed_pictures([Image.open(path) for path in paths])
    same = cosines(program.embed_pictures(tmp_path / "model", paths), rows)
    assert same.min() >= 0.999, dict(zip(paths, same))
    records = program.records(
        "tag", "--model", tmp_path / "model", "--labels", ",".join(LABELS), *paths
    )
    similarities = rows @ reference.embed_texts(LABELS).T
    for path, record, row in zip(paths, records, similarities, strict=True):
        best = LABELS.index(record["labels"][0]["label"])
        assert row.max() - row[best] <= 1e-3, path  # no better one by more than the pixels may err
