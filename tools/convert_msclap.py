#!/usr/bin/env python3
"""Makes a checkpoint folder of one of msclap's .pth files:

    convert_msclap.py CLAP_weights_2023.pth GPT2_TOKENIZER_JSON FOLDER

clipclap reads the .pth file itself too. The folder loads sooner, keeps the tokenizer with the
weights, and holds nothing that could run code. It takes torch and safetensors, in Python.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file

# As msclap 1.3.4 has them in its package (configs/config_2023.yml, config_2022.yml).
COMMON = {"model_type": "msclap", "sampling_rate": 44100, "hop_size": 320, "mel_bins": 64,
          "window_size": 1024, "d_proj": 1024}  # fmt: skip
CONFIGS = {
    "caption_encoder.base.wte.weight": COMMON | {
        "text_model": "gpt2", "text_len": 77, "transformer_embed_dim": 768,
        "audioenc_name": "HTSAT", "out_emb": 768, "duration": 7,
    },
    "audio_encoder.base.conv_block1.conv1.weight": COMMON | {
        "text_model": "bert-base-uncased", "text_len": 100, "transformer_embed_dim": 768,
        "audioenc_name": "Cnn14", "out_emb": 2048, "duration": 5,
    },
}  # fmt: skip


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    # Anything but tensors and plain containers is refused here, as clipclap refuses it.
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    return {name.removeprefix("module."): tensor for name, tensor in checkpoint["model"].items()}


def convert(weights: Path, tokenizer: Path, folder: Path, changes: dict | None = None) -> None:
    """`changes` go into config.json: for weights of another shape than the published ones."""
    tensors = read_weights(weights)
    config = next((config for name, config in CONFIGS.items() if name in tensors), None)
    if config is None:
        raise SystemExit(f"{weights}: neither msclap's weights of 2022 nor those of 2023")
    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {name: tensor.contiguous().clone() for name, tensor in tensors.items()},
        folder / "model.safetensors",
        {"format": "pt"},
    )
    text = json.dumps(config | (changes or {}), indent=2) + "\n"
    (folder / "config.json").write_text(text, "utf-8")
    shutil.copyfile(tokenizer, folder / "tokenizer.json")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("weights", type=Path)
    parser.add_argument("tokenizer", type=Path, help="openai-community/gpt2's, or for the weights "
                        "of 2022 google-bert/bert-base-uncased's")  # fmt: skip
    parser.add_argument("folder", type=Path)
    convert(**vars(parser.parse_args()))
