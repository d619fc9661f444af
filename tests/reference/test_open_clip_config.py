"""clipclap's reading of open_clip_config.json against the towers that open_clip builds of it."""

import copy
import json
import random
from dataclasses import asdict
from pathlib import Path

import numpy
import pytest
import torch
import torchvision_operators  # noqa: F401 - before open_clip, which imports torchvision
from checkpoint_probe import probe  # noqa: F401
from media_probe import Probe
from PIL import Image

import open_clip
import timm
from open_clip.model import _build_text_tower, _build_vision_tower
from open_clip.transform import PreprocessCfg, image_transform_v2, merge_preprocess_dict
from open_clip.transformer import QuickGELU

SEED = 20240611
SHIPPED = Path(open_clip.__file__).parent / "model_configs"
TINY = {
    "embed_dim": 32,
    "vision_cfg": {"layers": 1, "width": 64, "image_size": 32},
    "text_cfg": {"layers": 1, "width": 64, "heads": 2, "vocab_size": 100, "context_length": 8},
}
PROJECTIONLESS = {"timm_pool": "map", "timm_proj": "none"}


def write_config(path: Path, model_cfg, **others) -> Path:
    path.write_text(json.dumps({"model_cfg": model_cfg, **others}), "utf-8")
    return path


def changed(config: dict, part: str, **keys) -> dict:
    config = copy.deepcopy(config)
    (config[part] if part else config).update(keys)
    return config


def activation(module: torch.nn.Module) -> str:
    if isinstance(module, (QuickGELU, timm.layers.QuickGELU)):
        return "quick_gelu"
    tanh = isinstance(module, timm.layers.GELUTanh) or getattr(module, "approximate", "") == "tanh"
    assert tanh or isinstance(module, (torch.nn.GELU, timm.layers.GELU)), module
    return "gelu_pytorch_tanh" if tanh else "gelu"


def layers(blocks, names: tuple[str, str, str, str]) -> dict:
    """What TransformerConfig holds of such layers, measured on the first."""
    attention_name, norm_name, in_name, activation_name = names
    block = blocks[0]
    attention = block.get_submodule(attention_name)
    norm = block.get_submodule(norm_name)
    inner = block.get_submodule(in_name)
    return {
        "hidden_size": norm.weight.shape[0],
        "intermediate_size": inner.out_features,
        "num_hidden_layers": len(blocks),
        "num_attention_heads": attention.num_heads,
        "hidden_act": activation(block.get_submodule(activation_name)),
        "layer_norm_eps": norm.eps,
    }


NATIVE = ("attn", "ln_1", "mlp.c_fc", "mlp.gelu")
TIMM = ("attn", "norm1", "mlp.fc1", "mlp.act")


def is_there(module) -> bool:
    return module is not None and not isinstance(module, torch.nn.Identity)


def measure_native(visual) -> dict:
    block = visual.transformer.resblocks[0]
    return layers(visual.transformer.resblocks, NATIVE) | {
        "image_size": visual.image_size[0],
        "patch_size": visual.patch_size[0],
        "layer_scale": is_there(block.ls_1),
        "norm_bias": block.ln_1.bias is not None,
        "is_timm": False,
        "class_token": True,
        "pre_norm": is_there(visual.ln_pre),
        "patch_bias": visual.conv1.bias is not None,
        "pool": visual.pool_type,
        "norm_after_pool": visual.final_ln_after_pool,
    }


def measure_timm(trunk) -> dict:
    pool = "map" if trunk.attn_pool is not None else trunk.global_pool
    return layers(trunk.blocks, TIMM) | {
        "image_size": trunk.patch_embed.img_size[0],
        "patch_size": trunk.patch_embed.patch_size[0],
        "layer_scale": is_there(trunk.blocks[0].ls1),
        "norm_bias": True,
        "is_timm": True,
        "class_token": trunk.cls_token is not None,
        "pre_norm": is_there(trunk.norm_pre),
        "patch_bias": trunk.patch_embed.proj.bias is not None,
        "pool": {"token": "tok"}.get(pool, pool),
        "norm_after_pool": is_there(trunk.fc_norm),
    }


def measure_text(text, config: dict) -> dict:
    return layers(text.transformer.resblocks, NATIVE) | {
        "vocab_size": text.vocab_size,
        "context_length": text.context_length,
        "layer_scale": is_there(text.transformer.resblocks[0].ls_1),
        "causal": text.attn_mask is not None,
        "pool": text.pool_type,
        "eos_id": text.eos_id,
        "hf_tokenizer_name": config.get("hf_tokenizer_name") or "",
    }


def measure(config: dict) -> dict:
    """The towers as open_clip builds them, without their weights."""
    quick_gelu = config.get("quick_gelu", False)
    with torch.device("meta"):
        visual = _build_vision_tower(config["embed_dim"], dict(config["vision_cfg"]), quick_gelu)
        text = _build_text_tower(config["embed_dim"], dict(config["text_cfg"]), quick_gelu)
    is_timm = hasattr(visual, "trunk")
    return {
        "embed_dim": config["embed_dim"],
        "has_logit_bias": config.get("init_logit_bias") is not None,
        "vision": measure_timm(visual.trunk) if is_timm else measure_native(visual),
        "text": measure_text(text, config["text_cfg"]),
    }


def assert_read_as_built(configs: list[dict], answers: list[dict]) -> None:
    for config, answer in zip(configs, answers, strict=True):
        assert answer.get("value") == measure(config), (config, answer)


def foreign_part(config: dict) -> str | None:
    """What a message must name where clipclap has no such tower."""
    vision, text = config["vision_cfg"], config["text_cfg"]
    if "multimodal_cfg" in config:
        return "CoCa"
    name = vision.get("timm_model_name", "")
    if name and not (name.startswith("vit_") and ("_siglip_" in name or "_clip_" in name)):
        return name
    if isinstance(vision.get("layers"), list):
        return "ResNet"
    return text.get("hf_model_name")


def test_shipped_configs(probe, tmp_path):
    """Every one that open_clip ships is read as it is built, or refused by name."""
    shipped = {path.stem: json.loads(path.read_text("utf-8")) for path in SHIPPED.glob("*.json")}
    assert len(shipped) > 100
    paths = [write_config(tmp_path / f"{name}.json", shipped[name]) for name in shipped]
    answers = dict(zip(shipped, probe("open_clip_config", *paths), strict=True))
    foreign = {name: part for name in shipped if (part := foreign_part(shipped[name]))}
    for name, part in foreign.items():
        error = answers[name]["error"]
        assert error["code"] == "unsupported"
        assert part in error["message"] and "TorchScript" in error["message"], error
    known = [name for name in shipped if name not in foreign]
    assert len(known) > 70
    assert_read_as_built([shipped[name] for name in known], [answers[name] for name in known])


def test_timm_trunks(probe, tmp_path):
    """All of timm's CLIP and SigLIP ViTs; each takes pictures of the size in its name."""
    names = [
        name
        for name in timm.list_models(["vit_*_siglip_*", "vit_*_clip_*"])
        if "_gap_" not in name
    ]
    assert len(names) > 40
    configs = []
    for name in names:
        vision = {
            "timm_model_name": f"{name}.webli" if len(configs) % 2 else name,
            "image_size": int(name.rsplit("_")[-1]),
            "timm_pool": "map" if "siglip" in name else "token",
        }
        configs.append(changed(TINY, "", vision_cfg=vision))
    paths = [write_config(tmp_path / f"{i}.json", config) for i, config in enumerate(configs)]
    answers = probe("open_clip_config", *paths)
    for config in configs:  # the tags of others do not exist
        name = config["vision_cfg"]["timm_model_name"]
        config["vision_cfg"]["timm_model_name"] = name.removesuffix(".webli")
    assert_read_as_built(configs, answers)


def random_layers(choose: random.Random) -> dict:
    return {
        "layers": choose.randrange(1, 4),
        "mlp_ratio": choose.choice([4, 4.0, 3.7362, 4.9231, 8.5715, 0.5]),
        "ls_init_value": choose.choice([None, 0, 1e-4]),
        "act_kwargs": choose.choice([None, {}, {"approximate": "tanh"}, {"approximate": "none"}]),
        "norm_kwargs": choose.choice([None, {}, {"eps": 1e-3}, {"eps": 0, "bias": False}]),
        "output_tokens": choose.choice([False, True]),
        "block_type": choose.choice([None, "default"]),
    }


def random_vision(choose: random.Random) -> dict:
    width, head_width = choose.choice([(64, 64), (160, 80), (192, 40), (72, 24), (88, 88)])
    patch = choose.choice([14, 16, 32])
    return random_layers(choose) | {
        "width": width,
        "head_width": head_width,
        "patch_size": choose.choice([patch, [patch, patch]]),
        "image_size": choose.choice([32, 50, [64, 64]]),
        "no_ln_pre": choose.choice([False, True]),
        "pool_type": choose.choice(["tok", "avg"]),
        "final_ln_after_pool": choose.choice([False, True]),
        "pos_embed_type": choose.choice(["learnable", "sin_cos_2d"]),
        "patch_dropout": choose.choice([0.0, 0.5]),
        "attentional_pool": False,
        "timm_model_name": choose.choice([None, ""]),
    }


def random_text(choose: random.Random) -> dict:
    heads = choose.choice([1, 2, 5, 8])
    return random_layers(choose) | {
        "width": heads * choose.choice([8, 21, 64]),
        "heads": heads,
        "context_length": choose.randrange(1, 90),
        "vocab_size": choose.randrange(1, 1000),
        "no_causal_mask": choose.choice([False, True]),
        "pool_type": choose.choice(["argmax", "first", "last", "eos"]),
        "eos_id": choose.randrange(0, 50000),
        "pad_id": choose.randrange(0, 9),
        "proj_type": "linear",
        "proj_bias": choose.choice([False, True]),
        "hf_tokenizer_name": choose.choice([None, "", "bert-base-uncased"]),
        "tokenizer_kwargs": choose.choice([None, {}, {"clean": "canonicalize"}]),
        "hf_model_name": None,
    }


def random_config(choose: random.Random) -> dict:
    def some(keys: dict, always: tuple[str, ...]) -> dict:
        return {key: value for key, value in keys.items() if key in always or choose.random() < 0.6}

    config = {
        "embed_dim": choose.randrange(1, 900),
        "vision_cfg": some(random_vision(choose), ("width", "head_width")),
        "text_cfg": some(random_text(choose), ("width", "heads")),
        "init_logit_bias": choose.choice([None, -10, 0]),
        "custom_text": choose.choice([False, True]),
    }
    # QuickGELU takes no options, open_clip would not build it.
    options = [config[part].get("act_kwargs") for part in ("vision_cfg", "text_cfg")]
    if not any(options):
        config["quick_gelu"] = choose.choice([False, True])
    return config


def test_random_configs(probe, tmp_path):
    choose = random.Random(SEED)
    configs = [random_config(choose) for _ in range(150)]
    configs.append({"embed_dim": 512, "vision_cfg": {}, "text_cfg": {}})
    paths = [write_config(tmp_path / f"{i}.json", config) for i, config in enumerate(configs)]
    assert_read_as_built(configs, probe("open_clip_config", *paths))


SIGLIP = {"timm_model_name": "vit_base_patch16_siglip_224", "timm_pool": "map", "timm_proj": "none"}
REFUSED = {
    "unknown model key": (changed(TINY, "", rope=True), "model_cfg.rope"),
    "unknown vision key": (changed(TINY, "vision_cfg", rope=1), "model_cfg.vision_cfg.rope"),
    "unknown text key": (changed(TINY, "text_cfg", rope=1), "model_cfg.text_cfg.rope"),
    "norm option": (changed(TINY, "vision_cfg", norm_kwargs={"x": 1}), "vision_cfg.norm_kwargs.x"),
    "norms without weights": (
        changed(TINY, "text_cfg", norm_kwargs={"elementwise_affine": False}),
        "text_cfg.norm_kwargs.elementwise_affine",
    ),
    "activation option": (changed(TINY, "text_cfg", act_kwargs={"x": 1}), "text_cfg.act_kwargs.x"),
    "attentional_pool": (changed(TINY, "vision_cfg", attentional_pool=True), "attentional_pool"),
    "parallel pool": (changed(TINY, "vision_cfg", attentional_pool="parallel"), "attentional_pool"),
    "vision pool none": (changed(TINY, "vision_cfg", pool_type="none"), "vision_cfg.pool_type"),
    "vision pool max": (changed(TINY, "vision_cfg", pool_type="max"), "vision_cfg.pool_type"),
    "text pool none": (changed(TINY, "text_cfg", pool_type="none"), "text_cfg.pool_type"),
    "text pool mean": (changed(TINY, "text_cfg", pool_type="mean"), "text_cfg.pool_type"),
    "proj_type": (changed(TINY, "text_cfg", proj_type="mlp"), "text_cfg.proj_type"),
    "embed_cls": (changed(TINY, "text_cfg", embed_cls=True), "text_cfg.embed_cls"),
    "positions": (changed(TINY, "vision_cfg", pos_embed_type="rope"), "vision_cfg.pos_embed_type"),
    "tokenizer mode": (
        changed(TINY, "text_cfg", hf_tokenizer_name="x", tokenizer_mode="clips"), "tokenizer_mode",
    ),
    "tokenizer option": (
        changed(TINY, "text_cfg", tokenizer_kwargs={"reduction_mask": "random"}),
        "text_cfg.tokenizer_kwargs.reduction_mask",
    ),
    "cleaning": (changed(TINY, "text_cfg", tokenizer_kwargs={"clean": "x"}), "tokenizer_kwargs.clean"),
    "timm pool": (changed(TINY, "", vision_cfg=SIGLIP | {"timm_pool": "token"}), "timm_pool"),
    "timm proj": (changed(TINY, "", vision_cfg=SIGLIP | {"timm_proj": "mlp"}), "timm_proj"),
    "oblong": (changed(TINY, "vision_cfg", image_size=[32, 64]), "vision_cfg.image_size"),
    **{
        f"{part} {option}": (changed(TINY, part, **{option: True}), f"{part}.{option}")
        for part in ("vision_cfg", "text_cfg")
        for option in ("qk_norm", "scaled_cosine_attn", "scale_heads", "scale_attn_inner",
                       "scale_attn", "scale_fc")
    },
}  # fmt: skip
INVALID = {
    "no model_cfg": (None, "model_cfg"),
    "no embed_dim": ({**TINY, "embed_dim": None}, "model_cfg.embed_dim"),
    "no vision": ({"embed_dim": 3, "text_cfg": {}}, "model_cfg.vision_cfg"),
    "no text": ({"embed_dim": 3, "vision_cfg": {}}, "model_cfg.text_cfg"),
    "list": (changed(TINY, "", vision_cfg=[]), "model_cfg.vision_cfg"),
    "heads": (changed(TINY, "text_cfg", heads=3), "text_cfg.heads"),
    "head width": (changed(TINY, "vision_cfg", width=100, head_width=30), "vision_cfg.head_width"),
    "head width too large": (changed(TINY, "vision_cfg", head_width=65), "vision_cfg.head_width"),
    "mlp_ratio": (changed(TINY, "text_cfg", mlp_ratio=0.001), "text_cfg.mlp_ratio"),
    "mlp_ratio huge": (changed(TINY, "vision_cfg", mlp_ratio=1e300), "vision_cfg.mlp_ratio"),
    "patch": (changed(TINY, "vision_cfg", patch_size=33), "vision_cfg.patch_size"),
    "eps": (changed(TINY, "vision_cfg", norm_kwargs={"eps": -1}), "vision_cfg.norm_kwargs.eps"),
    "quick tanh": (
        changed(changed(TINY, "", quick_gelu=True), "text_cfg", act_kwargs={"approximate": "tanh"}),
        "text_cfg.act_kwargs.approximate",
    ),
    "activation": (
        changed(TINY, "text_cfg", act_kwargs={"approximate": "erf"}), "act_kwargs.approximate",
    ),
    "no projection": (changed(TINY, "text_cfg", proj_type="none"), "text_cfg.proj_type"),
    "no timm projection": (changed(TINY, "", vision_cfg=SIGLIP), "vision_cfg.timm_proj"),
    "timm size": (
        changed(TINY, "", vision_cfg=SIGLIP | {"image_size": 256, "timm_proj": ""}),
        "vision_cfg.image_size",
    ),
    "separator": (
        changed(TINY, "text_cfg", tokenizer_kwargs={"strip_sep_token": True}), "strip_sep_token",
    ),
    "layers": (changed(TINY, "text_cfg", layers=1.5), "text_cfg.layers"),
}  # fmt: skip


@pytest.mark.parametrize("case", [*REFUSED, *INVALID])
def test_refuses_by_name(probe, tmp_path, case):
    config, key = (REFUSED | INVALID)[case]
    (answer,) = probe("open_clip_config", write_config(tmp_path / "open_clip_config.json", config))
    error = answer["error"]
    assert error["code"] == ("unsupported" if case in REFUSED else "invalid_data"), error
    assert error["context"].endswith(key), error


def random_preprocessing(choose: random.Random) -> dict:
    config = {
        "size": choose.choice([7, [99, 3], None]),  # the tower's counts
        "mode": choose.choice(["RGB", None]),
        "mean": choose.choice([None, [0, 0, 0], [0.5, 0.4, 0.3], 0.25, 0, 0.0, [], [0.5]]),
        "std": choose.choice([None, [1, 1, 1], [0.5, 0.25, 2], 0.5, 0, []]),
        "interpolation": choose.choice(["bicubic", "bilinear", "random", None, ""]),
        "resize_mode": choose.choice(["shortest", "longest", "squash", None, ""]),
        "fill_color": choose.choice([0, 255, 3, None]),
        "crop_pct": 0.9,
    }
    return {key: value for key, value in config.items() if choose.random() < 0.7}


def some_side(choose: random.Random) -> int:
    return choose.choice([choose.randrange(1, 20), choose.randrange(20, 400), 223, 225])


def test_preprocessing(probe, tools, tmp_path):
    """From any configuration to the numbers that the tower gets, for pictures of any shape."""
    choose = random.Random(SEED)
    media = Probe(tools / "media_probe", tmp_path)
    noise = numpy.random.default_rng(SEED)
    for index in range(120):
        config = random_preprocessing(choose)
        size = choose.choice([1, 2, 63, 64, 224])
        path = write_config(tmp_path / f"{index}.json", {}, preprocess_cfg=config)
        (answer,) = probe(f"open_clip_preprocessing {size}", path)
        order = answer["value"]
        order["resize_height"], order["resize_width"] = order.pop("resize_size")
        order["crop_height"], order["crop_width"] = order.pop("crop_size")

        merged = merge_preprocess_dict(asdict(PreprocessCfg()), config) | {"size": (size, size)}
        transform = image_transform_v2(PreprocessCfg(**merged), is_train=False)
        width, height = some_side(choose), some_side(choose)
        pixels = noise.integers(0, 256, (height, width, 3), dtype=numpy.uint8)
        if is_too_thin(order, width, height):
            continue
        expected = transform(Image.fromarray(pixels)).numpy().transpose(1, 2, 0)
        prepared = media.prepare(pixels, order)
        ours = (prepared * order["rescale"] - order["mean"]) / order["std"]
        assert ours.shape == expected.shape, (config, width, height)
        assert numpy.abs(ours - expected).max() < 1e-5, (config, size, width, height)


def is_too_thin(order: dict, width: int, height: int) -> bool:
    """open_clip asks Pillow for a side of 0 pixels then; clipclap keeps one."""
    longest, size = max(width, height), order["resize_height"]
    return order["resize"] == "longest_edge" and min(width, height) * size / longest < 0.51


def test_a_sliver_keeps_a_pixel(tools, tmp_path):
    order = {"resize": "longest_edge", "resize_height": 8, "resize_width": 8, "center_crop": True,
             "crop_height": 8, "crop_width": 8, "torchvision": True, "fill": 9}  # fmt: skip
    pixels = numpy.full((1, 400, 3), 77, numpy.uint8)
    prepared = Probe(tools / "media_probe", tmp_path).prepare(pixels, order)
    assert (prepared[3] == 77).all() and (numpy.delete(prepared, 3, axis=0) == 9).all()


@pytest.mark.parametrize(
    "config",
    [
        {"mode": "L"},
        {"mean": [1, 2]},
        {"mean": "0.5"},
        {"std": [0.5, 0, 0.5]},
        {"interpolation": "nearest"},
        {"resize_mode": "fit"},
        {"fill_color": 256},
        {"fill_color": [0, 0, 0]},
    ],
)
def test_refuses_preprocessing_by_name(probe, tmp_path, config):
    path = write_config(tmp_path / "open_clip_config.json", {}, preprocess_cfg=config)
    (answer,) = probe("open_clip_preprocessing 224", path)
    (key,) = config
    assert answer["error"]["context"].endswith(f"preprocess_cfg.{key}"), answer
