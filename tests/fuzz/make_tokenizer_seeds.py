#!/usr/bin/env python3
"""Writes corpus/tokenizer/: a tiny tokenizer.json for each component."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "reference"))

import tokenizer_files as files  # noqa: E402

PARTS = {
    "normalizer": (files.normalizer_files, "nfkc nmt strip prepend replace_empty replace_regex bert"
                   " sequence precompiled byte_level strip_accents"),
    "pre_tokenizer": (files.pre_tokenizer_files, "whitespace delimiter digits fixed_length byte_level"
                      " bert metaspace_first_True punctuation_contiguous t5"
                      " split_gpt4o_merged_with_next split_space_removed first_after_split"),
    "finishing": (files.finishing_files, "bert roberta several template_template cut_Left_OnlyFirst"),
    "added": (files.added_token_files, "00000_raw 11111_changed twice"),
    "bpe": (files.bpe_files, "byte_level_lines some_bytes_fuse affixes untyped"),
    "unigram": (files.unigram_files, "odd words"),
    "word": (files.word_files, "word_piece word_level_untyped"),
}
MOST_TOKENS = 12
WITH_TEXT = {"byte_level_lines": "ab  abé", "words": "the  cat's", "bert": "[CLS] a\u0301b"}


def shrink(content: dict) -> dict:
    """Keeps the first tokens and the merges that go with them."""
    content = json.loads(json.dumps(content))
    model = content["model"]
    vocabulary = model["vocab"]
    if isinstance(vocabulary, list):
        model["vocab"] = vocabulary[:MOST_TOKENS]
    else:
        model["vocab"] = {token: vocabulary[token] for token in list(vocabulary)[:MOST_TOKENS]}
    if "merges" in model:
        model["vocab"] |= {"a": 90, "b": 91, "ab": 92}
        if model.get("continuing_subword_prefix"):
            model["vocab"]["##b"] = 93
            model["merges"] = [["a", "##b"]]
        else:
            lines = isinstance(model["merges"][0], str)
            model["merges"] = ["a b"] if lines else [["a", "b"]]
    content["added_tokens"] = content["added_tokens"][:3]
    return content


def main() -> None:
    folder = HERE / "corpus/tokenizer"
    folder.mkdir(parents=True, exist_ok=True)
    for part, (make, names) in PARTS.items():
        made = make()
        for name in names.split():
            if name == "precompiled":
                few = files.charsmap({"é": "e", "ﬁ": "fi", "\x01": ""})
                made[name]["normalizer"]["precompiled_charsmap"] = few
            text = json.dumps(shrink(made[name]), ensure_ascii=False, separators=(",", ":"))
            (folder / f"{part}_{name}").write_text(text)
            if name in WITH_TEXT:
                (folder / f"{part}_{name}_text").write_text(f"{text}\0{WITH_TEXT[name]}")


if __name__ == "__main__":
    main()
