"""CLIP checkpoints as Hugging Face's own code writes them, with seeded random weights."""

import gzip
import importlib.util
import json
from pathlib import Path

import torch
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTokenizerFast
from transformers.models.clip.tokenization_clip import CLIPTokenizer, bytes_to_unicode

from spread_weights import make_spread

VOCABULARY_SIZE = 49408


def bpe_merges() -> list[tuple[str, str]]:
    """CLIP's merges, from the file that open_clip ships."""
    spec = importlib.util.find_spec("open_clip")
    assert spec is not None, "open_clip_torch is not installed"
    path = Path(spec.submodule_search_locations[0]) / "bpe_simple_vocab_16e6.txt.gz"
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")
    # open_clip/tokenizer.py: the vocabulary less 256 bytes, plain and at a word's end, and less the
    # two special tokens; behind a line with the version.
    count = VOCABULARY_SIZE - 2 * 256 - 2
    return [tuple(line.split()) for line in lines[1 : 1 + count]]


def save_tokenizer(folder: Path) -> CLIPTokenizerFast:
    """Writes CLIP's tokenizer.json and its companions, made by transformers' converter."""
    folder.mkdir(parents=True, exist_ok=True)
    merges = bpe_merges()
    symbols = list(bytes_to_unicode().values())
    words = symbols + [symbol + "</w>" for symbol in symbols] + ["".join(pair) for pair in merges]
    words += ["<|startoftext|>", "<|endoftext|>"]
    assert len(words) == VOCABULARY_SIZE
    vocabulary = {word: index for index, word in enumerate(words)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
    lines = ["#version: 0.2"] + [" ".join(pair) for pair in merges]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", "utf-8")
    slow = CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    slow.model_max_length = 77
    slow.save_pretrained(folder)
    (folder / "tokenizer.json").unlink(missing_ok=True)
    fast = CLIPTokenizerFast.from_pretrained(folder)
    fast.save_pretrained(folder)
    return fast


def clip_config(vision: dict | None = None, text: dict | None = None, projection: int = 512):
    """A CLIPConfig: what is not given is the class's default, that is ViT-B/32."""
    return CLIPConfig(
        vision_config={"projection_dim": projection, **(vision or {})},
        text_config={"projection_dim": projection, **(text or {})},
        projection_dim=projection,
    )


def save_processor(folder: Path, image_size: int, **changes) -> CLIPImageProcessor:
    settings = {
        "size": {"shortest_edge": image_size},
        "crop_size": {"height": image_size, "width": image_size},
    }
    processor = CLIPImageProcessor(**(settings | changes))
    processor.save_pretrained(folder)
    return processor


def save_checkpoint(
    folder: Path,
    config: CLIPConfig,
    seed: int = 1,
    dtype: torch.dtype = torch.float32,
    max_shard_size: str = "5GB",
) -> CLIPModel:
    """Writes a whole checkpoint folder and gives the reference model, in float32."""
    model = make_spread(CLIPModel, config, seed)
    model.to(dtype).save_pretrained(folder, max_shard_size=max_shard_size)
    save_processor(folder, config.vision_config.image_size)
    save_tokenizer(folder)
    return model.to(torch.float32)


def edit_config(folder: Path, change) -> None:
    """Hands config.json to `change` as a dictionary and writes back what it leaves or returns."""
    path = folder / "config.json"
    config = json.loads(path.read_text("utf-8"))
    config = change(config) or config
    path.write_text(json.dumps(config, indent=2), "utf-8")
