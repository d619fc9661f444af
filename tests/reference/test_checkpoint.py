"""clipclap's checkpoint files against safetensors' and huggingface_hub's own readers."""

import json
import os
import random
import string
import struct
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest
import safetensors
import safetensors.numpy
import torch
from checkpoint_probe import probe  # noqa: F401
from hostile_safetensors import hostile_headers, pack, tensor

SEED = 20240607
# name: bits of an element
DTYPES = {
    "BOOL": 8,
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "U8": 8,
    "I8": 8,
    "F8_E5M2": 8,
    "F8_E4M3": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "C64": 64,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}


def write_all(folder: Path, files: list[bytes]) -> list[Path]:
    paths = [folder / f"{index}.safetensors" for index in range(len(files))]
    for path, contents in zip(paths, files):
        path.write_bytes(contents)
    return paths


def reference(contents: bytes) -> dict | None:
    """What the Rust implementation reads; nothing where it refuses the file."""
    try:
        tensors = safetensors.deserialize(contents)
    except safetensors.SafetensorError:
        return None
    return {
        name: {
            "dtype": view["dtype"],
            "shape": list(view["shape"]),
            "data": bytes(view["data"]).hex(),
        }
        for name, view in tensors
    }


def stricter_on_purpose(contents: bytes) -> bool:
    """Files that the Rust implementation takes and clipclap refuses (docs/decisions/)."""
    (length,) = struct.unpack("<Q", contents[:8])
    header = contents[8 : 8 + length]
    if not header.startswith(b"{"):
        return True
    twice = False

    def note_duplicates(pairs):
        nonlocal twice
        # Beside tensors, the format forbids equal names in __metadata__ too; nobody reads those.
        if any(isinstance(value, (dict, list)) for _, value in pairs):
            twice |= len({name for name, _ in pairs}) < len(pairs)
        return dict(pairs)

    tensors = json.loads(header, object_pairs_hook=note_duplicates)
    tensors.pop("__metadata__", None)
    entries = tensors.values()
    return (
        twice
        or any(not isinstance(entry, dict) for entry in entries)
        or any(not isinstance(entry["dtype"], str) for entry in entries)
        or any(size >= 2**63 for entry in entries for size in entry["shape"])
    )


def compare(probe, folder: Path, files: list[bytes]) -> tuple[int, int]:
    """Returns how many files were taken and how many only the reference took."""
    taken = stricter = 0
    for contents, answer in zip(files, probe("safetensors", *write_all(folder, files))):
        expected = reference(contents)
        if expected is None:
            assert "error" in answer, contents[:300]
            assert answer["error"]["code"] == "invalid_data"
        elif "error" in answer:
            assert stricter_on_purpose(contents), (contents[:300], answer)
            stricter += 1
        else:
            assert answer["value"] == expected, contents[:300]
            taken += 1
    return taken, stricter


def test_reads_what_safetensors_writes(probe, tmp_path):
    generator = np.random.default_rng(SEED)
    types = ["bool", "u1", "i1", "u2", "i2", "f2", "u4", "i4", "f4", "u8", "i8", "f8"]
    files = []
    for _ in range(60):
        tensors = {}
        for _ in range(generator.integers(0, 9)):
            shape = generator.integers(0, 5, generator.integers(0, 5))
            name = "".join(random.Random(len(tensors)).choices(string.printable + "äß€😀", k=8))
            values = generator.integers(0, 2, shape).astype(generator.choice(types))
            tensors[name + str(len(tensors))] = np.asarray(values)
        metadata = {"format": "pt", "ключ": "\u0000\n"} if generator.integers(2) else None
        files.append(safetensors.numpy.save(tensors, metadata))
    taken, _ = compare(probe, tmp_path, files)
    assert taken == len(files)


@pytest.mark.parametrize("dtype", [*DTYPES, "F128", "f32", "I4", "U4", "C128", "", "float32"])
def test_knows_the_same_types(probe, tmp_path, dtype):
    bits = DTYPES.get(dtype, 8)
    files = []
    for count in (0, 1, 2, 3, 4, 7, 8):
        size = -(-count * bits // 8)
        files.append(pack({"a": tensor(dtype, [count], 0, size)}, bytes(size)))
        files.append(pack({"a": tensor(dtype, [count], 0, size + 1)}, bytes(size + 1)))
    taken, stricter = compare(probe, tmp_path, files)
    assert (taken > 0) == (dtype in DTYPES)
    assert stricter == 0


def test_agrees_on_hostile_headers(probe, tmp_path):
    files = hostile_headers()
    assert len(files) > 190
    taken, stricter = compare(probe, tmp_path, files)
    assert taken > 20 and stricter > 5


def test_agrees_on_mutated_files(probe, tmp_path):
    choose = random.Random(SEED)
    arrays = {
        "a.weight": np.ones((2, 3), np.float32),
        "b": np.ones((), np.int16),
        "c": np.ones((0, 4), np.uint8),
    }
    original = safetensors.numpy.save(arrays, {"format": "np"})
    (length,) = struct.unpack("<Q", original[:8])
    files = [original[:size] for size in range(0, len(original), 7)]
    while len(files) < 2000:
        mutated = bytearray(original)
        for _ in range(choose.randint(1, 3)):
            place = choose.randrange(len(mutated) if choose.random() < 0.2 else 8 + length)
            kind = choose.randrange(4)
            if kind == 0:
                mutated[place] = choose.randrange(256)
            elif kind == 1:
                mutated[place] = choose.choice(b'{}[]",:0123456789-.eEIFU ')
            elif kind == 2:
                del mutated[place]
            else:
                mutated.insert(place, choose.choice(b'{}[]",:0123456789 '))
        if choose.random() < 0.7:  # a header that is as long as it says is looked into
            change = len(mutated) - len(original)
            mutated[:8] = struct.pack("<Q", length + change)
        files.append(bytes(mutated))
    taken, _ = compare(probe, tmp_path, files)
    assert 50 < taken < len(files)


def sharded(folder: Path, shards: dict[str, dict], weight_map=None) -> Path:
    folder.mkdir()
    for name, arrays in shards.items():
        safetensors.numpy.save_file(arrays, folder / name)
    found = {key: name for name, arrays in shards.items() for key in arrays}
    index = {"metadata": {"total_size": 0}, "weight_map": weight_map or found}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return folder


def test_puts_shards_together(probe, tmp_path):
    first = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(4, np.float16)}
    second = {"c": np.arange(5, dtype=np.int64)}
    folder = sharded(tmp_path / "x", {"1.safetensors": first, "2.safetensors": second})
    (answer,) = probe("tensors", folder)
    tensors = answer["value"]["tensors"]
    assert answer["value"]["parameters"] == 15 and answer["value"]["type"] == "F32"
    for name, array in (first | second).items():
        assert tensors[name]["shape"] == list(array.shape)
        assert tensors[name]["data"] == array.tobytes().hex()


COMMIT = "a" * 40
OTHER = "b" * 40


@pytest.fixture(scope="module")
def hub_cache(tmp_path_factory) -> Path:
    """The layout that huggingface_hub's downloads leave behind."""
    cache = tmp_path_factory.mktemp("hub")
    for repository in ("models--org--name", "models--gpt2"):
        folder = cache / repository
        for commit in (COMMIT, OTHER):
            snapshot = folder / "snapshots" / commit
            snapshot.mkdir(parents=True)
            (folder / "blobs").mkdir(exist_ok=True)
            (folder / "blobs" / f"blob-{commit}").write_text("{}")
            (snapshot / "config.json").symlink_to(f"../../blobs/blob-{commit}")
        for name, commit in {
            "main": COMMIT,
            "v1.0": OTHER,
            "refs/pr/3": OTHER,
            "lost": "c" * 40,
        }.items():
            (folder / "refs" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "refs" / name).write_text(commit)
    return cache


@pytest.mark.parametrize("repository", ["org/name", "gpt2", "org/other", "name"])
@pytest.mark.parametrize(
    "revision", [None, "main", "v1.0", "refs/pr/3", "lost", COMMIT, OTHER, "c" * 40, "v2"]
)
def test_finds_what_the_hub_library_finds(probe, hub_cache, repository, revision):
    try:
        expected = huggingface_hub.snapshot_download(
            repository, revision=revision, cache_dir=hub_cache, local_files_only=True
        )
    except huggingface_hub.errors.LocalEntryNotFoundError:
        expected = None
    file = huggingface_hub.try_to_load_from_cache(repository, "config.json", hub_cache, revision)
    assert file == (expected and str(Path(expected) / "config.json"))

    model = repository if revision is None else f"{repository}@{revision}"
    (answer,) = probe("open", model, environment=os.environ | {"HF_HUB_CACHE": str(hub_cache)})
    assert answer.get("value") == expected
    if expected is None:
        assert answer["error"]["code"] == "not_found"
        fetch = f"clipclap model pull {repository}"
        if revision not in (None, "main"):
            fetch += f" --revision {revision}"
        assert answer["error"]["message"].endswith(fetch)


@pytest.mark.parametrize(
    "text",
    [
        "gpt2",
        "a/b",
        "a-b.c_d/e-f.g_h",
        "A/9",
        "_a/b_",
        "a" * 96,
        "a" * 97,
        "x" * 120 + "/b",
        "a//b",
        "a/b/c",
        "a--b/c",
        "a/b..c",
        "-a/b",
        "a/b-",
        "a/.b",
        "a/b.",
        "a.git",
        "a/b.git",
        "a b",
        "a/b c",
        "a\\b",
        "",
        "a/",
        "a:b",
        "a/b#c",
        "~a",
        "a~",
    ],
)
def test_takes_the_ids_that_the_hub_library_takes(probe, text, tmp_path):
    try:
        huggingface_hub.utils.validate_repo_id(text)
        valid = True
    except huggingface_hub.errors.HFValidationError:
        valid = False
    (answer,) = probe("open", text, environment=os.environ | {"HF_HUB_CACHE": str(tmp_path)})
    assert ("clipclap model pull" in answer["error"]["message"]) == valid, answer


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"HF_HOME": "/h"},
        {"HF_HOME": "~/h"},
        {"HF_HOME": "$ROOT_OF_ALL/h"},
        {"HF_HOME": "${ROOT_OF_ALL}/h$"},
        {"HF_HOME": "/h/$NOT_SET/${NOT_SET}/${"},
        {"HF_HUB_CACHE": "/c"},
        {"HF_HUB_CACHE": "~/c/$ROOT_OF_ALL"},
        {"HUGGINGFACE_HUB_CACHE": "/old"},
        {"HUGGINGFACE_HUB_CACHE": "~/old"},
        {"HUGGINGFACE_HUB_CACHE": "/old", "HF_HOME": "/h"},
        {"HF_HUB_CACHE": "/c", "HUGGINGFACE_HUB_CACHE": "/old", "HF_HOME": "/h"},
        {"XDG_CACHE_HOME": "/x"},
        {"XDG_CACHE_HOME": "~/x"},
        {"XDG_CACHE_HOME": "/x", "HF_HOME": "/h"},
        {"XDG_CACHE_HOME": "/x", "HF_HUB_CACHE": "/c"},
    ],
)
def test_looks_where_the_hub_library_looks(tools, variables):
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HF_", "HUGGINGFACE_", "XDG_"))
    }
    environment = kept | {"HOME": "/home/somebody", "ROOT_OF_ALL": "/root-of-all"} | variables
    program = "from huggingface_hub import constants; print(constants.HF_HUB_CACHE)"
    answers = [
        subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout
        for command in ([sys.executable, "-c", program], [tools / "checkpoint_probe", "hub_cache"])
    ]
    assert os.path.normpath(answers[0]) == os.path.normpath(answers[1])
