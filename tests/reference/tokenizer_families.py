"""Tokenizers of every family in every packaging, made when the tests run, and their references."""

import gzip
import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tokenizer_texts import make_texts

# (ids, mask) of each text, as the model gets them.
Reference = Callable[[list[str]], list[tuple[list[int], list[int]]]]


@dataclass
class Case:
    """`reference` is what the tokenizer at `path` must give; `family` is named to ours or found."""

    path: Path
    family: str | None
    reference: Reference


def in_bulk(tokenizer, length: int | None = None, behind: str = "") -> Reference:
    """A tokenizer of transformers; cut and filled up to `length` where there is one."""
    options = {} if length is None else {
        "max_length": length, "padding": "max_length", "truncation": True
    }

    def encode(texts: list[str]):
        result = tokenizer(
            [text + behind for text in texts], verbose=False, return_attention_mask=True, **options
        )
        return list(zip(result["input_ids"], result["attention_mask"], strict=True))

    return encode


def training_texts(most_different: int) -> list[str]:
    """One line each, of the most common characters only."""
    texts = [text.replace("\n", " ").replace("\0", "") for text in make_texts(2500, seed=3)]
    texts = [text for text in texts if len(text) < 2000]
    common = {c for c, _ in Counter("".join(texts)).most_common(most_different)}
    return [text for text in ("".join(c for c in t if c in common) for t in texts) if text.strip()]


def train_sentencepiece(**options) -> bytes:
    import sentencepiece

    settings = {
        "vocab_size": 3000,
        "hard_vocab_limit": False,
        "character_coverage": 0.999,
        "num_threads": 1,
        "minloglevel": 2,
    }
    model = io.BytesIO()
    texts = iter(training_texts(500))
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=texts, model_writer=model, **(settings | options)
    )
    return model.getvalue()


def write_json(path: Path, content) -> None:
    path.write_text(json.dumps(content))


# CLIP's published vocabulary, which comes with open_clip.


def write_clip_pair(folder: Path, line_break: str = "\n") -> None:
    """vocab.json and merges.txt, as SimpleTokenizer of open_clip builds them from its file."""
    from transformers.models.gpt2.tokenization_gpt2 import bytes_to_unicode

    package = Path(find_spec("open_clip").submodule_search_locations[0])
    lines = gzip.open(package / "bpe_simple_vocab_16e6.txt.gz").read().decode().split("\n")
    merges = [tuple(line.split()) for line in lines[1 : 49152 - 256 - 2 + 1]]
    alphabet = list(bytes_to_unicode().values())
    vocabulary = alphabet + [c + "</w>" for c in alphabet] + ["".join(pair) for pair in merges]
    vocabulary += ["<|startoftext|>", "<|endoftext|>"]
    write_json(folder / "vocab.json", {token: i for i, token in enumerate(vocabulary)})
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges), ""]
    (folder / "merges.txt").write_bytes(line_break.join(lines).encode())


def write_byte_level_pair(folder: Path, before: list[str], behind: list[str]) -> None:
    """The same two files, trained; special tokens have the first and the last ids."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=4000, initial_alphabet=alphabet, special_tokens=before, show_progress=False
    )
    tokenizer.train_from_iterator(make_texts(2500, seed=3), trainer)
    tokenizer.model.save(str(folder))
    vocabulary = json.loads((folder / "vocab.json").read_text())
    vocabulary |= {token: len(vocabulary) + i for i, token in enumerate(behind)}
    write_json(folder / "vocab.json", vocabulary)


ROBERTA_TOKENS = (["<s>", "<pad>", "</s>", "<unk>"], ["<mask>"])
GPT2_TOKENS = ([], ["<|endoftext|>"])


def json_beside(tokenizer, folder: Path) -> Path:
    """A folder with the tokenizer.json alone."""
    target = folder / "json"
    target.mkdir()
    tokenizer.backend_tokenizer.save(str(target / "tokenizer.json"))
    return target


def clip(folder: Path) -> list[Case]:
    from transformers import CLIPTokenizerFast

    write_clip_pair(folder)
    tokenizer = CLIPTokenizerFast.from_pretrained(folder)
    reference = in_bulk(tokenizer, 77)
    carriage = folder / "crlf"
    carriage.mkdir()
    write_clip_pair(carriage, "\r\n")
    paths = [folder, json_beside(tokenizer, folder), carriage]
    return [Case(path, "clip", reference) for path in paths]


def roberta(folder: Path) -> list[Case]:
    from transformers import RobertaTokenizerFast

    write_byte_level_pair(folder, *ROBERTA_TOKENS)
    tokenizer = RobertaTokenizerFast.from_pretrained(folder)
    reference = in_bulk(tokenizer)
    return [Case(path, "roberta", reference) for path in (folder, json_beside(tokenizer, folder))]


def msclap_reference(folder: Path) -> Reference:
    """CLAPWrapper.preprocess_text of msclap. It fails for texts that would have to be cut; those end
    as all others do."""
    from transformers import GPT2TokenizerFast

    tokenizer = GPT2TokenizerFast.from_pretrained(folder)
    tokenizer.add_special_tokens({"pad_token": "!"})
    encode = in_bulk(tokenizer, 77, behind=" <|endoftext|>")

    def end(ids: list[int], mask: list[int]):
        return ([*ids[:-1], tokenizer.eos_token_id] if mask[-1] else ids), mask

    return lambda texts: [end(ids, mask) for ids, mask in encode(texts)]


def msclap(folder: Path) -> list[Case]:
    from transformers import GPT2TokenizerFast

    write_byte_level_pair(folder, *GPT2_TOKENS)
    reference = msclap_reference(folder)
    alone = json_beside(GPT2TokenizerFast.from_pretrained(folder), folder)
    return [Case(path, "msclap", reference) for path in (folder, alone)]


def siglip_json(model: bytes):
    """A tokenizer.json with the stages of the published one."""
    from sentencepiece import sentencepiece_model_pb2
    from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers, processors
    from tokenizers import normalizers as n

    proto = sentencepiece_model_pb2.ModelProto.FromString(model)
    pieces = [(piece.piece, piece.score) for piece in proto.pieces]
    tokenizer = Tokenizer(models.Unigram(pieces, 2, byte_fallback=True))
    punctuation = Regex(r"""[!"\#\$%\&'\(\)\*\+,\-\.:;=\?@\[\\\]\^_`\{\|\}\~]""")
    tokenizer.normalizer = n.Sequence([
        n.Lowercase(), n.Replace(punctuation, ""), n.Replace(Regex(r"\s+"), " "), n.Strip(),
        n.Precompiled(proto.normalizer_spec.precompiled_charsmap), n.Replace(Regex(" {2,}"), " "),
    ])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 1)]
    )
    strips = {"lstrip": True, "rstrip": True, "normalized": False}
    tokenizer.add_special_tokens(
        [AddedToken("<pad>"), AddedToken("</s>", **strips), AddedToken("<unk>", **strips)]
    )
    return tokenizer


def siglip(folder: Path) -> list[Case]:
    from transformers import PreTrainedTokenizerFast, SiglipTokenizer

    ids = {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}
    model = train_sentencepiece(
        model_type="unigram", normalization_rule_name="nmt_nfkc", byte_fallback=True, **ids
    )
    (folder / "spiece.model").write_bytes(model)
    fast = PreTrainedTokenizerFast(tokenizer_object=siglip_json(model), pad_token="</s>")
    return [
        Case(folder, "siglip", in_bulk(SiglipTokenizer.from_pretrained(folder), 64)),
        Case(json_beside(fast, folder), "siglip", in_bulk(fast, 64)),
    ]


def lower_between_tokens():
    """GemmaTokenizer with transformers 5's lower case, which comes behind the special tokens."""
    from tokenizers import normalizers
    from transformers import GemmaTokenizer

    lowercase = normalizers.Lowercase()

    class Siglip2Tokenizer(GemmaTokenizer):
        def _tokenize(self, text, **options):
            return super()._tokenize(lowercase.normalize_str(text), **options)

    return Siglip2Tokenizer


def with_lowercase(tokenizer):
    """As Siglip2Tokenizer of transformers 5 changes its backend."""
    from tokenizers import normalizers

    backend = tokenizer.backend_tokenizer
    backend.normalizer = normalizers.Sequence([normalizers.Lowercase(), backend.normalizer])
    return tokenizer


def siglip2(folder: Path) -> list[Case]:
    from transformers import GemmaTokenizerFast

    symbols = ["<mask>", "<2mass>", "<unused0>", "<start_of_turn>", "\n\n"]
    ids = {"pad_id": 0, "eos_id": 1, "bos_id": 2, "unk_id": 3}
    model = train_sentencepiece(
        model_type="bpe", normalization_rule_name="identity", add_dummy_prefix=False,
        remove_extra_whitespaces=False, split_digits=True, allow_whitespace_only_pieces=True,
        byte_fallback=True, eos_piece="<eos>", bos_piece="<bos>", user_defined_symbols=symbols, **ids
    )
    (folder / "tokenizer.model").write_bytes(model)
    config = {"tokenizer_class": "GemmaTokenizer", "add_bos_token": False, "add_eos_token": True}
    config |= {"do_lower_case": True, "padding_side": "right"}
    write_json(folder / "tokenizer_config.json", config)
    slow = lower_between_tokens().from_pretrained(folder)
    fast = GemmaTokenizerFast.from_pretrained(folder)
    alone = json_beside(fast, folder)
    write_json(alone / "tokenizer_config.json", config | {"pad_token": "<pad>"})
    return [
        Case(folder, "siglip2", in_bulk(slow, 64)),
        # The first SigLIP 2 models are of the type "siglip".
        Case(alone, "siglip", in_bulk(with_lowercase(fast), 64)),
    ]


MADE = {"clip": clip, "roberta": roberta, "msclap": msclap, "siglip": siglip, "siglip2": siglip2}


# The published files, each in the packagings that it has.


def copy_files(source: Path, folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).write_bytes((source / name).read_bytes())
    return folder


def published_clip(source: Path, folder: Path) -> list[Case]:
    from transformers import CLIPTokenizerFast

    copy_files(source, folder, "vocab.json", "merges.txt", "tokenizer_config.json")
    pair = in_bulk(CLIPTokenizerFast.from_pretrained(folder), 77)
    return [
        Case(folder, None, pair),
        Case(source, None, in_bulk(CLIPTokenizerFast.from_pretrained(source), 77)),
    ]


def published_clap(source: Path, folder: Path) -> list[Case]:
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(source / "tokenizer.json"))
    return [Case(source, "roberta", in_bulk(tokenizer))]


def published_msclap(source: Path, folder: Path) -> list[Case]:
    copy_files(source, folder, "vocab.json", "merges.txt")
    reference = msclap_reference(folder)
    return [Case(path, "msclap", reference) for path in (folder, source)]


def published_siglip(source: Path, folder: Path) -> list[Case]:
    from transformers import PreTrainedTokenizerFast, SiglipTokenizer

    copy_files(source, folder, "spiece.model", "tokenizer_config.json")
    fast = PreTrainedTokenizerFast(
        tokenizer_file=str(source / "tokenizer.json"), pad_token="</s>"
    )
    return [
        Case(folder, None, in_bulk(SiglipTokenizer.from_pretrained(folder), 64)),
        Case(source, None, in_bulk(fast, 64)),
    ]


def published_siglip2(source: Path, folder: Path) -> list[Case]:
    from transformers import GemmaTokenizerFast

    tokenizer = with_lowercase(GemmaTokenizerFast.from_pretrained(source))
    return [Case(source, None, in_bulk(tokenizer, 64))]


PUBLISHED = {
    "clip": published_clip,
    "clap": published_clap,
    "msclap": published_msclap,
    "siglip": published_siglip,
    "siglip2": published_siglip2,
}
