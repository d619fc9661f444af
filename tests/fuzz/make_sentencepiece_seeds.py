#!/usr/bin/env python3
"""Writes corpus/sentencepiece/: a tiny model for each kind that SentencePiece trains."""

import io
from pathlib import Path

import sentencepiece

FOLDER = Path(__file__).resolve().parent / "corpus/sentencepiece"
TEXTS = ["the cats on the mat", "a photo of a cat", "cats and dogs", "that hat"] * 4
KINDS = {
    "unigram": {"model_type": "unigram"},
    "bpe": {"model_type": "bpe"},
    "bytes": {"model_type": "bpe", "byte_fallback": True, "vocab_size": 290},
    "symbols": {"user_defined_symbols": ["<sep>", "at"], "control_symbols": ["<ctl>"]},
    "suffix": {"treat_whitespace_as_suffix": True, "add_dummy_prefix": False},
    "identity": {"normalization_rule_name": "identity", "remove_extra_whitespaces": False},
}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, options in KINDS.items():
        model = io.BytesIO()
        settings = {"vocab_size": 36, "hard_vocab_limit": False, "pad_id": 3, "minloglevel": 2}
        # The published table of NFKC is larger than the rest by a thousand times.
        settings["normalization_rule_name"] = "identity"
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(TEXTS), model_writer=model, **(settings | options)
        )
        (FOLDER / name).write_bytes(model.getvalue())


if __name__ == "__main__":
    main()
