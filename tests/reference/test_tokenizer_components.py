"""Each component of a tokenizer.json by itself, against `tokenizers`."""

import json
import random

import pytest
import tokenizer_files as files
from tokenizer_texts import every_code_point, make_texts
from tokenizer_tool import compare

FAMILIES = {
    "normalizer": files.normalizer_files,
    "pre_tokenizer": files.pre_tokenizer_files,
    "bpe": files.bpe_files,
    "unigram": files.unigram_files,
    "word": files.word_files,
    "added": files.added_token_files,
    "finishing": files.finishing_files,
}


@pytest.fixture(scope="module")
def tool(tools):
    return tools / "tokenize_tool"


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return make_texts(900, seed=7)


@pytest.fixture
def check(tool, tmp_path):
    """Compares one file, given as a value."""

    def run(content: dict, texts: list[str], **options) -> int:
        path = tmp_path / "tokenizer.json"
        path.write_text(json.dumps(content))
        return compare(tool, path, texts, **options)

    return run


@pytest.mark.parametrize("family", FAMILIES)
def test_family(check, texts, family):
    for number, (name, content) in enumerate(FAMILIES[family]().items()):
        # Not the same texts for each, but always some of the special ones.
        chosen = random.Random(number).sample(texts, 300)
        failures = check(content, chosen)
        assert failures <= allowed_failures(name), name
        if family == "finishing":
            check(content, chosen, add_special_tokens=False)


def allowed_failures(name: str) -> int:
    """Where the reference itself breaks down: text that comes out of nothing is changed again."""
    return 300 if name in () else 0


@pytest.mark.parametrize("max_length", [0, 1, 4, 5, 50])
@pytest.mark.parametrize("pad_to", [None, 0, 3, 12])
def test_options(check, texts, max_length, pad_to):
    options = {"max_length": max_length, "pad_id": 1}
    if pad_to is not None:
        options["pad_to"] = pad_to
    processors = files.finishing_files()
    for name in ("none", "end", "text_twice", "cut_Left_OnlyFirst"):
        if max_length >= 1 or name == "none":
            if name != "cut_Left_OnlyFirst" or max_length >= 4:
                check(processors[name], texts[:150], **options)


@pytest.mark.parametrize("name", ["lowercase", "nfc", "nfd", "nfkc", "nfkd", "nmt", "strip_accents"])
def test_normalizer_with_every_code_point(check, name):
    assert check(files.normalizer_files()[name], every_code_point("a{}\u0301b ")) == 0


@pytest.mark.parametrize("name", ["bert", "bert_cased", "bert_raw", "precompiled"])
def test_long_normalizer_with_every_code_point(check, name):
    assert check(files.normalizer_files()[name], every_code_point("A{}ﬁ{}")) == 0


@pytest.mark.parametrize(
    "name",
    ["whitespace", "whitespace_split", "bert", "individual_digits", "byte_level", "split_gpt4o_isolated"],
)
def test_pre_tokenizer_with_every_code_point(check, name):
    assert check(files.pre_tokenizer_files()[name], every_code_point("a{}")) == 0


def test_single_word_with_every_code_point(check):
    added = files.added_token_files()
    single = next(c for name, c in added.items() if name == "00001_raw")
    assert check(single, every_code_point("the{}the")) == 0
