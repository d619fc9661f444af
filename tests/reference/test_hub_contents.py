"""Contents that are not what the hub says: named, and never left in their place."""

import json
from pathlib import Path

import pytest
from hub_server import SIGNATURE, Answer, body, on, with_headers
from hub_tools import (  # noqa: F401
    DIGEST, FILES, INFO, WEIGHTS, error_of, hub, nothing_half_done, pull, repository,
    weights_of,
)  # fmt: skip


def flipped(whole: bytes) -> bytes:
    return whole[:-1] + bytes([whole[-1] ^ 1])


@pytest.mark.parametrize("part", [SIGNATURE, "resolve-cache"])
def test_a_wrong_digest(hub, repository, pull, part):
    hub.rules.append(on(part, body(flipped), method="GET"))
    told = error_of(pull("org/name"))
    name = "model.safetensors" if part == SIGNATURE else "config.json"
    assert told["code"] == "invalid_data" and told["context"] == f"org/name: {name}"
    assert "digest" in told["message"] and "pull again" in told["message"]
    assert repository.etag(name) in told["message"]
    assert nothing_half_done(pull.home) and not list(pull.home.rglob("*.incomplete"))
    assert not list(pull.home.rglob(name))
    assert len(hub.requests("GET", part)) == 1
    hub.rules.clear()
    assert weights_of(pull("org/name")) == WEIGHTS


def test_a_wrong_digest_in_a_folder(hub, repository, pull, tmp_path):
    hub.rules.append(on(SIGNATURE, body(flipped)))
    error_of(pull("org/name", into=str(tmp_path / "plain")))
    left = [path.name for path in (tmp_path / "plain").rglob("*") if "safetensors" in path.name]
    assert left == ["model.safetensors.lock"]


@pytest.mark.parametrize("begun", [b"x" * 1000, b"x" * len(WEIGHTS), b"x" * (len(WEIGHTS) + 9)])
def test_a_beginning_that_is_not_this_file_s(hub, repository, pull, begun):
    """hf_xet and hf_transfer write into the same name, not from front to back."""
    part = pull.cache / f"models--org--name/blobs/{DIGEST}.incomplete"
    part.parent.mkdir(parents=True)
    part.write_bytes(begun)
    assert weights_of(pull("org/name")) == WEIGHTS
    assert not part.exists()


def test_a_beginning_that_is_all_of_it(hub, repository, pull):
    part = pull.cache / f"models--org--name/blobs/{DIGEST}.incomplete"
    part.parent.mkdir(parents=True)
    part.write_bytes(WEIGHTS)
    assert weights_of(pull("org/name")) == WEIGHTS
    assert not hub.requests("GET", SIGNATURE)


@pytest.mark.parametrize("size", [1, len(WEIGHTS) - 1, len(WEIGHTS) + 1])
def test_a_wrong_size(hub, repository, pull, size):
    hub.rules.append(on("model.safetensors", with_headers(X_Linked_Size=str(size))))
    told = error_of(pull("org/name"))
    assert told["code"] == "invalid_data" and "model.safetensors" in told["context"]
    assert str(size) in told["message"] and str(len(WEIGHTS)) in told["message"]
    assert not list(pull.home.rglob("*.incomplete"))


def test_more_than_there_is(hub, repository, pull):
    hub.rules.append(on(SIGNATURE, body(lambda whole: whole * 20, tells_length=False)))
    told = error_of(pull("org/name"))
    assert told["code"] == "invalid_data" and str(len(WEIGHTS)) in told["message"]
    assert not list(pull.home.rglob("*.incomplete"))


@pytest.mark.parametrize("name", ["X_Repo_Commit", "X_Linked_Etag", "X_Linked_Size"])
def test_a_header_that_is_missing(hub, repository, pull, name):
    hub.rules.append(on("model.safetensors", with_headers(**{name: None})))
    told = error_of(pull("org/name"))
    assert told["code"] == "invalid_data" and told["context"] == "org/name: model.safetensors"
    word = {"X_Repo_Commit": "X-Repo-Commit", "X_Linked_Etag": "ETag", "X_Linked_Size": "size"}[name]
    assert word in told["message"] and "HF_ENDPOINT" in told["message"]
    assert not hub.requests("GET", SIGNATURE)


@pytest.mark.parametrize("size", ["", "-1", "1e3", "12 MB", "0x10", "99999999999999999999999", "9" * 18])
def test_a_size_that_is_none(hub, repository, pull, size):
    hub.rules.append(on("model.safetensors", with_headers(X_Linked_Size=size)))
    assert "size" in error_of(pull("org/name"))["message"]


@pytest.mark.parametrize(
    "etag",
    ['"../../evil"', '"/etc/passwd"', '""', '"abc-2"', f'"{DIGEST}x"', f'"{DIGEST.upper()}"', '"' + "a" * 5000 + '"'],
)
def test_an_etag_that_is_no_digest(hub, repository, pull, tmp_path, etag):
    hub.rules.append(on("model.safetensors", with_headers(X_Linked_Etag=etag, ETag=etag)))
    told = error_of(pull("org/name"))
    assert told["code"] == "invalid_data" and "ETag" in told["message"] and len(told["message"]) < 500
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("etag", ["W/\"{}\"", "{}", '"{}"'])
def test_etags_in_every_spelling(hub, repository, pull, etag):
    hub.rules.append(on("model.safetensors", with_headers(X_Linked_Etag=etag.format(DIGEST))))
    assert weights_of(pull("org/name")) == WEIGHTS


def test_an_answer_about_another_commit(hub, repository, pull):
    hub.rules.append(on("config.json", with_headers(X_Repo_Commit="b" * 40)))
    told = error_of(pull("org/name"))
    assert told["code"] == "invalid_data" and "commit" in told["message"]


@pytest.mark.parametrize(
    "contents",
    [
        b"<html>Log in to the hotel's network</html>",
        b"",
        b"[]",
        b"3",
        b"null",
        b"{}",
        b'{"sha": 3}',
        b'{"sha": "../../../x"}',
        b'{"sha": "main"}',
        b'{"sha": "' + b"A" * 40 + b'"}',
        b"[" * 100_000,
        b'{"sha": "\xff"}',
    ],
)
def test_an_answer_that_is_no_hub_s(hub, repository, pull, contents):
    hub.rules.append(on(INFO, lambda request, answer: Answer(200, {}, contents)))
    told = error_of(pull("org/name"))
    assert told["code"] == "invalid_data" and "HF_ENDPOINT" in told["message"]
    assert not pull.home.exists()


@pytest.mark.parametrize("siblings", ["null", "3", '"x"', "[]", "[3, null, {}, {\"rfilename\": 3}]", '{"a": {}}'])
def test_a_list_of_files_that_is_none(hub, repository, pull, siblings):
    contents = f'{{"sha": "{repository.commit}", "siblings": {siblings}}}'.encode()
    hub.rules.append(on(INFO, lambda request, answer: Answer(200, {}, contents)))
    assert "the repository is empty" in error_of(pull("org/name"))["message"]


def test_a_list_of_files_without_end(hub, repository, pull):
    contents = b'{"sha": "' + b"x" * (80 << 20)
    hub.rules.append(on(INFO, lambda request, answer: Answer(200, {}, contents)))
    assert "too long" in error_of(pull("org/name"))["message"]


def test_an_error_page_without_end(hub, repository, pull):
    hub.rules.append(on(INFO, lambda request, answer: Answer(404, {}, b"x" * (8 << 20))))
    assert error_of(pull("org/name"))["code"] == "not_found"


# ---- names that lead out of the folder

HOSTILE = ["../evil.safetensors", "/tmp/evil.safetensors", "a/../../evil.safetensors", "a\0.pt", "a\n.pt", "\x1b.pt", ".", ""]


@pytest.mark.parametrize("into", [False, True])
def test_hostile_names_are_not_there(hub, pull, tmp_path, into):
    files = dict(FILES) | {name: b"evil" for name in HOSTILE}
    hub.add("org/name", files)
    options = {"into": str(tmp_path / "plain")} if into else {}
    assert set(pull("org/name", **options)["value"]["files"]) == set(FILES)
    for name in HOSTILE:
        told = error_of(pull("org/name", weights=[name], **options))
        assert told["code"] == "not_found"
    assert not list(tmp_path.rglob("*evil*")) and not Path("/tmp/evil.safetensors").exists()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_index(hub, pull, tmp_path, name):
    index = json.dumps({"weight_map": {"a": name}}).encode()
    hub.add("org/name", {"model.safetensors.index.json": index, name: b"evil", "config.json": b"{}"})
    told = error_of(pull("org/name"))
    assert told["code"] == "invalid_data" and "index.json" in told["context"]
    assert "\n" not in told["message"] and "\x1b" not in told["message"]
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("index", [b"", b"[]", b"{}", b'{"weight_map": {}}', b'{"weight_map": {"a": 1}}'])
def test_an_index_that_is_none(hub, pull, index):
    hub.add("org/name", {"model.safetensors.index.json": index, "config.json": b"{}"})
    assert "index.json" in error_of(pull("org/name"))["context"]


def test_an_index_of_files_that_are_not_there(hub, pull):
    index = json.dumps({"weight_map": {"a": "gone.safetensors"}}).encode()
    hub.add("org/name", {"model.safetensors.index.json": index})
    assert "gone.safetensors" in error_of(pull("org/name"))["message"]


def test_a_file_that_is_listed_and_not_there(hub, pull):
    hub.add("org/name", FILES, listed=[*FILES, "tokenizer.json"])
    told = error_of(pull("org/name"))
    assert told["code"] == "not_found" and told["context"] == "org/name: tokenizer.json"
