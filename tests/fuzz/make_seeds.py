#!/usr/bin/env python3
"""Writes the small seeds in corpus/ that no file of a real model could stand for."""

import json
import struct
from pathlib import Path

CORPUS = Path(__file__).resolve().parent / "corpus"


def tensor(dtype: str, shape: list[int], begin: int, end: int) -> dict:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def safetensors(header: dict, size: int) -> bytes:
    text = json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + bytes(size)


def write(folder: str, seeds: dict[str, bytes]) -> None:
    for name, contents in seeds.items():
        path = CORPUS / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents)


def json_bytes(value) -> bytes:
    return json.dumps(value).encode()


def main() -> None:
    several = {
        "__metadata__": {"format": "pt"},
        "a.weight": tensor("F32", [2, 3], 0, 24),
        "b": tensor("BF16", [], 24, 26),
        "c": tensor("I64", [0, 7], 26, 26),
        "d": tensor("F4", [2], 26, 27),
    }
    extra = {"a": tensor("U8", [1], 0, 1) | {"x": [{"y": None}, 1.5, -2, True]}}
    header = json.dumps({"a": tensor("F8_E4M3", [3], 0, 3)}).encode()
    write(
        "safetensors",
        {
            "empty": safetensors({}, 0),
            "several": safetensors(several, 27),
            "extra_field": safetensors(extra, 1),
            "header_only": b"\x03" + header,
        },
    )

    clip = {
        "model_type": "clip",
        "projection_dim": 512,
        "text_config": {
            "vocab_size": 49408,
            "hidden_size": 512,
            "num_attention_heads": 8,
            "max_position_embeddings": 77,
            "eos_token_id": 2,
            "hidden_act": "gelu",
        },
        "vision_config": {
            "hidden_size": 768,
            "intermediate_size": 3072,
            "num_hidden_layers": 12,
            "image_size": [224, 224],
            "patch_size": 32,
            "layer_norm_eps": 1e-05,
            "num_channels": 3,
            "hidden_act": "quick_gelu",
        },
    }
    legacy = {
        "text_config_dict": {"hidden_size": 64},
        "vision_config_dict": None,
        "text_config": None,
    }
    pictures = {
        "image_processor_type": "CLIPImageProcessorFast",
        "do_resize": True,
        "size": {"shortest_edge": 224},
        "resample": 3,
        "do_center_crop": None,
        "crop_size": {"height": 224, "width": 224},
        "do_rescale": 1,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": 0.5,
    }
    squash = {
        "feature_extractor_type": "SiglipFeatureExtractor",
        "size": {"height": 224, "width": 224},
        "do_rescale": False,
    }
    write(
        "clip_config",
        {
            "clip": json_bytes(clip),
            "legacy": json_bytes(legacy),
            "pictures": json_bytes(pictures),
            "squash": json_bytes(squash),
            "nested": json_bytes({"image_processor": pictures | {"size": [224, 224]}}),
            "old_size": json_bytes({"size": 224, "crop_size": 224, "do_normalize": False}),
            "index": json_bytes({"metadata": {}, "weight_map": {"a": "1.safetensors"}}),
            "overflow": b'{"projection_dim": 1e999}',
            "nul": b'{"projection_dim": 512}\0x',
        },
    )

    vision = {
        "layers": 12,
        "width": 1280,
        "head_width": 80,
        "mlp_ratio": 4.9231,
        "patch_size": 14,
        "image_size": [224, 224],
        "ls_init_value": 0.1,
        "no_ln_pre": True,
        "pool_type": "avg",
        "final_ln_after_pool": True,
        "act_kwargs": {},
        "norm_kwargs": {"eps": 1e-6, "bias": False},
    }
    text = {
        "context_length": 64,
        "vocab_size": 32000,
        "width": 768,
        "heads": 12,
        "layers": 12,
        "no_causal_mask": True,
        "proj_bias": True,
        "pool_type": "last",
        "hf_tokenizer_name": "timm/ViT-B-16-SigLIP",
        "act_kwargs": {"approximate": "tanh"},
        "tokenizer_kwargs": {"clean": "canonicalize", "strip_sep_token": False},
    }
    trunk = {
        "timm_model_name": "vit_base_patch16_siglip_224",
        "timm_model_pretrained": False,
        "timm_pool": "map",
        "timm_proj": "none",
        "image_size": 224,
    }
    native = {"embed_dim": 512, "quick_gelu": True, "vision_cfg": vision, "text_cfg": {}}
    siglip = {"embed_dim": 768, "init_logit_bias": -10, "vision_cfg": trunk, "text_cfg": text}
    pictures = {
        "mean": [0.5, 0.5, 0.5],
        "std": 0.5,
        "interpolation": "bilinear",
        "resize_mode": "longest",
        "fill_color": 3,
        "mode": "RGB",
        "size": 224,
    }
    write(
        "open_clip_config",
        {
            "clip": json_bytes({"model_cfg": {"embed_dim": 512, "vision_cfg": {}, "text_cfg": {}}}),
            "native": json_bytes({"model_cfg": native, "preprocess_cfg": pictures}),
            "siglip": json_bytes({"model_cfg": siglip, "preprocess_cfg": None}),
            "resnet": json_bytes(
                {"model_cfg": native | {"vision_cfg": {"layers": [3, 4, 6, 3]}}}
            ),
            "empty_preprocessing": json_bytes({"preprocess_cfg": {"mean": [], "std": 0}}),
        },
    )


if __name__ == "__main__":
    main()
