"""clipclap's reading of config.json and preprocessor_config.json against transformers' classes."""

import copy
import json
import random
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import torch
from checkpoint_probe import probe  # noqa: F401
from transformers import CLIPConfig, CLIPModel
from transformers.activations import ACT2FN
from transformers.models.auto.image_processing_auto import get_image_processor_class_from_name

SEED = 20240607
REAL_CONFIGS = Path(__file__).resolve().parents[3] / "shared/data/configs"
TRANSFORMER = [
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "hidden_act",
    "layer_norm_eps",
]
VISION = [*TRANSFORMER, "image_size", "patch_size"]
TEXT = [*TRANSFORMER, "vocab_size", "max_position_embeddings", "eos_token_id"]


def write_json(path: Path, value) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))
    return path


def reference_config(config: dict) -> dict:
    # What the class lays over a legacy config it also writes into the dictionary that it is given.
    read = CLIPConfig.from_dict(copy.deepcopy(config))
    return {
        "vision_config": {key: getattr(read.vision_config, key) for key in VISION},
        "text_config": {key: getattr(read.text_config, key) for key in TEXT},
        "projection_dim": read.projection_dim,
    }


def random_sub_config(choose: random.Random, keys: list[str]) -> dict:
    heads = choose.choice([1, 4, 8, 12])
    values = {
        "hidden_size": heads * choose.choice([24, 64, 96]),
        "intermediate_size": choose.randrange(1, 5000),
        "num_hidden_layers": choose.randrange(1, 40),
        "num_attention_heads": heads,
        "hidden_act": choose.choice(["quick_gelu", "gelu", "gelu_pytorch_tanh", "relu", "silu"]),
        "layer_norm_eps": choose.choice([1e-5, 1e-6, 1e-12, 0, 1]),
        "image_size": choose.choice([224, 336, 378, 384]),
        "patch_size": choose.choice([8, 14, 16, 32]),
        "vocab_size": choose.randrange(3, 60000),
        "max_position_embeddings": choose.randrange(1, 300),
        "eos_token_id": choose.choice([2, 0, 1, 49407]),
    }
    kept = {key: values[key] for key in keys if choose.random() < 0.6}
    if ("hidden_size" in kept) != ("num_attention_heads" in kept):
        kept |= {"hidden_size": values["hidden_size"], "num_attention_heads": heads}
    return kept | {
        "projection_dim": choose.randrange(1, 2000),
        "dropout": 0.1,
        "unknown_key": [None, {}],
    }


def random_config(choose: random.Random) -> dict:
    config = {"model_type": "clip", "logit_scale_init_value": 2.6592}
    if choose.random() < 0.5:
        config["projection_dim"] = choose.randrange(1, 2000)
    for name, keys in (("vision_config", VISION), ("text_config", TEXT)):
        for key in (name, f"{name}_dict"):
            kind = choose.randrange(4)
            if kind == 0:
                config[key] = None
            elif kind > 1 and not (key.endswith("_dict") and choose.random() < 0.5):
                config[key] = random_sub_config(choose, keys) if kind == 2 else {}
    return config


def test_fills_in_what_transformers_fills_in(probe, tmp_path):
    choose = random.Random(SEED)
    configs = [
        {},
        {"text_config": None, "vision_config": None},
        *(random_config(choose) for _ in range(300)),
    ]
    paths = [write_json(tmp_path / f"{index}.json", config) for index, config in enumerate(configs)]
    for config, answer in zip(configs, probe("clip_config", *paths), strict=True):
        assert answer.get("value") == reference_config(config), (config, answer)


@pytest.mark.skipif(
    not REAL_CONFIGS.is_dir(), reason="the real configs are not part of the project"
)
def test_reads_real_configs(probe):
    found = [
        path
        for path in sorted(REAL_CONFIGS.glob("*/config.json"))
        if json.loads(path.read_text())["model_type"] == "clip"
    ]
    assert found
    for path, answer in zip(found, probe("clip_config", *found), strict=True):
        assert answer.get("value") == reference_config(json.loads(path.read_text())), path


@pytest.mark.parametrize("name", sorted(ACT2FN))
def test_activations_are_the_functions_of_that_name(probe, tmp_path, name):
    path = write_json(tmp_path / "config.json", {"vision_config": {"hidden_act": name}})
    (answer,) = probe("clip_config", path)
    if "error" in answer:
        assert answer["error"]["code"] == "unsupported" and name in answer["error"]["message"]
        assert name not in (
            "quick_gelu",
            "gelu",
            "gelu_new",
            "gelu_pytorch_tanh",
            "relu",
            "silu",
            "swish",
        )
        return
    values = torch.linspace(-8, 8, 1001, dtype=torch.float64)
    same = ACT2FN[answer["value"]["vision_config"]["hidden_act"]](values)
    assert torch.allclose(ACT2FN[name](values), same, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "key, value",
    [
        ("hidden_size", 770),
        ("hidden_size", None),
        ("hidden_size", 768.0),
        ("hidden_size", "768"),
        ("hidden_size", 0),
        ("hidden_size", -768),
        ("num_hidden_layers", None),
        ("num_hidden_layers", 1.5),
        ("intermediate_size", []),
        ("hidden_act", "no_such"),
        ("hidden_act", None),
        ("image_size", None),
        ("image_size", "224"),
        ("patch_size", 0),
        ("patch_size", None),
        ("layer_norm_eps", "1e-5"),
    ],
)
def test_refuses_what_transformers_cannot_build(probe, tmp_path, key, value):
    config = {"vision_config": {"num_hidden_layers": 1, key: value}}
    with pytest.raises(Exception):
        model = CLIPModel(CLIPConfig.from_dict(copy.deepcopy(config)))
        model.get_image_features(torch.zeros(1, 3, 224, 224))
    (answer,) = probe("clip_config", write_json(tmp_path / "config.json", config))
    assert answer["error"]["context"] == f"{tmp_path}/config.json: vision_config.{key}"


CLIP = "CLIPImageProcessor"
FAST = "CLIPImageProcessorFast"
SIGLIP = "SiglipImageProcessor"
SIGLIP_FAST = "SiglipImageProcessorFast"
ALL = {"height": 224, "width": 224}

PREPROCESSING = [
    {},
    {"image_processor_type": CLIP},
    {"feature_extractor_type": "CLIPFeatureExtractor"},
    {
        "feature_extractor_type": "CLIPFeatureExtractor",
        "size": 224,
        "crop_size": 224,
        "resample": 3,
        "do_resize": True,
    },
    {"feature_extractor_type": "SiglipFeatureExtractor", "image_processor_type": CLIP},
    {"image_processor_type": "CLIPFeatureExtractor", "size": {"shortest_edge": 256}},
    {"image_processor_type": None, "feature_extractor_type": None, "size": None, "crop_size": None},
    {"size": 300, "crop_size": [224, 224]},
    {"size": [250, 300]},
    {"size": {"height": 300, "width": 260}},
    {"size": {"shortest_edge": 300, "longest_edge": 310}},
    {"size": {"shortest_edge": 300, "longest_edge": None}},
    {"size": ALL, "do_center_crop": False},
    {"size": ALL, "do_center_crop": 0, "crop_size": 100},
    {"size": 180},
    {"do_resize": False},
    {"do_resize": False, "size": 99, "resample": None},
    *({"resample": filter} for filter in range(6)),
    {"do_rescale": False},
    {"do_rescale": False, "do_normalize": False},
    {"do_rescale": True, "rescale_factor": 0.5},
    {"rescale_factor": 1},
    {"do_normalize": False},
    {"image_mean": None, "image_std": None},
    {"image_mean": 0.25, "image_std": 2},
    {"image_mean": [0, 0, 0], "image_std": [1, 1, 1]},
    {"image_mean": [0.1, 0.2, 0.3], "image_std": [-0.1, 0.2, 0.3]},
    {"do_normalize": False, "image_std": 0},
    {"use_square_size": False, "do_convert_rgb": None, "unknown": {"a": [1]}, "do_pad": True},
    {"image_processor_type": FAST},
    {"do_resize": None, "do_rescale": None, "rescale_factor": None},
    {"do_normalize": None, "do_rescale": None},
    {"do_center_crop": None, "size": ALL},
    {
        "image_processor_type": FAST,
        "do_resize": None,
        "size": None,
        "resample": None,
        "do_rescale": None,
        "rescale_factor": None,
    },
    {
        "image_processor_type": FAST,
        "do_normalize": None,
        "image_mean": None,
        "image_std": None,
        "do_pad": None,
        "pad_size": None,
        "device": None,
    },
    {"image_processor_type": FAST, "do_center_crop": None, "size": ALL, "crop_size": None},
    {"image_processor_type": FAST, "size": 300, "crop_size": 224, "default_to_square": True},
    {"image_processor_type": FAST, "size": 300, "default_to_square": None},
    {"image_processor_type": FAST, "size": 300, "default_to_square": False, "resample": 2},
    {"image_processor_type": FAST, "size": [250, 300]},
    {
        "image_processor_type": FAST,
        "size": {"height": 300, "width": 260},
        "image_mean": 0.5,
        "image_std": 0.5,
    },
    {
        "image_processor_type": FAST,
        "size": {"shortest_edge": 300, "longest_edge": None},
        "do_rescale": False,
    },
    {"image_processor_type": FAST, "do_resize": False, "size": None, "do_normalize": False},
    {"image_processor_type": SIGLIP},
    {
        "image_processor_type": SIGLIP,
        "size": ALL,
        "resample": 2,
        "do_center_crop": True,
        "crop_size": 100,
    },
    {"image_processor_type": SIGLIP, "do_rescale": False, "image_mean": [0.1, 0.2, 0.3]},
    {"image_processor_type": SIGLIP_FAST, "resample": 2},
    {"image_processor_type": SIGLIP_FAST, "size": 300, "do_center_crop": True, "crop_size": 224},
    {
        "image_processor_type": SIGLIP_FAST,
        "do_center_crop": None,
        "do_convert_rgb": None,
        "crop_size": None,
    },
]


def picture() -> PIL.Image.Image:
    generator = np.random.default_rng(SEED)
    coarse = generator.integers(0, 256, (12, 20, 3), dtype=np.uint8)
    smooth = PIL.Image.fromarray(coarse).resize((451, 320), PIL.Image.Resampling.BICUBIC)
    grain = generator.integers(-20, 21, (320, 451, 3))
    return PIL.Image.fromarray(np.clip(np.asarray(smooth) + grain, 0, 255).astype(np.uint8))


def reference_class(config: dict):
    """As AutoImageProcessor finds it."""
    name = config.get("image_processor_type")
    if name is None:
        name = (config.get("feature_extractor_type") or CLIP).replace(
            "FeatureExtractor", "ImageProcessor"
        )
    return get_image_processor_class_from_name(name)


def apply(order: dict, image: PIL.Image.Image) -> np.ndarray:
    """What clipclap's parameters say, done with Pillow and NumPy alone."""
    if order["resize"] != "none":
        height, width = order["resize_size"]
        if order["resize"] == "shortest_edge":
            short, long = min(image.size), max(image.size)
            other = int(height * long / short)
            width, height = (height, other) if image.width < image.height else (other, height)
        image = image.resize((width, height), PIL.Image.Resampling(order["filter"]))
    pixels = np.asarray(image)
    if order["center_crop"]:
        pixels = center_crop(pixels, *order["crop_size"])
    return ((pixels * order["rescale"] - order["mean"]) / order["std"]).transpose(2, 0, 1)


def center_crop(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    # Padded where it is too small; all sizes of these tests differ by even numbers.
    add_height, add_width = max(0, height - pixels.shape[0]), max(0, width - pixels.shape[1])
    pixels = np.pad(pixels, ((add_height // 2,) * 2, (add_width // 2,) * 2, (0, 0)))
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return pixels[top : top + height, left : left + width]


def write_checkpoints(folder: Path, configs: list) -> list[Path]:
    return [
        write_json(folder / str(index) / "preprocessor_config.json", config).parent
        for index, config in enumerate(configs)
    ]


def test_preprocessing_means_what_it_means_to_transformers(probe, tmp_path):
    image = picture()
    answers = probe("preprocessing 224", *write_checkpoints(tmp_path, PREPROCESSING))
    for config, answer in zip(PREPROCESSING, answers, strict=True):
        assert "value" in answer, (config, answer)
        processor = reference_class(config).from_dict(copy.deepcopy(config))
        expected = np.asarray(processor(image, return_tensors="pt")["pixel_values"][0])
        found = apply(answer["value"], image)
        assert found.shape == expected.shape, config
        # The fast classes resize with torchvision, which differs from Pillow by a few levels.
        level = np.abs(answer["value"]["rescale"] / np.asarray(answer["value"]["std"])).max()
        fast = (
            "Fast" in config.get("image_processor_type", "")
            if config.get("image_processor_type")
            else False
        )
        assert np.abs(found - expected).max() <= level * (4 if fast else 0.001), config
        assert np.abs(found - expected).mean() <= level * 0.3, config


REFUSED = [
    {"size": {"height": 224}},
    {"size": {"height": 224, "width": 224, "shortest_edge": 224}},
    {"size": {"longest_edge": 224}},
    {"size": {"max_height": 224, "max_width": 224}},
    {"size": {}},
    {"size": "224"},
    {"size": [224]},
    {"size": {"shortest_edge": 0}},
    {"size": {"shortest_edge": None}},
    {"crop_size": {"shortest_edge": 224}},
    {"crop_size": [224]},
    {"resample": 99},
    {"resample": -1},
    {"resample": None},
    {"resample": "bicubic"},
    {"rescale_factor": None},
    {"rescale_factor": "x"},
    {"image_mean": [0.5, 0.5]},
    {"image_mean": [0.5, 0.5, 0.5, 0.5]},
    {"image_std": [0.5]},
    {"image_mean": "x"},
    {"image_processor_type": FAST, "size": None},
    {"image_processor_type": FAST, "resample": None},
    {"image_processor_type": FAST, "rescale_factor": None},
    {"image_processor_type": FAST, "image_mean": None},
    {"image_processor_type": SIGLIP_FAST, "image_std": None},
    {"image_processor_type": FAST, "crop_size": None},
    {"image_processor_type": FAST, "crop_size": {"shortest_edge": 224}},
    {"image_processor_type": "NoSuchImageProcessor"},
]


def test_refuses_what_transformers_refuses(probe, tmp_path):
    image = picture()
    answers = probe("preprocessing 224", *write_checkpoints(tmp_path, REFUSED))
    for config, answer in zip(REFUSED, answers, strict=True):
        with pytest.raises(Exception):
            reference_class(config).from_dict(copy.deepcopy(config))(image, return_tensors="pt")
            pytest.fail(f"transformers takes {config}", pytrace=False)
        assert answer["error"]["context"].startswith(f"{tmp_path}/"), (config, answer)


def test_finds_the_file_that_transformers_finds(probe, tmp_path):
    nested = {"image_processor": {"image_mean": [0, 0, 0]}, "processor_class": "CLIPProcessor"}
    plain = {"image_mean": [1, 1, 1]}
    folders = {name: tmp_path / name for name in ("old", "new", "both", "nested_old")}
    write_json(folders["old"] / "preprocessor_config.json", plain)
    write_json(folders["new"] / "processor_config.json", nested)
    write_json(folders["both"] / "preprocessor_config.json", plain)
    write_json(folders["both"] / "processor_config.json", nested)
    write_json(folders["nested_old"] / "preprocessor_config.json", nested)
    processor = get_image_processor_class_from_name(CLIP)
    for folder, answer in zip(
        folders.values(), probe("preprocessing 224", *folders.values()), strict=True
    ):
        assert answer["value"]["mean"] == processor.from_pretrained(folder).image_mean, folder


@pytest.mark.skipif(
    not REAL_CONFIGS.is_dir(), reason="the real configs are not part of the project"
)
def test_reads_real_preprocessing(probe):
    found = {
        path.parent
        for name in ("preprocessor_config.json", "processor_config.json")
        for path in REAL_CONFIGS.glob(f"*/{name}")
    }
    sizes = {"siglip-base-patch16-256": 256}
    image = picture()
    assert len(found) >= 3
    for folder in sorted(found):
        (answer,) = probe(f"preprocessing {sizes.get(folder.name, 224)}", folder)
        files = [folder / name for name in ("preprocessor_config.json", "processor_config.json")]
        config = json.loads(next(path for path in files if path.exists()).read_text())
        processor = reference_class(config.get("image_processor", config)).from_pretrained(folder)
        expected = np.asarray(processor(image, return_tensors="pt")["pixel_values"][0])
        assert np.abs(apply(answer["value"], image) - expected).max() < 1e-5, folder
