"""Runs clipclap's tokenizer and the library `tokenizers` on the same file and texts."""

import json
import subprocess
from pathlib import Path

from tokenizers import Tokenizer


class Answers(list):
    """One answer a text; `head` is what was said of the file."""

    head: dict


def ask(tool: Path, file: Path, texts, family: str | None = None, **options) -> Answers:
    """`file` may be a folder."""
    requests = "".join(json.dumps({"text": text} | options) + "\n" for text in texts)
    command = [tool, file] if family is None else [tool, file, family]
    done = subprocess.run(
        command, input=requests.encode(), stdout=subprocess.PIPE, timeout=600, check=False
    )
    assert done.returncode in (0, 1), f"the tool died with {done.returncode}"
    answers = Answers(map(json.loads, done.stdout.splitlines()))
    answers.head = answers.pop(0)
    if done.returncode == 0:
        assert len(answers) == len(texts)
    return answers


def load(file: Path, max_length=None, pad_to=None, pad_id=0) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(file))
    if max_length is not None:
        direction = (tokenizer.truncation or {}).get("direction", "right")
        tokenizer.enable_truncation(max_length, direction=direction)
    if pad_to is not None:
        token = tokenizer.id_to_token(pad_id) or ""
        tokenizer.enable_padding(length=pad_to, pad_id=pad_id, pad_token=token)
    return tokenizer


def encode(tokenizer: Tokenizer, text: str, add_special_tokens: bool = True) -> dict | None:
    """Nothing where the reference itself fails."""
    try:
        encoding = tokenizer.encode(text, add_special_tokens=add_special_tokens)
    except BaseException as failure:  # Rust's panics are no Exception
        if isinstance(failure, KeyboardInterrupt):
            raise
        return None
    return {"ids": encoding.ids, "mask": encoding.attention_mask, "tokens": encoding.tokens}


def compare(tool: Path, file: Path, texts, add_special_tokens=True, **options) -> int:
    """Asserts that both give the same for every text; returns how many the reference cannot do."""
    tokenizer = load(file, **options)
    answers = ask(tool, file, texts, add_special_tokens=add_special_tokens, **options)
    assert "error" not in answers.head, answers.head
    assert answers.head["vocabulary_size"] == tokenizer.get_vocab_size()
    failures = 0
    for text, answer in zip(texts, answers, strict=True):
        expected = encode(tokenizer, text, add_special_tokens)
        if expected is None:
            failures += 1
            continue
        assert answer == expected, f"{text!r} with {options}"
    return failures


def compare_ids(tool: Path, file: Path, family: str | None, texts, reference) -> None:
    """Asserts ids and mask of every text, cut and filled up as the model gets them.
    `reference(texts)` gives (ids, mask) of each, or (ids, None) where it has no mask."""
    at_once = 20_000  # for the sake of memory
    for begin in range(0, len(texts), at_once):
        some = texts[begin : begin + at_once]
        answers = ask(tool, file, some, family, as_model=True)
        assert "error" not in answers.head, answers.head
        for text, answer, (ids, mask) in zip(some, answers, reference(some), strict=True):
            assert answer.get("ids") == ids, f"{text!r}: {answer}"
            assert mask is None or answer["mask"] == mask, f"{text!r}: {answer}"
