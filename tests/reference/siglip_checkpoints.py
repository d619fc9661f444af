"""SigLIP checkpoints as Hugging Face's own code writes them, with seeded random weights."""

from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    Siglip2Config,
    Siglip2ImageProcessor,
    Siglip2Model,
    SiglipConfig,
    SiglipImageProcessor,
    SiglipModel,
)

from spread_weights import make_spread

SENTENCES = [
    "a photo of a cat", "two dogs on a beach at night", "zwölf boxkämpfer jagen viktor", "красный",
    "a page of text", "東京の夜景", "machine parts, old ones", "one two three four five six seven",
]  # fmt: skip


def save_tokenizer(folder: Path) -> Tokenizer:
    """A small one with the components of google/siglip-base-patch16-224's tokenizer.json."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Lowercase(),
        normalizers.Replace(Regex(r"[!\"#$%&'()*+,\-.:;=?@\[\]\\^_`{|}~]"), ""),
        normalizers.Replace(Regex(r"\s+"), " "),
        normalizers.Strip(),
    ])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=400, special_tokens=["<unk>", "</s>"], unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES * 4, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 1)]
    )
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = '{"tokenizer_class": "SiglipTokenizer", "pad_token": "</s>", "model_max_length": 64}'
    (folder / "tokenizer_config.json").write_text(settings, "utf-8")
    return tokenizer


def save_checkpoint(
    folder: Path,
    vision: dict,
    text: dict,
    naflex: bool = False,
    dtype: torch.dtype = torch.float32,
    processor: dict | None = None,
) -> SiglipModel | Siglip2Model:
    """Writes a whole folder and gives the reference model, in float32."""
    config = (Siglip2Config if naflex else SiglipConfig)(vision_config=vision, text_config=text)
    model = make_spread(Siglip2Model if naflex else SiglipModel, config, seed=3)
    model.to(dtype).save_pretrained(folder)
    if naflex:
        settings = {"patch_size": config.vision_config.patch_size, **(processor or {})}
        Siglip2ImageProcessor(**settings).save_pretrained(folder)
    else:
        side = config.vision_config.image_size
        settings = {"size": {"height": side, "width": side}, **(processor or {})}
        SiglipImageProcessor(**settings).save_pretrained(folder)
    save_tokenizer(folder)
    return model.to(torch.float32)
