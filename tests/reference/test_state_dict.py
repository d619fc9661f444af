"""clipclap's reading of what torch.save writes: equal to torch.load, and never executed."""

import argparse
import io
import os
import pickle
import random
import zipfile

import numpy
import pytest
import torch
from checkpoint_probe import probe  # noqa: F401

DTYPES = {
    torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16",
    torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8",
    torch.uint8: "U8", torch.bool: "BOOL",
}  # fmt: skip


def raw(tensor: torch.Tensor) -> str:
    plain = tensor.detach().contiguous().reshape(-1)
    return plain.view(torch.uint8).numpy().tobytes().hex() if plain.numel() else ""


def save(folder, value, **options):
    folder.mkdir(exist_ok=True)
    torch.save(value, folder / "pytorch_model.bin", **options)
    return folder


def assert_same(probe, folder, expected: dict) -> None:  # noqa: F811
    (answer,) = probe("tensors", folder)
    tensors = answer["value"]["tensors"]
    assert sorted(tensors) == sorted(expected)
    for name, tensor in expected.items():
        assert tensors[name]["dtype"] == DTYPES[tensor.dtype], name
        assert tensors[name]["shape"] == list(tensor.shape), name
        assert tensors[name]["data"] == raw(tensor), name


def refusal(probe, folder) -> dict:  # noqa: F811
    (answer,) = probe("tensors", folder)
    return answer["error"]


def some_tensors() -> dict[str, torch.Tensor]:
    base = torch.arange(120.0).reshape(4, 5, 6)
    found = {
        f"of {dtype}": torch.arange(-3, 9).to(dtype).reshape(3, 4) for dtype in DTYPES
    }
    return found | {
        "transposed": base[0].t(),
        "slice": base[1:3, ::2, 1:4],
        "permuted": base.permute(2, 0, 1),
        "column": base[:, 2:3, 0],
        "tail": base.reshape(-1)[117:],
        "number": torch.tensor(4.5),
        "none": torch.empty(0, 7),
        "ones in its shape": base[2, 3].view(1, 6, 1)[:, :, :].transpose(0, 2),
        "parameter": torch.nn.Parameter(torch.randn(3, 2)),
    }


def test_every_type_and_layout(probe, tmp_path):  # noqa: F811
    tensors = some_tensors()
    assert_same(probe, save(tmp_path / "x", tensors), tensors)


def test_what_modules_and_training_runs_save(probe, tmp_path):  # noqa: F811
    module = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 2), torch.nn.BatchNorm2d(4), torch.nn.Linear(5, 6)
    )
    state = module.state_dict()
    expected = {name: tensor for name, tensor in state.items() if "num_batches" not in name}
    assert_same(probe, save(tmp_path / "plain", state), expected)
    around = {"epoch": 3, "rate": 1e-3, "name": "run", "best": [1, 2.5, None], "size": 2**40,
              "negative": -7, "pair": (True, False), "one": (1,), "none": ()}  # fmt: skip
    for key in ("model", "state_dict"):
        folder = save(tmp_path / key, around | {key: state, "optimizer": {"step": torch.ones(2)}})
        assert_same(probe, folder, expected)
    parallel = {f"module.{name}": tensor for name, tensor in state.items()}
    assert_same(probe, save(tmp_path / "parallel", {"model": parallel}), expected)


def test_many_tensors(probe, tmp_path):  # noqa: F811
    """More than the short forms of the pickle's opcodes count."""
    state = {f"layer.{index}.weight": torch.full((3,), float(index)) for index in range(700)}
    assert_same(probe, save(tmp_path / "x", state), state)


def test_shards(probe, tmp_path):  # noqa: F811
    first, second = {"a": torch.ones(2)}, {"b": torch.zeros(3, 1)}
    torch.save(first, tmp_path / "1.bin")
    torch.save(second, tmp_path / "2.bin")
    index = '{"weight_map": {"a": "1.bin", "b": "2.bin"}}'
    (tmp_path / "pytorch_model.bin.index.json").write_text(index)
    assert_same(probe, tmp_path, first | second)


def test_safetensors_are_preferred(probe, tmp_path):  # noqa: F811
    from safetensors.torch import save_file

    save(tmp_path, {"a": torch.zeros(1)})
    save_file({"b": torch.ones(1)}, tmp_path / "model.safetensors")
    assert_same(probe, tmp_path, {"b": torch.ones(1)})


class Evil:
    def __reduce__(self):
        return os.system, (f"touch {self.target}",)


@pytest.mark.parametrize(
    "value",
    [
        {"args": argparse.Namespace(lr=1), "model": {"a": torch.ones(1)}},
        {"best": numpy.float64(3), "a": torch.ones(1)},
        {"a": numpy.ones(3)},
        {"a": torch.ones(1).to_sparse()},
        torch.nn.Linear(2, 2),
    ],
    ids=["namespace", "numpy scalar", "numpy array", "sparse", "module"],
)
def test_objects_are_refused(probe, tmp_path, value):  # noqa: F811
    error = refusal(probe, save(tmp_path, value))
    assert error["code"] == "unsupported"
    assert "can run code" in error["message"]


def test_code_is_never_run(probe, tmp_path):  # noqa: F811
    evil = Evil()
    evil.target = tmp_path / "touched"
    for number, value in enumerate([evil, {"a": evil}, [evil]]):
        error = refusal(probe, save(tmp_path / str(number), value))
        assert error["code"] == "unsupported" and "posix system" in error["message"]
    assert not evil.target.exists()


def test_other_formats_are_named(probe, tmp_path):  # noqa: F811
    state = {"a": torch.ones(2)}
    old = refusal(probe, save(tmp_path / "old", state, _use_new_zipfile_serialization=False))
    assert old["code"] == "unsupported" and "since PyTorch 1.6" in old["message"]
    late = refusal(probe, save(tmp_path / "late", state, pickle_protocol=4))
    assert late["code"] == "unsupported" and "protocol 2" in late["message"]
    for name, value in {"list": [torch.ones(1)], "empty": {}, "numbers": {"a": 1}}.items():
        wrong = refusal(probe, save(tmp_path / name, value))
        assert wrong["code"] == "invalid_data" and "holds no state dict" in wrong["message"]
    folder = tmp_path / "zip"
    folder.mkdir()
    with zipfile.ZipFile(folder / "pytorch_model.bin", "w") as archive:
        archive.writestr("a/b", "c")
    assert "no data.pkl" in refusal(probe, folder)["message"]
    with zipfile.ZipFile(folder / "pytorch_model.bin", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/data.pkl", pickle.dumps({}, 2) * 20)
    assert "compressed" in refusal(probe, folder)["message"]


def archive_with(pickled: bytes, storage: bytes = bytes(40)) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x/data.pkl", pickled)
        archive.writestr("x/data/0", storage)
    return buffer.getvalue()


def pickled_tensor(count: int, offset: int, shape: tuple, strides: tuple) -> bytes:
    """A state dict with one tensor, whatever it says of itself."""

    class Storage:
        pass

    class Pickler(pickle._Pickler):
        def persistent_id(self, value):
            if isinstance(value, Storage):
                return ("storage", torch.FloatStorage, "0", "cpu", count)
            return None

    class Tensor:
        def __reduce__(self):
            arguments = (Storage(), offset, shape, strides, False, None)
            return torch._utils._rebuild_tensor_v2, arguments

    buffer = io.BytesIO()
    Pickler(buffer, protocol=2).dump({"a": Tensor()})
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("count", "offset", "shape", "strides"),
    [
        (10, 0, (11,), (1,)),
        (10, 8, (3,), (1,)),
        (10, 11, (1,), (1,)),
        (10, 0, (4, 3), (3, 1)),
        (10, 0, (2, 2), (9, 1)),
        (10, 0, (1 << 40,), (0,)),
        (10, 0, (1 << 40, 1 << 40), (0, 0)),
        (10, 0, (3, 3), (1 << 62, 1 << 62)),
        (10, 0, (2,), (-1,)),
        (10, -1, (2,), (1,)),
        (11, 0, (2,), (1,)),
        (1 << 62, 0, (2,), (1,)),
        (10, 0, (2, 2), (1,)),
        (10, 0, (1,) * 65, (1,) * 65),
    ],
)
def test_tensors_beyond_their_storage_are_refused(probe, tmp_path, count, offset, shape, strides):  # noqa: F811
    (tmp_path / "pytorch_model.bin").write_bytes(
        archive_with(pickled_tensor(count, offset, shape, strides))
    )
    assert refusal(probe, tmp_path)["code"] == "invalid_data"


def test_copies_are_bounded(probe, tmp_path):  # noqa: F811
    """A small file that names its numbers ever so often, each time in another order."""
    base = torch.arange(10_000.0).reshape(100, 100)
    few = {f"{index}": base.t() for index in range(8)}
    assert_same(probe, save(tmp_path / "few", few), few)
    many = {f"{index}": base.t() for index in range(90)}
    error = refusal(probe, save(tmp_path / "many", many))
    assert error["code"] == "invalid_data" and "8 times the file" in error["message"]


def test_broken_files_are_refused(probe, tmp_path):  # noqa: F811
    """Cut anywhere or with bytes changed: an error or other numbers, never a crash."""
    chance = random.Random(3)
    buffer = io.BytesIO()
    torch.save({"a": torch.arange(6.0).reshape(2, 3).t(), "b": {"c": 1}}, buffer)
    whole = buffer.getvalue()
    folders = []
    for number in range(600):
        data = bytearray(whole)
        if number % 3 == 0:
            data = data[: chance.randrange(len(data))]
        else:
            for _ in range(chance.choice([1, 1, 2, 8])):
                data[chance.randrange(len(data))] = chance.randrange(256)
        folders.append(tmp_path / str(number))
        folders[-1].mkdir()
        (folders[-1] / "pytorch_model.bin").write_bytes(data)
    answers = probe("tensors", *folders)
    for number, answer in enumerate(answers):
        if "error" in answer:
            assert answer["error"]["code"] in ("invalid_data", "unsupported")
        else:
            assert number % 3 != 0
