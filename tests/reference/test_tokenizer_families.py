"""Tokenizers of each family, from every kind of file, against transformers and sentencepiece:
generated texts, ids and masks equal, every one. CLIPCLAP_TEXTS=N takes N of them."""

import itertools
import os
import random
from pathlib import Path

import pytest
import tokenizer_families as families
from tokenizer_texts import make_texts
from tokenizer_tool import ask, compare_ids

COUNT = int(os.environ.get("CLIPCLAP_TEXTS", "10000"))
PUBLISHED_FILES = Path(__file__).resolve().parents[2].parent / "shared/data/tokenizers"


@pytest.fixture(scope="module")
def tool(tools) -> Path:
    return tools / "tokenize_tool"


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return make_texts(COUNT, seed=101)


@pytest.mark.parametrize("name", families.MADE)
def test_family(tool, texts, tmp_path, name):
    for case in families.MADE[name](tmp_path):
        compare_ids(tool, case.path, case.family, texts, case.reference)


@pytest.mark.parametrize("name", families.PUBLISHED)
def test_published_family(tool, texts, tmp_path, name):
    source = PUBLISHED_FILES / name
    if not source.exists():
        pytest.skip("the published files are not at hand")
    for case in families.PUBLISHED[name](source, tmp_path):
        compare_ids(tool, case.path, case.family, texts, case.reference)


# What tokenizer_config.json and special_tokens_map.json say beside vocab.json and merges.txt.

MASK = {"content": "<mask>", "lstrip": False, "rstrip": True, "normalized": False}
DECODER = {
    "0": {"content": "<s>", "normalized": False, "special": True},
    "77": {"content": "the", "normalized": True, "single_word": True, "special": False},
    "9999": {"content": "<new>", "lstrip": True, "normalized": False, "special": True},
}
SETTINGS = [
    {},
    {"add_prefix_space": True},
    {"mask_token": MASK | {"__type": "AddedToken", "single_word": False}},
    {"mask_token": "an", "pad_token": "!", "unk_token": None},
    {"additional_special_tokens": ["<one>", "[unk]", "日本"]},
    {"cls_token": "the", "sep_token": "an"},
    {"added_tokens_decoder": DECODER, "mask_token": "<new>"},
    {"model_max_length": 40, "do_lower_case": True, "errors": "replace"},
]


@pytest.fixture(scope="module")
def roberta_pair(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("roberta")
    families.write_byte_level_pair(folder, *families.ROBERTA_TOKENS)
    return folder


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("file", ["tokenizer_config.json", "special_tokens_map.json"])
def test_settings(tool, texts, tmp_path, roberta_pair, settings, file):
    from transformers import RobertaTokenizerFast

    families.copy_files(roberta_pair, tmp_path, "vocab.json", "merges.txt")
    tokens = {key: value for key, value in settings.items() if "token" in key}
    families.write_json(tmp_path / file, settings if "config" in file else tokens)
    reference = families.in_bulk(RobertaTokenizerFast.from_pretrained(tmp_path))
    if "config" in file and "model_max_length" in settings:
        tokenizer = RobertaTokenizerFast.from_pretrained(tmp_path)

        def reference(texts):
            result = tokenizer(texts, truncation=True)
            return list(zip(result["input_ids"], result["attention_mask"], strict=True))

    compare_ids(tool, tmp_path, "roberta", texts[:700], reference)


@pytest.mark.parametrize("settings", [{}, {"add_bos_token": True}, {"add_prefix_space": True}])
def test_gpt2_settings(tool, texts, tmp_path, settings):
    from transformers import GPT2TokenizerFast

    families.write_byte_level_pair(tmp_path, *families.GPT2_TOKENS)
    families.write_json(tmp_path / "tokenizer_config.json", settings)
    reference = families.in_bulk(GPT2TokenizerFast.from_pretrained(tmp_path))
    compare_ids(tool, tmp_path, "gpt2", texts[:700], reference)


@pytest.mark.parametrize(
    "change",
    [
        lambda merges: merges.rstrip("\n"),
        lambda merges: merges.replace("\n", "\r\n"),
        lambda merges: merges.replace("\n", "\r"),
        lambda merges: merges.replace(" ", "\t").replace("#version:\t0.2", "e r"),
        lambda merges: merges + merges.split("\n", 1)[1],
    ],
    ids=["no last line break", "CR LF", "CR", "tabs and no header", "every merge twice"],
)
def test_odd_merges(tool, texts, tmp_path, roberta_pair, change):
    from transformers import RobertaTokenizerFast

    families.copy_files(roberta_pair, tmp_path, "vocab.json")
    merges = (roberta_pair / "merges.txt").read_text()
    (tmp_path / "merges.txt").write_bytes(change(merges).encode())
    reference = families.in_bulk(RobertaTokenizerFast.from_pretrained(tmp_path))
    compare_ids(tool, tmp_path, "roberta", texts[:1000], reference)


# SentencePiece itself, with every combination of what its normalizer can be told.

RULES = ["identity", "nfkc", "nmt_nfkc", "nmt_nfkc_cf"]
SYMBOLS = {
    "user_defined_symbols": ["<sep>", "ab", "the", "é", "  ", "ab c", "▁cat"],
    "control_symbols": ["<ctl>", "z"],
}
SYMBOL_TEXTS = ["a<sep>b", "<sep><sep> x", "the  cat <sep> ab", "▁▁a▁", "▁", "z <ctl>", "ab cab c"]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("algorithm", ["unigram", "bpe"])
def test_sentencepiece(tool, texts, tmp_path, algorithm, rule):
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    chance = random.Random(5)
    flags = [dict(zip(("prefix", "extra", "suffix", "bytes", "escape"), values, strict=True))
             for values in itertools.product((False, True), repeat=5)]
    path = tmp_path / "any.model"
    for flag in chance.sample(flags, 10):
        proto = sentencepiece_model_pb2.ModelProto.FromString(families.train_sentencepiece(
            model_type=algorithm, normalization_rule_name=rule, vocab_size=1500,
            add_dummy_prefix=flag["prefix"], remove_extra_whitespaces=flag["extra"],
            treat_whitespace_as_suffix=flag["suffix"], byte_fallback=flag["bytes"],
            split_by_whitespace=flag["extra"], character_coverage=0.995, **SYMBOLS,
        ))
        proto.normalizer_spec.escape_whitespaces = flag["escape"]
        path.write_bytes(proto.SerializeToString())
        processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
        chosen = [*chance.sample(texts, 250), *SYMBOL_TEXTS]
        answers = ask(tool, path, chosen)
        assert "error" not in answers.head, answers.head
        for text, answer in zip(chosen, answers, strict=True):
            assert answer["ids"] == processor.encode(text), f"{text!r} with {flag}"
            assert answer["tokens"] == processor.encode(text, out_type=str), f"{text!r} with {flag}"


def test_long_text_of_sentencepiece(tool, texts, tmp_path):
    """Sums of floating point numbers must be kept as SentencePiece keeps them."""
    import sentencepiece

    path = tmp_path / "any.model"
    path.write_bytes(families.train_sentencepiece(model_type="unigram"))
    processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
    for text in ("".join(texts[:3000]), "the dog " * 60000, "\u2603" * 200000):
        (answer,) = ask(tool, path, [text])
        assert answer["ids"] == processor.encode(text)
