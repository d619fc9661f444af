"""Each component of a tokenizer.json by itself, against `tokenizers`."""

import json
import random
from collections import Counter

import pytest
import tokenizer_expressions as expressions
import tokenizer_files as files
from tokenizer_texts import every_code_point, make_texts
from tokenizer_tool import ask, compare, encode, load

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
        assert check(content, chosen) == 0, name
        if family == "finishing":
            check(content, chosen, add_special_tokens=False)


@pytest.mark.parametrize("pad_to", [None, 0, 3, 12])
@pytest.mark.parametrize(
    ("name", "shortest"), [("none", 0), ("end", 1), ("text_twice", 1), ("cut_Left_OnlyFirst", 4)]
)
def test_options(check, texts, name, shortest, pad_to):
    """`shortest` still has room for the special tokens; the reference goes wrong below it."""
    content = files.finishing_files()[name]
    padding = {} if pad_to is None else {"pad_to": pad_to, "pad_id": 1}
    for max_length in range(shortest, 9):
        check(content, texts[:150], max_length=max_length, **padding)


@pytest.mark.parametrize("name", ["lowercase", "nfc", "nfd", "nfkc", "nfkd", "nmt", "strip_accents"])
def test_normalizer_with_every_code_point(check, name):
    assert check(files.normalizer_files()[name], every_code_point("a{}\u0301b ")) == 0


@pytest.mark.parametrize("name", ["bert", "bert_cased", "bert_raw", "precompiled"])
def test_long_normalizer_with_every_code_point(check, name):
    assert check(files.normalizer_files()[name], every_code_point("A{}ﬁ{}")) == 0


@pytest.mark.parametrize(
    "name",
    "whitespace whitespace_split bert individual_digits byte_level split_gpt4o_isolated".split(),
)
def test_pre_tokenizer_with_every_code_point(check, name):
    assert check(files.pre_tokenizer_files()[name], every_code_point("a{}")) == 0


def split_at(expression: str) -> dict:
    split = {"type": "Split", "behavior": "Isolated", "invert": False}
    return files.mirror(pre_tokenizer=split | {"pattern": {"Regex": expression}})


@pytest.mark.parametrize("expression", expressions.KNOWN)
def test_expression(check, texts, expression):
    assert check(split_at(expression), [*expressions.TEXTS, *texts[::3]]) == 0


EVERY_CATEGORY = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Co Cn"


@pytest.mark.parametrize(
    "expression",
    [
        "|".join(f"\\p{{{category}}}+" for category in EVERY_CATEGORY.split()),
        r"\w+|\s+",
        r"[\W\d]+|[[:alpha:]]+",
        r"[[:punct:]]+|[[:upper:]]+|[[:lower:]]+|[[:graph:]]+|[[:print:]]+",
        r"(?i)[k-så-ö]+",
        r"\p{Han}+|\p{Arabic}+|\p{Latin}+|\p{Common}+|\p{Inherited}+|\p{Cyrillic}+",
        r"\X",
    ],
)
@pytest.mark.parametrize("around", ["{}", "a{}", "👩{}👩", "{}가"])
def test_expression_with_every_code_point(check, expression, around):
    assert check(split_at(expression), every_code_point(around, size=512)) == 0


@pytest.mark.parametrize("expression", expressions.WRONG)
def test_wrong_expression(tool, tmp_path, expression):
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(split_at(expression)))
    with pytest.raises(Exception, match="Oniguruma"):
        load(path)
    head = ask(tool, path, []).head
    assert head["error"] in ("invalid_data", "unsupported")
    assert expression in head["message"]


def test_random_expressions(tool, tmp_path, texts):
    """What both take gives the same; few are taken by the reference alone."""
    chance = random.Random(99)
    texts = [text for text in texts if len(text) < 300]
    path = tmp_path / "tokenizer.json"
    outcomes = Counter()
    for _ in range(400):
        expression = expressions.make_expression(chance)
        path.write_text(json.dumps(split_at(expression)))
        try:
            tokenizer = load(path)
        except Exception:
            outcomes["refused"] += 1
            continue
        chosen = [*expressions.TEXTS, *chance.sample(texts, 30)]
        answers = ask(tool, path, chosen)
        if "error" in answers.head:
            assert "lookbehind" in answers.head["message"], (expression, answers.head)
            outcomes["lookbehind"] += 1
            continue
        for text, answer in zip(chosen, answers, strict=True):
            expected = encode(tokenizer, text)
            if expected is None or "given up" in answer.get("message", ""):
                outcomes["given up"] += 1
            else:
                outcomes["compared"] += 1
                assert answer == expected, f"{expression} in {text!r}"
    assert outcomes["compared"] > 5000, outcomes
    assert outcomes["lookbehind"] + outcomes["given up"] < 20, outcomes


def test_single_word_with_every_code_point(check):
    added = files.added_token_files()
    single = next(c for name, c in added.items() if name == "00001_raw")
    assert check(single, every_code_point("the{}the")) == 0
