"""Small tokenizer.json files, one for each way that a component can be set."""

import base64
import json
import struct
from collections import Counter

from tokenizers import (
    AddedToken,
    Regex,
    Tokenizer,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from tokenizer_texts import make_texts

# A model that knows nothing gives the pieces of the text back as they reach it.
MIRROR = {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0]]}


def mirror(**parts) -> dict:
    return {"version": "1.0", "model": MIRROR, "added_tokens": [], **parts}


def charsmap(replacements: dict[str, str]) -> str:
    """A table as SentencePiece writes it: a double array whose nodes have 256 places each."""
    texts, offsets = b"", {}
    for replacement in replacements.values():
        offsets.setdefault(replacement, len(texts))
        texts += replacement.encode() + b"\0"
    units, blocks = {}, {b"": 1}
    keys = sorted(key.encode() for key in replacements)
    for key in keys:
        for end in range(1, len(key) + 1):
            blocks.setdefault(key[:end], len(blocks) + 1)
    def unit(place: int, block: int, label: int, has_value: bool) -> int:
        return (place ^ block * 256) << 10 | has_value << 8 | label
    units[0] = unit(0, blocks[b""], 0, False)
    for prefix, block in blocks.items():
        if prefix:
            place = blocks[prefix[:-1]] * 256 + prefix[-1]
            units[place] = unit(place, block, prefix[-1], prefix in keys)
        if prefix in keys:
            units[block * 256] = 1 << 31 | offsets[replacements[prefix.decode()]]
    array = [units.get(i, 0) for i in range((len(blocks) + 1) * 256)]
    packed = struct.pack(f"<I{len(array)}I", 4 * len(array), *array)
    return base64.b64encode(packed + texts).decode()


CHARSMAP = charsmap(
    {
        "ﬁ": "fi", "½": "1⁄2", "é": "e", "e\u0301": "é", "か\u3099": "が", "ｶ": "カ", "ﾞ": "\u3099",
        "\u0301": "", "\x01": "", "\x7f": "", "\u00a0": " ", "\u200d": " ", "A": "a", "AB": "x",
        "\r\n": "\n", "ª": "a", "①": "1", "ἀ": "α", "가": "ga", "🇩": "D", "㎏": "kg", "\u1100": "g",
    }
)


def normalizer_files() -> dict[str, dict]:
    n = normalizers
    plain = {
        "nfc": n.NFC(), "nfd": n.NFD(), "nfkc": n.NFKC(), "nfkd": n.NFKD(), "nmt": n.Nmt(),
        "lowercase": n.Lowercase(), "strip_accents": n.StripAccents(), "byte_level": n.ByteLevel(),
        "strip": n.Strip(), "strip_left": n.Strip(right=False), "strip_right": n.Strip(left=False),
        "strip_neither": n.Strip(left=False, right=False),
        "prepend": n.Prepend("▁"), "prepend_more": n.Prepend("ab c"),
        "replace_string": n.Replace(" ", "▁"), "replace_more": n.Replace("an", "<éé>"),
        "replace_special": n.Replace("a.b", "x"), "replace_by_nothing": n.Replace("e", ""),
        "replace_empty": n.Replace("", "-"), "replace_regex": n.Replace(Regex(r"\s+"), " "),
        "replace_start": n.Replace(Regex("^"), "▁"),
        "replace_optional": n.Replace(Regex("[aeiou]*"), "_"),
        "bert": n.BertNormalizer(), "bert_cased": n.BertNormalizer(lowercase=False),
        "bert_accents": n.BertNormalizer(strip_accents=False),
        "bert_raw": n.BertNormalizer(False, False, True, False),
        "sequence": n.Sequence([n.NFKD(), n.StripAccents(), n.Lowercase(), n.Strip(), n.NFC()]),
        "empty_sequence": n.Sequence([]),
        "llama": n.Sequence([n.Prepend("▁"), n.Replace(" ", "▁")]),
        "roberta_like": n.Sequence([n.Nmt(), n.NFKC(), n.Replace(Regex(" {2,}"), " ")]),
    }
    files = {name: mirror(normalizer=json.loads(x.__getstate__())) for name, x in plain.items()}
    precompiled = {"type": "Precompiled", "precompiled_charsmap": CHARSMAP}
    files["precompiled"] = mirror(normalizer=precompiled)
    after = {"type": "Sequence", "normalizers": [precompiled, {"type": "Lowercase"}, precompiled]}
    files["precompiled_twice"] = mirror(normalizer=after)
    return files


SPLIT_PATTERNS = {
    "space": " ",
    "letters": Regex(r"\p{L}+"),
    "not_letters": Regex(r"[^\p{L}\p{N}]"),
    "an": "an",
    "empty": "",
    "optional": Regex(r"\d*"),
    "gpt4": Regex(
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
        r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    ),
    "gpt4o": Regex(
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s+(?!\S)|\s+"
    ),
    "deepseek": Regex(r"[一-龥\u3040-ゟ゠-ヿ]+|\p{N}{1,3}|[!-/:-~]+[A-Za-z]*|\s+"),
}
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]


def pre_tokenizer_files() -> dict[str, dict]:
    p = pre_tokenizers
    plain = {
        "whitespace": p.Whitespace(), "whitespace_split": p.WhitespaceSplit(),
        "bert": p.BertPreTokenizer(), "delimiter": p.CharDelimiterSplit("a"),
        "digits": p.Digits(), "individual_digits": p.Digits(individual_digits=True),
        "fixed_length": p.FixedLength(3),
        "byte_level": p.ByteLevel(add_prefix_space=False),
        "byte_level_prefix": p.ByteLevel(add_prefix_space=True),
        "byte_level_raw": p.ByteLevel(add_prefix_space=True, use_regex=False),
        "sequence": p.Sequence([p.WhitespaceSplit(), p.Punctuation(), p.Digits(True)]),
        "llama3": p.Sequence(
            [p.Split(SPLIT_PATTERNS["gpt4"], "isolated"), p.ByteLevel(False, use_regex=False)]
        ),
        "t5": p.Sequence([p.WhitespaceSplit(), p.Metaspace()]),
        "first_after_split": p.Sequence(
            [p.Split(Regex(r"\p{P}"), "isolated"), p.Metaspace(prepend_scheme="first")]
        ),
    }
    for scheme in ("always", "first", "never"):
        for split in (True, False):
            plain[f"metaspace_{scheme}_{split}"] = p.Metaspace(prepend_scheme=scheme, split=split)
    plain["metaspace_other"] = p.Metaspace(replacement="_", prepend_scheme="first")
    for behavior in BEHAVIORS:
        plain[f"punctuation_{behavior}"] = p.Punctuation(behavior)
        for name, pattern in SPLIT_PATTERNS.items():
            plain[f"split_{name}_{behavior}"] = p.Split(pattern, behavior)
            plain[f"split_{name}_{behavior}_inverted"] = p.Split(pattern, behavior, invert=True)
    files = {name: mirror(pre_tokenizer=json.loads(x.__getstate__())) for name, x in plain.items()}
    old = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True, "str_rep": "▁"}
    files["metaspace_old"] = mirror(pre_tokenizer=old)
    files["byte_level_old"] = mirror(
        pre_tokenizer={"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True}
    )
    files["punctuation_old"] = mirror(pre_tokenizer={"type": "Punctuation"})
    # Where a piece began in the input decides, after changes of length too.
    for name in ("nfkd", "strip", "precompiled", "bert", "strip_accents", "prepend"):
        first = plain["first_after_split"].__getstate__()
        files[f"first_after_{name}"] = normalizer_files()[name] | {
            "pre_tokenizer": json.loads(first)
        }
    return files


def train(model, trainer, normalizer=None, pre_tokenizer=None, most_different=None) -> Tokenizer:
    """`most_different`: characters that the texts may have, for trainers that need all of them."""
    tokenizer = Tokenizer(model)
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    if pre_tokenizer is not None:
        tokenizer.pre_tokenizer = pre_tokenizer
    texts = make_texts(1500, seed=1)
    if most_different is not None:
        common = {c for c, _ in Counter("".join(texts)).most_common(most_different)}
        texts = ["".join(c for c in text if c in common) for text in texts]
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def with_model(tokenizer: Tokenizer, **changes) -> dict:
    content = json.loads(tokenizer.to_str())
    content["model"] |= changes
    return content


def bytes_as_tokens() -> list[str]:
    return [f"<0x{byte:02X}>" for byte in range(256)]


def bpe_files() -> dict[str, dict]:
    p = pre_tokenizers
    byte_level = train(
        models.BPE(),
        trainers.BpeTrainer(
            vocab_size=1200, show_progress=False, initial_alphabet=p.ByteLevel.alphabet()
        ),
        pre_tokenizer=p.ByteLevel(add_prefix_space=False),
    )
    limits = {"vocab_size": 1500, "limit_alphabet": 300, "show_progress": False}
    characters = train(
        models.BPE(unk_token="<unk>"),
        trainers.BpeTrainer(special_tokens=["<unk>", *bytes_as_tokens()], **limits),
        normalizer=normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]),
    )
    affixes = train(
        models.BPE(
            unk_token="<unk>", continuing_subword_prefix="##", end_of_word_suffix="</w>"
        ),
        trainers.BpeTrainer(
            special_tokens=["<unk>"],
            continuing_subword_prefix="##",
            end_of_word_suffix="</w>",
            **limits,
        ),
        pre_tokenizer=p.Whitespace(),
    )
    some_bytes = with_model(characters, byte_fallback=True)
    for byte in range(0xC0, 0xE4):
        some_bytes["model"]["vocab"].pop(f"<0x{byte:02X}>")
    lines = json.loads(byte_level.to_str())
    lines["model"]["merges"] = ["#version: 0.2", *map(" ".join, lines["model"]["merges"])]
    untyped = json.loads(affixes.to_str())
    untyped["model"].pop("type")
    return {
        "byte_level": json.loads(byte_level.to_str()),
        "byte_level_lines": lines,
        "byte_level_ignore_merges": with_model(byte_level, ignore_merges=True),
        "byte_level_no_dropout": with_model(byte_level, dropout=0.0),
        "characters": json.loads(characters.to_str()),
        "fuse_unknown": with_model(characters, fuse_unk=True),
        "byte_fallback": with_model(characters, byte_fallback=True),
        "byte_fallback_fuse": with_model(characters, byte_fallback=True, fuse_unk=True),
        "some_bytes": some_bytes,
        "some_bytes_fuse": some_bytes | {"model": some_bytes["model"] | {"fuse_unk": True}},
        "no_unknown": with_model(characters, unk_token=None),
        "ignore_merges": with_model(characters, ignore_merges=True, fuse_unk=True),
        "affixes": json.loads(affixes.to_str()),
        "affixes_bytes": with_model(affixes, byte_fallback=True),
        "untyped": untyped,
    }


def unigram_files() -> dict[str, dict]:
    p = pre_tokenizers
    trainer = trainers.UnigramTrainer(
        vocab_size=900, unk_token="<unk>", special_tokens=["<unk>", "</s>"], show_progress=False
    )
    words = train(models.Unigram(), trainer, normalizers.NFKC(), p.Metaspace(), 400)
    spaces = normalizers.Replace(" ", "▁")
    whole = train(models.Unigram(), trainer, spaces, most_different=400)
    vocabulary = json.loads(words.to_str())["model"]["vocab"]
    fallback = [*vocabulary, *([token, -20.5] for token in bytes_as_tokens())]
    some = [entry for entry in fallback if not entry[0].startswith("<0xC")]
    # Scores that differ in the last bits, equal ones, and a token that stands there twice.
    odd = [["<unk>", 0], ["a", -1.1], ["b", -2.2], ["ab", -3.3000000000000003], ["c", 0.1]]
    odd += [["bc", -2.1], ["abc", -3.2], ["ca", -1.0000000000000001e0], ["aa", -2.2], ["b", -2.3]]
    odd += [["n", 1e-300], ["an", 123456789012345678901234567890e-29], [" ", -5e-324]]
    return {
        "words": json.loads(words.to_str()),
        "whole": json.loads(whole.to_str()),
        "byte_fallback": with_model(words, vocab=fallback, byte_fallback=True),
        "some_bytes": with_model(words, vocab=some, byte_fallback=True),
        "odd": mirror() | {"model": {"type": "Unigram", "unk_id": 0, "vocab": odd}},
        "untyped": mirror() | {"model": {"unk_id": 0, "vocab": vocabulary}},
        "unknown_elsewhere": mirror()
        | {"model": {"type": "Unigram", "unk_id": 5, "vocab": vocabulary}},
    }


def word_files() -> dict[str, dict]:
    p = pre_tokenizers
    piece = train(
        models.WordPiece(unk_token="[UNK]"),
        trainers.WordPieceTrainer(
            vocab_size=1200,
            limit_alphabet=400,
            special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
            show_progress=False,
        ),
        normalizers.BertNormalizer(),
        p.BertPreTokenizer(),
    )
    level = train(
        models.WordLevel(unk_token="[UNK]"),
        trainers.WordLevelTrainer(vocab_size=800, special_tokens=["[UNK]"], show_progress=False),
        pre_tokenizer=p.Whitespace(),
    )
    untyped = []
    for tokenizer in (piece, level):
        content = json.loads(tokenizer.to_str())
        content["model"].pop("type")
        untyped.append(content)
    return {
        "word_piece": json.loads(piece.to_str()),
        "word_piece_short": with_model(piece, max_input_chars_per_word=6),
        "word_piece_prefixless": with_model(piece, continuing_subword_prefix=""),
        "word_piece_untyped": untyped[0],
        "word_level": json.loads(level.to_str()),
        "word_level_untyped": untyped[1],
    }


def added_token_files() -> dict[str, dict]:
    """Every combination of the flags, with and without a normalizer that changes the contents."""
    files = {}
    contents = ["<mask>", "</s>", "[unk]", "the", "an", "é", "🇩🇪", "a  b", "New York", "!", "日本"]
    for number in range(32):
        single_word, lstrip, rstrip, normalized, special = (bool(number >> i & 1) for i in range(5))
        for name, normalizer in {
            "raw": None,
            "changed": normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase()]),
            "prefixed": normalizers.Prepend("▁"),
        }.items():
            tokenizer = Tokenizer(models.Unigram([("<unk>", 0.0), ("the", -1.0)], 0))
            if normalizer is not None:
                tokenizer.normalizer = normalizer
            tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
            flags = {"single_word": single_word, "lstrip": lstrip, "rstrip": rstrip}
            tokens = [AddedToken(c, normalized=normalized, **flags) for c in contents]
            add = tokenizer.add_special_tokens if special else tokenizer.add_tokens
            add(tokens)
            # Others among them that are set the other way around.
            tokenizer.add_tokens([AddedToken("night", normalized=not normalized, lstrip=True)])
            tokenizer.add_special_tokens([AddedToken("<pad>", rstrip=True), "night and"])
            files[f"{number:05b}_{name}"] = json.loads(tokenizer.to_str())
    twice = json.loads(tokenizer.to_str())
    twice["added_tokens"] += [
        twice["added_tokens"][0] | {"lstrip": True, "normalized": False},
        twice["added_tokens"][0],
        twice["added_tokens"][3] | {"id": 9999, "content": "of", "special": False},
        twice["added_tokens"][3] | {"id": 2, "content": "", "special": False},
    ]
    files["twice"] = twice
    return files


def finishing_files() -> dict[str, dict]:
    """Post-processors, truncation and padding."""
    base = json.loads(
        train(
            models.WordLevel(unk_token="[UNK]"),
            trainers.WordLevelTrainer(special_tokens=["[UNK]", "[PAD]"], show_progress=False),
            pre_tokenizer=pre_tokenizers.WhitespaceSplit(),
        ).to_str()
    )
    special = [("[CLS]", 900), ("[SEP]", 901), ("[X]", 902)]
    p = processors
    parts = {
        "none": None,
        "byte_level": p.ByteLevel(),
        "bert": p.BertProcessing(("[SEP]", 901), ("[CLS]", 900)),
        "roberta": p.RobertaProcessing(("</s>", 2), ("<s>", 0)),
        "end": p.TemplateProcessing(single="$A [SEP]", special_tokens=special),
        "both": p.TemplateProcessing(single="[CLS] $0 [SEP] [X]", special_tokens=special),
        "text_twice": p.TemplateProcessing(single="$A [X] $A", special_tokens=special),
        "no_text": p.TemplateProcessing(single="[X] [CLS]", special_tokens=special),
        "bert_twice": p.Sequence(
            [p.BertProcessing(("[SEP]", 901), ("[CLS]", 900)), p.ByteLevel()] * 2
        ),
        "template_roberta": p.Sequence(
            [
                p.TemplateProcessing(single="$A [SEP]", special_tokens=special),
                p.RobertaProcessing(("</s>", 2), ("<s>", 0)),
            ]
        ),
        "template_template": p.Sequence(
            [
                p.TemplateProcessing(single="$A [SEP]", special_tokens=special),
                p.TemplateProcessing(
                    single="$A", pair="[X] $B $A [CLS]", special_tokens=special
                ),
            ]
        ),
    }
    several = json.loads(parts["end"].__getstate__())
    several["special_tokens"]["[SEP]"] |= {"ids": [5, 6, 7], "tokens": ["five", "six", "seven"]}
    files = {}
    for name, part in parts.items():
        processor = None if part is None else json.loads(part.__getstate__())
        files[name] = base | {"post_processor": processor}
    files["several"] = base | {"post_processor": several}
    both = files["both"]
    for direction in ("Left", "Right"):
        for strategy in ("LongestFirst", "OnlyFirst"):
            truncation = {"max_length": 7, "strategy": strategy, "stride": 0}
            files[f"cut_{direction}_{strategy}"] = both | {
                "truncation": truncation | {"direction": direction}
            }
        for strategy in ({"Fixed": 9}, {"Fixed": 1}, "BatchLongest"):
            for multiple in (None, 0, 1, 4):
                padding = {
                    "strategy": strategy,
                    "direction": direction,
                    "pad_to_multiple_of": multiple,
                    "pad_id": 1,
                    "pad_type_id": 3,
                    "pad_token": "[PAD]",
                }
                key = f"pad_{direction}_{strategy}_{multiple}"
                files[key] = both | {"padding": padding}
                files[f"{key}_cut"] = files[key] | {
                    "truncation": {"max_length": 6, "strategy": "LongestFirst", "stride": 2}
                }
    files["cut_exactly"] = both | {
        "truncation": {"max_length": 3, "strategy": "LongestFirst", "stride": 0}
    }
    files["cut_to_nothing"] = files["none"] | {
        "truncation": {"max_length": 0, "strategy": "OnlySecond", "stride": 0}
    }
    return files
