"""The CLIPModel's shape, its tokenizer, and the checkpoint folder."""

import json
import math
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
from tokenizers.models import BPE
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPTokenizerFast

START, END = "<|startoftext|>", "<|endoftext|>"
CLIP_SPLIT = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
MEAN, STD = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
POSITIONS = 77


def train_tokenizer(corpus: list[str], size: int) -> Tokenizer:
    """A byte-level BPE in CLIP's form; every byte has a symbol, plain and at a word's end, so nothing is unknown."""
    tokenizer = Tokenizer(BPE(unk_token=END, end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(CLIP_SPLIT), behavior="removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)])
    trainer = trainers.BpeTrainer(vocab_size=size, end_of_word_suffix="</w>", show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(corpus, trainer)
    merges = [tuple(m) for m in json.loads(tokenizer.to_str())["model"]["merges"]]
    symbols = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {}
    for token in symbols + [s + "</w>" for s in symbols] + ["".join(m) for m in merges] + [START, END]:
        vocabulary.setdefault(token, len(vocabulary))
    result = Tokenizer(BPE(vocabulary, merges, unk_token=END, end_of_word_suffix="</w>", continuing_subword_prefix="", fuse_unk=False))
    result.normalizer, result.pre_tokenizer = tokenizer.normalizer, tokenizer.pre_tokenizer
    result.decoder = decoders.ByteLevel()
    result.post_processor = processors.RobertaProcessing((END, vocabulary[END]), (START, vocabulary[START]),
                                                         trim_offsets=False, add_prefix_space=False)
    result.add_special_tokens([START, END])
    return result


def make_config(vocabulary_size: int) -> CLIPConfig:
    start, end = vocabulary_size - 2, vocabulary_size - 1
    return CLIPConfig(
        text_config=dict(vocab_size=vocabulary_size, hidden_size=192, intermediate_size=768, num_hidden_layers=3,
                         num_attention_heads=3, max_position_embeddings=POSITIONS, hidden_act="quick_gelu",
                         bos_token_id=start, eos_token_id=end, pad_token_id=end, projection_dim=192),
        vision_config=dict(hidden_size=192, intermediate_size=768, num_hidden_layers=6, num_attention_heads=3,
                           image_size=70, patch_size=14, hidden_act="quick_gelu", projection_dim=192),
        projection_dim=192, logit_scale_init_value=math.log(1 / 0.07))


def make_model(vocabulary_size: int) -> CLIPModel:
    config = make_config(vocabulary_size)
    # On CPU the plain attention is faster than the fused one at these sizes.
    model = CLIPModel._from_config(config, attn_implementation="eager")
    with torch.no_grad():
        model.vision_model.embeddings.patch_embedding.weight.normal_(std=(3 * 14 * 14) ** -0.5)
        model.vision_model.embeddings.class_embedding.normal_(std=0.5)
        model.vision_model.embeddings.position_embedding.weight.normal_(std=0.3)
        model.text_model.embeddings.token_embedding.weight.normal_(std=0.3)
        model.text_model.embeddings.position_embedding.weight.normal_(std=0.1)
        for projection in (model.visual_projection, model.text_projection):
            projection.weight.normal_(std=192 ** -0.5)
    return model


def save_checkpoint(model: CLIPModel, tokenizer: Tokenizer, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    half = CLIPModel(model.config)
    half.load_state_dict(model.state_dict())
    half.half().save_pretrained(folder)
    file = folder / "tokenizer.json"
    tokenizer.save(str(file))
    CLIPTokenizerFast(tokenizer_file=str(file), bos_token=START, eos_token=END, unk_token=END, pad_token=END,
                      model_max_length=POSITIONS, do_lower_case=True).save_pretrained(folder)
    description = json.loads(file.read_text())["model"]
    (folder / "vocab.json").write_text(json.dumps(description["vocab"], ensure_ascii=False))
    merges = [m if isinstance(m, str) else " ".join(m) for m in description["merges"]]
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    side = model.config.vision_config.image_size
    CLIPImageProcessor(size={"shortest_edge": side}, crop_size={"height": side, "width": side}, resample=3,
                       image_mean=MEAN, image_std=STD).save_pretrained(folder)
