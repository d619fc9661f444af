"""What a pull leaves on the disk: huggingface_hub leaves the same, sees it, and is seen."""

import hashlib
import json
import os
import shutil
import time
from pathlib import Path

import huggingface_hub
import pytest
from hub_server import SIGNATURE, Answer, body, cut, on
from hub_tools import hub, kill, library, pull, tree  # noqa: F401

WEIGHTS = bytes(range(256)) * 8192  # 2 MiB
SHARDS = ["model-00001-of-00002.safetensors", "deep/er/model-00002-of-00002.safetensors"]
INDEX = json.dumps({"metadata": {}, "weight_map": {"a": SHARDS[0], "b": SHARDS[1], "c": SHARDS[0]}})
SMALL = {
    "config.json": b'{"model_type": "clip"}',
    "preprocessor_config.json": b"{}",
    "tokenizer.json": "{“ü”}".encode(),
    "merges.txt": b"",
}
REPOSITORIES = {
    "one file": SMALL | {"model.safetensors": WEIGHTS},
    "shards": SMALL
    | {"model.safetensors.index.json": INDEX.encode()}
    | {SHARDS[0]: WEIGHTS, SHARDS[1]: WEIGHTS[::-1]},
    "the same twice": SMALL | {"model.safetensors": WEIGHTS, "vocab.json": b"{}"},
}
OTHERS = {"README.md": b"# card", "tf_model.h5": b"h5", "onnx/model.onnx": b"onnx"}
SECOND = "a" * 40
REVISIONS = ["main", "v1.0", "refs/pr/1", SECOND]


@pytest.fixture
def repository(hub, request):
    files = REPOSITORIES[getattr(request, "param", "one file")]
    revisions = {"v1.0": SECOND, "refs/pr/1": SECOND}
    return hub.add("org/name", files | OTHERS, commit=SECOND, revisions=revisions)


def fetched(hub) -> list[str]:
    """The files' bodies that went over the network."""
    return [one.path for one in hub.requests("GET") if not one.path.startswith("/api/models")]


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("repository", REPOSITORIES, indirect=True)
def test_the_cache_is_the_library_s(repository, pull, library, revision):
    answer = pull("org/name", revision=revision)["value"]
    needed = set(repository.files) - set(OTHERS)
    assert set(answer["files"]) == needed
    assert answer["commit"] == repository.commit
    theirs = library.snapshot("org/name", needed, revision)
    assert Path(answer["folder"]).relative_to(pull.home) == Path(theirs).relative_to(library.home)
    assert tree(pull.home) == tree(library.home)


@pytest.mark.parametrize("revision", REVISIONS)
@pytest.mark.parametrize("repository", REPOSITORIES, indirect=True)
def test_a_folder_is_the_library_s(repository, pull, library, revision, tmp_path):
    ours, theirs = tmp_path / "a/b", tmp_path / "c/d"
    answer = pull("org/name", revision=revision, into=str(ours))["value"]
    files = set(repository.files) - set(OTHERS)
    assert answer["folder"] == str(ours)
    assert library.snapshot("org/name", files, revision, local_dir=theirs) == str(theirs)
    assert tree(ours) == tree(theirs)
    for name in files:
        assert (ours / name).read_bytes() == repository.files[name]


def test_an_id_without_an_owner(hub, pull, library):
    hub.add("gpt2", REPOSITORIES["one file"])
    folder = pull("gpt2")["value"]["folder"]
    library.snapshot("gpt2", REPOSITORIES["one file"])
    assert "models--gpt2" in folder and tree(pull.home) == tree(library.home)


def test_a_renamed_repository_keeps_the_name_that_was_asked_for(hub, repository, pull, library):
    hub.renamed["old/name"] = "org/name"
    folder = pull("old/name")["value"]["folder"]
    library.snapshot("old/name", set(repository.files) - set(OTHERS))
    assert "models--old--name" in folder and tree(pull.home) == tree(library.home)


def test_python_sees_it(hub, repository, pull):
    answer = pull("org/name")["value"]
    hub.stop()
    there = huggingface_hub.snapshot_download("org/name", cache_dir=pull.cache, local_files_only=True)
    assert there == answer["folder"]
    for name in answer["files"]:
        path = huggingface_hub.try_to_load_from_cache("org/name", name, pull.cache)
        assert Path(path).read_bytes() == repository.files[name]
    found = huggingface_hub.scan_cache_dir(pull.cache)
    assert found.warnings == []
    (one,) = found.repos
    (revision,) = one.revisions
    assert (one.repo_id, set(one.refs), revision.commit_hash) == ("org/name", {"main"}, SECOND)
    sizes = {file.file_name: file.size_on_disk for file in revision.files}
    assert sizes == {name: size for name, (size, _) in answer["files"].items()}


def test_nothing_is_fetched_twice_by_us(hub, repository, pull):
    pull("org/name")
    hub.forget()
    answer = pull("org/name")["value"]
    assert [one.path for one in hub.log] == ["/api/models/org/name/revision/main"]
    assert not any(was_fetched for _, was_fetched in answer["files"].values())


def test_nothing_is_fetched_again_that_python_has(hub, repository, pull, library):
    library.home = pull.home
    library.snapshot("org/name", set(repository.files) - set(OTHERS))
    before = tree(pull.home)
    hub.forget()
    pull("org/name")
    assert [one.path for one in hub.log] == ["/api/models/org/name/revision/main"]
    assert tree(pull.home) == before


def test_python_fetches_nothing_again_that_we_have(hub, repository, pull, library):
    pull("org/name")
    before = tree(pull.home)
    library.home = pull.home
    hub.forget()
    library.snapshot("org/name", set(repository.files) - set(OTHERS))
    assert fetched(hub) == []
    assert tree(pull.home) == before


def test_what_is_missing_is_added_to_what_python_has(hub, repository, pull, library):
    library.home = pull.home
    library.snapshot("org/name", ["model.safetensors"])
    hub.forget()
    files = pull("org/name")["value"]["files"]
    assert sorted(name for name, (_, was_fetched) in files.items() if was_fetched) == sorted(SMALL)
    assert not hub.requests("GET", SIGNATURE)


def test_a_new_commit_brings_only_what_is_new(hub, pull, library):
    for commit, config in (("1" * 40, b"{}"), ("2" * 40, b"[]")):
        hub.forget()
        files = REPOSITORIES["one file"] | {"config.json": config}
        hub.add("org/name", files, commit=commit)
        answer = pull("org/name")["value"]
        library.snapshot("org/name", files)
    assert answer["files"]["config.json"][1] and not answer["files"]["model.safetensors"][1]
    assert tree(pull.home) == tree(library.home)


def test_the_name_stands_for_the_old_commit_until_the_new_one_is_there(hub, pull):
    hub.add("org/name", REPOSITORIES["one file"], commit="1" * 40)
    pull("org/name")
    hub.add("org/name", REPOSITORIES["one file"] | {"model.safetensors": b"new"}, commit="2" * 40)
    hub.rules.append(on(SIGNATURE, cut(1)))
    assert "error" in pull("org/name", retries=0)
    ref = pull.cache / "models--org--name/refs/main"
    assert ref.read_text() == "1" * 40
    hub.rules.clear()
    pull("org/name")
    assert ref.read_text() == "2" * 40


@pytest.mark.parametrize("target", [None, "../../blobs/gone", "/nowhere"])
def test_a_link_without_its_blob_is_mended(hub, repository, pull, target):
    folder = Path(pull("org/name")["value"]["folder"])
    link = folder / "model.safetensors"
    link.resolve().unlink()
    if target:
        link.unlink()
        link.symlink_to(target)
    files = pull("org/name")["value"]["files"]
    assert files["model.safetensors"][1] and not files["config.json"][1]
    assert link.read_bytes() == WEIGHTS


def test_a_cut_blob_is_fetched_anew(hub, repository, pull):
    """Only where nothing points to it any more: what is in a snapshot is not looked into."""
    link = Path(pull("org/name")["value"]["folder"]) / "model.safetensors"
    os.truncate(link.resolve(), 100)
    link.unlink()
    pull("org/name")
    assert link.read_bytes() == WEIGHTS


# ---- one goes on where the other was broken off


def incomplete(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.incomplete"))


def ranges(hub) -> list[str]:
    return [one.headers["range"] for one in hub.requests("GET", SIGNATURE) if "range" in one.headers]


@pytest.mark.parametrize("into", [False, True])
def test_python_goes_on_where_we_were_broken_off(hub, repository, pull, library, tmp_path, into):
    place = tmp_path / "folder"
    options = {"into": str(place)} if into else {}
    hub.rules.append(on(SIGNATURE, cut(700_001)))
    assert "error" in pull("org/name", retries=0, **options)
    (left,) = incomplete(place if into else pull.cache)
    assert left.read_bytes() == WEIGHTS[:700_001]
    hub.rules.clear()
    hub.forget()
    library.home = pull.home
    options = {"local_dir": place} if into else {}
    library.snapshot("org/name", [*SMALL, "model.safetensors"], **options)
    assert ranges(hub) == ["bytes=700001-"]
    assert incomplete(tmp_path) == []
    path = place if into else pull.cache / "models--org--name/snapshots" / SECOND
    assert (path / "model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize("into", [False, True])
def test_we_go_on_where_python_was_broken_off(hub, pull, library, tmp_path, into):
    piece = 10 << 20  # what the library writes at a time
    weights = WEIGHTS * 6
    hub.add("org/name", SMALL | {"model.safetensors": weights})
    place = tmp_path / "folder"
    library.home = pull.home
    hub.rules.append(on(SIGNATURE, body(lambda whole: whole, drip=0.02)))
    local = f", local_dir={str(place)!r}" if into else ""
    process = library.start(f"hf_hub_download('org/name', 'model.safetensors'{local})")
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size for path in incomplete(tmp_path)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    kill(process)
    (left,) = incomplete(tmp_path)
    assert left.stat().st_size == piece
    hub.rules.clear()
    hub.forget()
    pull("org/name", **({"into": str(place)} if into else {}))
    assert ranges(hub) == [f"bytes={piece}-"]
    assert incomplete(tmp_path) == []


# ---- a folder of plain files


def test_a_folder_takes_what_the_cache_has(hub, repository, pull, tmp_path):
    pull("org/name")
    hub.forget()
    answer = pull("org/name", into=str(tmp_path / "plain"))["value"]
    assert fetched(hub) == []
    assert (tmp_path / "plain/model.safetensors").read_bytes() == WEIGHTS
    assert not (tmp_path / "plain/model.safetensors").is_symlink()
    assert not any(was_fetched for _, was_fetched in answer["files"].values())


def test_a_folder_does_not_take_what_the_cache_has_wrong(hub, repository, pull, tmp_path):
    link = Path(pull("org/name")["value"]["folder"]) / "model.safetensors"
    link.resolve().write_bytes(WEIGHTS[::-1])
    answer = pull("org/name", into=str(tmp_path / "plain"))["value"]
    assert answer["files"]["model.safetensors"][1]
    assert (tmp_path / "plain/model.safetensors").read_bytes() == WEIGHTS


def test_a_folder_is_brought_up_to_date(hub, pull, library, tmp_path):
    ours, theirs = tmp_path / "ours-plain", tmp_path / "theirs-plain"
    for commit, config in (("1" * 40, b"{}"), ("2" * 40, b"[]"), ("2" * 40, b"[]")):
        files = REPOSITORIES["one file"] | {"config.json": config}
        hub.add("org/name", files, commit=commit)
        hub.forget()
        answer = pull("org/name", into=str(ours))["value"]
        shutil.rmtree(library.home, ignore_errors=True)
        library.snapshot("org/name", files, local_dir=theirs)
        assert tree(ours) == tree(theirs)
        assert (ours / "config.json").read_bytes() == config
    assert not any(was_fetched for _, was_fetched in answer["files"].values())


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_file_that_was_changed_is_fetched_again(hub, repository, pull, tmp_path, name):
    pull("org/name", into=str(tmp_path / "plain"))
    path = tmp_path / "plain" / name
    path.write_bytes(repository.files[name][::-1])
    os.utime(path, (time.time() + 10,) * 2)
    files = pull("org/name", into=str(tmp_path / "plain"))["value"]["files"]
    assert [file for file, (_, was_fetched) in files.items() if was_fetched] == [name]
    assert path.read_bytes() == repository.files[name]


def test_a_file_from_elsewhere_is_taken_by_its_digest(hub, repository, pull, tmp_path):
    for name in ("model.safetensors", "config.json"):
        (tmp_path / "plain").mkdir(exist_ok=True)
        (tmp_path / "plain" / name).write_bytes(repository.files[name])
    files = pull("org/name", into=str(tmp_path / "plain"))["value"]["files"]
    assert not files["model.safetensors"][1] and not files["config.json"][1]


def test_the_old_file_stays_until_the_new_one_is_whole(hub, repository, pull, tmp_path):
    (tmp_path / "plain").mkdir()
    old = tmp_path / "plain/model.safetensors"
    old.write_bytes(b"old")
    hub.rules.append(on(SIGNATURE, cut(10)))
    assert "error" in pull("org/name", retries=0, into=str(tmp_path / "plain"))
    assert old.read_bytes() == b"old"


def test_a_broken_note_is_none(hub, repository, pull, tmp_path):
    pull("org/name", into=str(tmp_path / "plain"))
    for contents in ("", "x", "a\nb", "a\nb\nnoon\n", "\n\n\n\n"):
        note = tmp_path / "plain/.cache/huggingface/download/config.json.metadata"
        note.write_text(contents)
        answer = pull("org/name", into=str(tmp_path / "plain"))["value"]
        assert not answer["files"]["config.json"][1], "its digest says what it is"
        assert note.read_text().startswith(SECOND)


def test_large_files_are_named_by_their_sha256(hub, repository, pull):
    pull("org/name")
    blob = pull.cache / "models--org--name/blobs" / hashlib.sha256(WEIGHTS).hexdigest()
    assert blob.read_bytes() == WEIGHTS


def test_progress_grows_to_the_whole(hub, repository, pull):
    def drip(request, answer: Answer) -> Answer:
        answer.drip = 0.03
        return answer

    hub.rules.append(on(SIGNATURE, drip))
    told = pull("org/name")["value"]["progress"]
    total = sum(len(repository.files[name]) for name in (*SMALL, "model.safetensors"))
    busy = [one for one in told if one["file"] == "model.safetensors" and one["number"]]
    assert len(busy) >= 3
    assert all(one["total"] == total and one["count"] == len(SMALL) + 1 for one in busy)
    done = [one["done"] for one in busy]
    assert done == sorted(done) and done[-1] <= total
    assert all(one["fetched"] == one["done"] for one in busy)


def test_progress_counts_what_was_there(hub, repository, pull):
    hub.rules.append(on(SIGNATURE, cut(1 << 20)))
    pull("org/name", retries=0)
    hub.rules[:] = [on(SIGNATURE, body(lambda whole: whole, drip=0.05))]
    told = pull("org/name")["value"]["progress"]
    busy = [one for one in told if one["number"] and one["done"] > 1 << 20]
    small = sum(map(len, SMALL.values()))
    assert busy and all(one["done"] - one["fetched"] == small + (1 << 20) for one in busy)
