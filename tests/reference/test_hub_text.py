"""The small things that a pull is made of, against huggingface_hub, requests and hashlib."""

import hashlib
import json
import random
import string
import subprocess
import sys
from urllib.parse import quote

import pytest
import requests
from hub_tools import surroundings
from huggingface_hub import _local_folder
from huggingface_hub.utils.sha import git_hash


@pytest.fixture(scope="module")
def ask(tools):
    """One answer of the probe for each argument; an error stands for itself."""

    def run(command: str, *arguments: object, **environment: object) -> list:
        output = subprocess.run(
            [tools / "hub_probe", *command.split(), *map(str, arguments)],
            capture_output=True,
            check=True,
            env=surroundings(**environment),
        )
        lines = [json.loads(line) for line in output.stdout.splitlines()]
        assert len(lines) == len(arguments)
        return [line.get("value", line.get("error")) for line in lines]

    return run


TEXTS = [
    "main",
    "refs/pr/1",
    "v1.0-rc+1",
    "a b",
    "100%",
    "größe/日本/🎈.safetensors",
    "".join(map(chr, range(1, 128))),
    "~-._",
    "a%2Fb",
    "",
]


def test_what_stands_in_an_address(ask):
    assert ask("quote", *TEXTS) == [quote(text) for text in TEXTS]
    assert ask("quote_all", *TEXTS) == [quote(text, safe="") for text in TEXTS]


ADDRESSES = [
    f"{scheme}://{host}{port}/x"
    for scheme in ("http", "https")
    for host in ("huggingface.co", "HuggingFace.CO", "cdn.huggingface.co", "127.0.0.1", "evil.example")
    for port in ("", ":80", ":443", ":8080")
]


def test_where_the_token_may_go(ask):
    """Never where requests would not send it."""
    keep = requests.Session().should_strip_auth
    for home in ADDRESSES:
        answers = ask(f"token {home}", *ADDRESSES)
        expected = [not keep(home.lower(), target.lower()) for target in ADDRESSES]
        assert answers == expected, home


@pytest.mark.parametrize(
    "target",
    [
        "https://huggingface.co.evil.example/x",
        "https://evil.example/huggingface.co",
        "https://huggingface.co@evil.example/",
        "https://evil.example#@huggingface.co/",
        "https://evil.example?huggingface.co",
        "https://huggingface.co:444/",
        "//huggingface.co/x",
        "huggingface.co",
        "",
    ],
)
def test_where_the_token_may_not_go(ask, target):
    assert ask("token https://huggingface.co", target) == [False]


def test_which_locations_stay_on_the_site(ask):
    relative = ["/x", "x", "x/y:z", "?a=http://b", "#a:b", "", "/a?b=c:d", "./a:b"]
    absolute = ["http://x", "//x/y", "HTTPS://x", "file:///x", "a:b", "x-y+z.1:b", "//"]
    assert ask("relative", *relative) == [True] * len(relative)
    assert ask("relative", *absolute) == [False] * len(absolute)


def test_content_ranges(ask):
    assert ask("range", "bytes 0-9/10", "bytes 5-9/*", "bytes 7-7/8") == [[0, 9, 10], [5, 9, None], [7, 7, 8]]
    wrong = ["", "bytes", "bytes */10", "bytes 9-5/10", "bytes 0-9", "bytes -9/10", "octets 0-9/10", "bytes 0-9/x",
             "bytes 0-9/ 10", "bytes 0-99999999999999999999/*", "bytes 1 -2/3"]  # fmt: skip
    assert ask("range", *wrong) == [None] * len(wrong)


def test_etags(ask):
    digest = "0123456789abcdef" * 4
    spelled = [digest, f'"{digest}"', f'W/"{digest}"', f"W/{digest}"]
    assert ask("etag", *spelled) == [digest] * len(spelled)


def test_names_of_incomplete_files(ask):
    generator = random.Random(5)
    names = ["model.safetensors.metadata", "ü.metadata", ""]
    names += ["".join(generator.choices(string.printable, k=9)) for _ in range(200)]
    assert ask("short_hash", *names) == [_local_folder._short_hash(name) for name in names]


def test_digests(ask, tmp_path):
    generator = random.Random(6)
    paths = []
    for index, size in enumerate([0, 1, 55, 56, 63, 64, 65, 1000, 1 << 20]):
        paths.append(tmp_path / str(index))
        paths[-1].write_bytes(generator.randbytes(size))
    contents = [path.read_bytes() for path in paths]
    assert ask(f"digest {'0' * 64}", *paths) == [hashlib.sha256(whole).hexdigest() for whole in contents]
    assert ask(f"digest {'0' * 40}", *paths) == [git_hash(whole) for whole in contents]


# ---- what the environment says

SETTINGS = [
    {},
    {"HF_ENDPOINT": "https://hub.example/"},
    {"HF_ENDPOINT": "http://127.0.0.1:8080/hub//"},
    {"HF_TOKEN": "hf_a"},
    {"HF_TOKEN": " hf_a\r\n"},
    {"HF_TOKEN": "", "HUGGING_FACE_HUB_TOKEN": "hf_b"},
    {"HF_TOKEN": "hf_a", "HUGGING_FACE_HUB_TOKEN": "hf_b"},
    {"HF_TOKEN": " ", "HUGGING_FACE_HUB_TOKEN": "hf_b"},
    {"HF_HOME": "{home}"},
    {"HF_HOME": "{home}", "HF_TOKEN": "hf_a"},
    {"HF_HOME": "{home}", "HF_TOKEN": "\n"},
    {"HF_HOME": "{home}", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"},
    {"HF_TOKEN": "hf_a", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "true"},
    {"HF_TOKEN": "hf_a", "HF_HUB_DISABLE_IMPLICIT_TOKEN": "0"},
    {"HF_HOME": "/nowhere", "HF_TOKEN_PATH": "{home}/other"},
    {"HF_TOKEN_PATH": "$PLACE/other"},
    {"HF_TOKEN_PATH": "/nowhere"},
    {"XDG_CACHE_HOME": "{home}/xdg"},
    {"HF_HUB_ETAG_TIMEOUT": "3", "HF_HUB_DOWNLOAD_TIMEOUT": "77"},
    {"HF_HUB_ETAG_TIMEOUT": "0"},
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    for name, token in {"token": "hf_c\n", "other": "\thf_d ", "xdg/huggingface/token": "hf_e"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(token)
    return folder


@pytest.mark.parametrize("variables", SETTINGS)
def test_settings_are_the_library_s(ask, home, variables):
    environment = {name: value.replace("{home}", str(home)) for name, value in variables.items()}
    environment |= {"HOME": "/nowhere", "PLACE": str(home)}
    program = (
        "import json\nfrom huggingface_hub import constants as c\n"
        "from huggingface_hub.utils._headers import get_token_to_send\n"
        "print(json.dumps([c.ENDPOINT, c.HF_HUB_ETAG_TIMEOUT, c.HF_HUB_DOWNLOAD_TIMEOUT, get_token_to_send(None)]))"
    )
    output = subprocess.run(
        [sys.executable, "-c", program], env=surroundings(**environment), check=True, capture_output=True
    ).stdout
    (ours,) = ask("settings", "", **environment)
    assert [
        ours["endpoint"],
        ours["metadata_patience"],
        ours["download_patience"],
        ours["token"] or None,
    ] == json.loads(output)


@pytest.mark.parametrize(
    "variables, named",
    [
        ({"HF_ENDPOINT": "huggingface.co"}, "HF_ENDPOINT"),
        ({"HF_ENDPOINT": "file:///etc"}, "HF_ENDPOINT"),
        ({"HF_ENDPOINT": "http://a b"}, "HF_ENDPOINT"),
        ({"HF_TOKEN": "hf a"}, "HF_TOKEN"),
        ({"HF_TOKEN": "hf_ü"}, "HF_TOKEN"),
        ({"HF_TOKEN": "hf\x01"}, "HF_TOKEN"),
        ({"HF_HUB_ETAG_TIMEOUT": "soon"}, "HF_HUB_ETAG_TIMEOUT"),
        ({"HF_HUB_DOWNLOAD_TIMEOUT": "-1"}, "HF_HUB_DOWNLOAD_TIMEOUT"),
        ({"HF_HUB_DOWNLOAD_TIMEOUT": "99999999999"}, "HF_HUB_DOWNLOAD_TIMEOUT"),
    ],
)
def test_settings_that_cannot_be(ask, variables, named):
    (told,) = ask("settings", "", **variables)
    assert told["code"] == "invalid_argument" and named in told["message"] + told["context"]
    if "TOKEN" in named:
        assert variables["HF_TOKEN"] not in json.dumps(told, ensure_ascii=False)


def test_a_token_cannot_bring_a_header_along(ask):
    (told,) = ask("settings", "", HF_TOKEN="hf_a\r\nX-Evil:1")
    assert told["token"] == "hf_aX-Evil:1"


# ---- which files

CONFIGS = ["config.json", "tokenizer.json", "preprocessor_config.json"]
OPEN_CLIP = ["open_clip_config.json", "tokenizer.json"]


@pytest.mark.parametrize(
    "listed, weights",
    [
        (["model.safetensors", "pytorch_model.bin", "tf_model.h5", "flax_model.msgpack"], ["model.safetensors"]),
        (
            ["model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
             "pytorch_model.bin"],
            ["model.safetensors.index.json"],
        ),
        (["model.safetensors", "model.safetensors.index.json"], ["model.safetensors"]),
        (["model.safetensors", "model.fp16.safetensors", "adapter_model.safetensors"], ["model.safetensors"]),
        (["open_clip_model.safetensors", "open_clip_pytorch_model.bin"], ["open_clip_model.safetensors"]),
        (["open_clip_model.safetensors", "model.safetensors"], ["model.safetensors"]),
        (["open_clip_model.safetensors", "pytorch_model.bin"], ["open_clip_model.safetensors"]),
        (["pytorch_model.bin", "training_args.bin", "optimizer.pt"], ["pytorch_model.bin"]),
        (["pytorch_model.bin.index.json", "pytorch_model-00001-of-00001.bin"], ["pytorch_model.bin.index.json"]),
        (["open_clip_pytorch_model.bin"], ["open_clip_pytorch_model.bin"]),
        (["CLAP_weights_2023.safetensors", "CLAP_weights_2023.pth"], ["CLAP_weights_2023.safetensors"]),
        (["CLAP_weights_2023.pth"], ["CLAP_weights_2023.pth"]),
        (["traced.pt", "optimizer.pt", "training_args.bin"], ["traced.pt"]),
        (["onnx/model.onnx", "deep/model.safetensors", "weights.bin"], ["weights.bin"]),
    ],
)  # fmt: skip
def test_which_weights(ask, listed, weights):
    for others in ([], CONFIGS, OPEN_CLIP):
        (chosen,) = ask("choose", json.dumps({"listed": others + listed}))
        assert chosen["weights"] == weights


@pytest.mark.parametrize(
    "weights, beside",
    [
        ("model.safetensors", ["config.json", "preprocessor_config.json", "tokenizer.json"]),
        ("open_clip_model.safetensors", ["open_clip_config.json", "preprocessor_config.json", "tokenizer.json"]),
        ("other.safetensors", ["config.json", "open_clip_config.json", "preprocessor_config.json", "tokenizer.json"]),
    ],
)
def test_a_config_belongs_to_its_weights(ask, weights, beside):
    listed = [*CONFIGS, *OPEN_CLIP, weights, "README.md", "generation_config.json", "sub/config.json"]
    (chosen,) = ask("choose", json.dumps({"listed": listed}))
    assert chosen["beside"] == beside


def test_weights_of_one_s_own_choice(ask):
    listed = [*CONFIGS, *OPEN_CLIP, "model.safetensors", "open_clip_model.safetensors", "a.pt", "b.pt", "sub/c.pt"]
    for asked, config in (
        (["open_clip_model.safetensors"], {"open_clip_config.json"}),
        (["model.safetensors"], {"config.json"}),
        (["b.pt"], {"config.json", "open_clip_config.json"}),
        (["sub/c.pt", "b.pt"], {"config.json", "open_clip_config.json"}),
    ):
        (chosen,) = ask("choose", json.dumps({"listed": listed, "asked": asked}))
        assert chosen["weights"] == asked
        assert {name for name in chosen["beside"] if name.endswith("clip_config.json") or name == "config.json"} == config


@pytest.mark.parametrize("ending", ["safetensors", "pt", "pth", "bin"])
def test_several_weights_are_not_guessed_among(ask, ending):
    names = [f"{name}.{ending}" for name in ("2022", "2023")]
    (told,) = ask("choose", json.dumps({"listed": [*CONFIGS, *names]}))
    assert told["code"] == "invalid_argument" and "--weights" in told["message"]
    assert all(name in told["message"] for name in names)


@pytest.mark.parametrize("listed", [CONFIGS, ["tf_model.h5", "flax_model.msgpack"], ["sub/model.safetensors"]])
def test_no_weights(ask, listed):
    (told,) = ask("choose", json.dumps({"listed": listed}))
    assert told["code"] == "not_found" and listed[0] in told["message"]


def test_a_long_list_is_not_told_in_full(ask):
    (told,) = ask("choose", json.dumps({"listed": [f"{index}.onnx" for index in range(5000)]}))
    assert "and 4988 more" in told["message"] and len(told["message"]) < 1000
