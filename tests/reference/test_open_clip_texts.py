"""What open_clip makes of texts before its models see them: cleaning, ids and padding.
CLIPCLAP_TEXTS=N takes N texts."""

import functools
import html
import json
import subprocess
from pathlib import Path

import ftfy
import pytest
import tokenizer_families as families
from open_clip.tokenizer import HFTokenizer, SimpleTokenizer, get_clean_fn
from test_tokenizer_families import COUNT
from tokenizer_texts import make_texts
from tokenizer_tool import compare_ids

CURATED = [
    "“curly” ‘quotes’ ‚low‛ „down‟", "ﬁne ﬂour ﬀ ﬃ ﬄ ﬅ ﬆ ŉ Ǆ ǆ", "ＦＵＬＬ　ｗｉｄｔｈ！", "ｱｲｳﾞ ﾊﾟ",
    "&lt;b&gt; &amp;amp; &amp;lt; &#39;x&#x27; &#128; &#x110000; &notit; &NotAnEntity; &eacute &copy",
    "<b>&amp;</b> &amp; < &gt;", "\x1b[36;44mcolour\x1b[0m", "a\r\nb\rc\u2028d\u2029e\u0085f",
    "null\x00 bell\x07 delete\x7f", "\u0080\u0091\u0092\u0093\u0099", "\ufeffbom\ufeff", "e\u0301",
    "\u1100\u1161\u11a8", "Å \u212b Ω \u2126", "İSTANBUL ΟΔΥΣΣΕΥΣ", "tab\there\x1cand\x1fthere", "",
    "   ", "\u3000wide\u3000", "soft\u00adhyphen zero\u200bwidth \u200e\u200f", "𝓗𝓮𝓵𝓵𝓸 ²³ ½",
    "don't, stop! (a) [b] {c} #d @e 100% $5 ^ ~ ` \\ | / _ - + =", "a_b", "\ud7ff\ue000\U0010ffff",
]  # fmt: skip


def is_well_formed(text: str) -> bool:
    """ftfy's repair of mojibake, a guess, is left out (docs/decisions/text-cleaning.md)."""
    plain = functools.partial(ftfy.fix_text, config=ftfy.TextFixerConfig(fix_encoding=False))
    return all(ftfy.fix_text(part) == plain(part) for part in (text, html.unescape(text)))


@pytest.fixture(scope="module")
def texts() -> list[str]:
    generated = make_texts(COUNT, seed=102)
    kept = [text for text in [*CURATED, *generated] if is_well_formed(text)]
    assert len(kept) > 0.95 * len(generated)
    return kept


def clean(tools: Path, name: str, texts: list[str]) -> list[str]:
    done = subprocess.run(
        [tools / "clean_tool", name], input="".join(json.dumps(text) + "\n" for text in texts),
        stdout=subprocess.PIPE, encoding="utf-8", check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("name", ["ftfy", "whitespace", "lower", "canonicalize"])
def test_cleaning(tools, texts, name):
    reference = ftfy.fix_text if name == "ftfy" else get_clean_fn(name)
    for text, ours in zip(texts, clean(tools, name, texts), strict=True):
        assert ours == reference(text), repr(text)


@pytest.mark.parametrize("options", [{}, {"clean": "whitespace"}, {"clean": "canonicalize"}])
def test_own_tokenizer(tools, texts, tmp_path, options):
    families.write_clip_pair(tmp_path)
    length = 77 if not options else 32
    config = {"model_cfg": {"text_cfg": {"context_length": length, "tokenizer_kwargs": options}}}
    families.write_json(tmp_path / "open_clip_config.json", config)
    tokenizer = SimpleTokenizer(context_length=length, **options)
    chosen = texts if not options else texts[:2000]
    reference = lambda texts: [(row, None) for row in tokenizer(texts).tolist()]  # noqa: E731
    compare_ids(tools / "tokenize_tool", tmp_path, None, chosen, reference)


@pytest.mark.parametrize("name", ["siglip", "siglip2"])
def test_wrapped_tokenizer(tools, texts, tmp_path, name):
    """open_clip's SigLIPs: another library's tokenizer.json behind a cleaning of open_clip's own."""
    source = next(case.path for case in families.MADE[name](tmp_path) if (case.path / "tokenizer.json").exists())
    pad = "</s>" if name == "siglip" else "<pad>"
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": pad}
    families.write_json(source / "tokenizer_config.json", settings)
    options = {"clean": "canonicalize"}
    text_cfg = {"context_length": 64, "hf_tokenizer_name": "any", "tokenizer_kwargs": options}
    families.write_json(
        source / "open_clip_config.json", {"model_cfg": {"text_cfg": text_cfg}}
    )
    tokenizer = HFTokenizer(str(source), context_length=64, **options)
    reference = lambda texts: [(row, None) for row in tokenizer(texts).tolist()]  # noqa: E731
    compare_ids(tools / "tokenize_tool", source, None, texts, reference)
