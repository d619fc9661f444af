"""open_clip's checkpoints as its own code writes them, with seeded random weights."""

import json
from pathlib import Path

import torch
import torchvision_operators  # noqa: F401 - before open_clip, which imports torchvision

import clip_checkpoints
import open_clip
import siglip_checkpoints
from open_clip.push_to_hf_hub import save_for_hf
from spread_weights import spread

WEIGHTS = "open_clip_model.safetensors"


def clip_tokenizer(folder: Path) -> open_clip.tokenizer.HFTokenizer:
    """What push_to_hf_hub saves beside a CLIP: openai/clip-vit-large-patch14's tokenizer."""
    clip_checkpoints.save_tokenizer(folder)
    return open_clip.tokenizer.HFTokenizer(str(folder))


def siglip_tokenizer(folder: Path) -> open_clip.tokenizer.HFTokenizer:
    """A small one of SigLIP's form, padded with its end token."""
    siglip_checkpoints.save_tokenizer(folder)
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "pad_token": "</s>",
        "eos_token": "</s>",
        "unk_token": "<unk>",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), "utf-8")
    return open_clip.tokenizer.HFTokenizer(str(folder))


def save_checkpoint(
    folder: Path,
    model_cfg: dict,
    tokenizer,
    preprocess_cfg: dict | None = None,
    dtype: torch.dtype = torch.float32,
    seed: int = 4,
) -> None:
    """Writes a whole folder of a model that open_clip makes of the config."""
    name = f"clipclap-{folder.name}"
    folder.mkdir(parents=True)
    config = folder.parent / f"{name}.json"
    config.write_text(json.dumps(model_cfg), "utf-8")
    open_clip.add_model_config(config)
    model = open_clip.create_model(
        name, load_weights=False, pretrained_text=False, force_preprocess_cfg=preprocess_cfg
    )
    spread(model, seed)
    # Without a causal mask most of what a text is read from is padding: let its words speak up.
    getattr(model, "text", model).token_embedding.weight.data.mul_(4)
    save_for_hf(model.to(dtype), tokenizer, model_cfg, folder, safe_serialization=True)


def edit_config(folder: Path, change) -> None:
    """Hands open_clip_config.json to `change` as a dictionary and writes back what it leaves."""
    path = folder / "open_clip_config.json"
    config = json.loads(path.read_text("utf-8"))
    change(config)
    path.write_text(json.dumps(config), "utf-8")


class Reference:
    """The folder as a user of open_clip opens it, in float32 whatever it is stored as."""

    def __init__(self, folder: Path):
        self.model, _, self.preprocess = open_clip.create_model_and_transforms(
            f"local-dir:{folder}"
        )
        self.model.eval()
        self.tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")

    @torch.no_grad()
    def embed_pictures(self, images):
        pixels = torch.stack([self.preprocess(image) for image in images])
        return self.model.encode_image(pixels, normalize=True).numpy().astype("float64")

    @torch.no_grad()
    def embed_texts(self, texts: list[str]):
        return self.model.encode_text(self.tokenizer(texts), normalize=True).numpy().astype("float64")

    @torch.no_grad()
    def logits(self, images, texts: list[str]):
        pixels = torch.stack([self.preprocess(image) for image in images])
        return self.model.get_logits(pixels, self.tokenizer(texts))[0].numpy().astype("float64")
