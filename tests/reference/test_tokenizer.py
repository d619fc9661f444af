"""The tokenizer of clipclap against `tokenizers`, with whole tokenizer.json files."""

import gzip
import json
from pathlib import Path

import pytest
from tokenizer_texts import every_code_point, make_texts
from tokenizer_tool import ask, compare

REAL_FILES = Path(__file__).resolve().parents[2].parent / "shared/data/tokenizers"
LENGTHS = {"clip": 77, "clap": 77, "siglip": 64, "siglip2": 64, "msclap": 77}


@pytest.fixture(scope="module")
def tool(tools) -> Path:
    return tools / "tokenize_tool"


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return make_texts(2600)


def read_clip_vocabulary() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """As SimpleTokenizer of open_clip builds it from the file that comes with the package."""
    from importlib.util import find_spec

    from transformers.models.gpt2.tokenization_gpt2 import bytes_to_unicode

    folder = Path(find_spec("open_clip").submodule_search_locations[0])
    lines = gzip.open(folder / "bpe_simple_vocab_16e6.txt.gz").read().decode().split("\n")
    merges = [tuple(line.split()) for line in lines[1 : 49152 - 256 - 2 + 1]]
    alphabet = list(bytes_to_unicode().values())
    vocabulary = alphabet + [c + "</w>" for c in alphabet] + ["".join(pair) for pair in merges]
    vocabulary += ["<|startoftext|>", "<|endoftext|>"]
    return {token: i for i, token in enumerate(vocabulary)}, merges


@pytest.fixture(scope="module")
def clip_file(tmp_path_factory) -> Path:
    """CLIP's tokenizer.json, made by transformers from the published vocabulary."""
    from transformers import CLIPTokenizer, CLIPTokenizerFast

    folder = tmp_path_factory.mktemp("clip")
    vocabulary, merges = read_clip_vocabulary()
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines))
    slow = CLIPTokenizer(folder / "vocab.json", folder / "merges.txt")
    slow.save_pretrained(folder)
    CLIPTokenizerFast.from_pretrained(folder).save_pretrained(folder)
    return folder / "tokenizer.json"


def test_clip_as_it_is(tool, clip_file, texts):
    assert compare(tool, clip_file, texts) == 0


@pytest.mark.parametrize("pad_id", [0, 49407])
def test_clip_cut_and_padded_to_77(tool, clip_file, texts, pad_id):
    options = {"max_length": 77, "pad_to": 77, "pad_id": pad_id}
    assert compare(tool, clip_file, texts, **options) == 0
    for answer in ask(tool, clip_file, texts, **options):
        assert len(answer["ids"]) == len(answer["mask"]) == len(answer["tokens"]) == 77
        length = sum(answer["mask"])
        assert answer["mask"] == [1] * length + [0] * (77 - length)
        assert answer["ids"][0] == 49406 and answer["ids"][length - 1] == 49407


@pytest.mark.parametrize("max_length", [2, 3, 5, 20])
def test_clip_cut_short(tool, clip_file, texts, max_length):
    assert compare(tool, clip_file, texts[:800], max_length=max_length) == 0


def test_clip_without_special_tokens(tool, clip_file, texts):
    assert compare(tool, clip_file, texts[:800], add_special_tokens=False, max_length=9) == 0


def test_clip_every_code_point(tool, clip_file):
    assert compare(tool, clip_file, every_code_point()) == 0


def test_clip_with_lines_for_merges(tool, clip_file, tmp_path, texts):
    """The form that merges had before 2024, without the keys that came later."""
    content = json.loads(clip_file.read_text())
    content["model"]["merges"] = [" ".join(pair) for pair in content["model"]["merges"]]
    for key in ("type", "ignore_merges", "byte_fallback"):
        content["model"].pop(key, None)
    content["model"]["continuing_subword_prefix"] = None
    old = tmp_path / "tokenizer.json"
    old.write_text(json.dumps(content))
    assert compare(tool, old, texts[:800]) == 0


def test_clip_loads_quickly(tool, clip_file):
    assert min(ask(tool, clip_file, []).head["milliseconds"] for _ in range(3)) < 1000


def real_file(name: str) -> Path:
    path = REAL_FILES / name / "tokenizer.json"
    if not path.exists():
        pytest.skip("the published files are not at hand")
    return path


@pytest.mark.parametrize("name", LENGTHS)
def test_real_file(tool, texts, name):
    assert compare(tool, real_file(name), texts) == 0
    length = LENGTHS[name]
    assert compare(tool, real_file(name), texts[:900], max_length=length, pad_to=length) == 0


@pytest.mark.parametrize("name", ["clap", "siglip", "siglip2"])
def test_real_file_with_every_code_point(tool, name):
    """CLAP stands for GPT-2's expression, the others for their normalizers."""
    assert compare(tool, real_file(name), every_code_point(), max_length=100000) == 0


@pytest.mark.parametrize("name", LENGTHS)
def test_expected_ids(tool, name):
    """Ids that were computed elsewhere, with the lengths that the models have."""
    file = real_file(name)
    expected = json.loads((file.parent / "expected.json").read_text())
    cases = expected["cases"]
    texts = [case["text"] for case in cases]
    if "lowercased" in expected["what"]:
        texts = [text.lower() for text in texts]
    length = {"clap": 512, "msclap": 1_000_000}.get(name, LENGTHS[name])
    answers = ask(tool, file, texts, max_length=length, pad_to=0)
    assert len(answers) == len(cases) > 30
    for case, answer in zip(cases, answers, strict=True):
        assert answer["ids"] == case["ids"], case["name"]
