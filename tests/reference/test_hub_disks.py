"""Disks that are full, locked or read-only, and several that pull at once."""

import os
import resource
import shutil
import signal
import tempfile
import time
from pathlib import Path

import pytest
from hub_server import SIGNATURE, body, on, with_headers
from hub_tools import (  # noqa: F401
    DIGEST, INFO, WEIGHTS, Puller, error_of, hub, kill, nothing_half_done, pull, repository,
    result_of, tree, weights_of,
)  # fmt: skip


NOBODY = 65534


@pytest.fixture
def outsider(hub, tools):
    """Pulls as somebody who may not write everywhere, as root may, from where he may read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        program = shutil.copy(tools / "hub_probe", folder)
        yield Puller(program, hub, folder / "home")


def as_nobody() -> dict:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}


@pytest.mark.parametrize("into", [False, True])
def test_a_folder_that_may_not_be_written(hub, repository, outsider, into):
    locked = outsider.home
    locked.mkdir(mode=0o555)
    options = {"into": locked / "x"} if into else {"environment": {"HF_HUB_CACHE": locked / "x"}}
    told = error_of(result_of(outsider.start("org/name", popen=as_nobody(), **options)))
    assert told["code"] == "io" and str(locked) in told["context"] and "--into" in told["message"]
    assert not [one for one in hub.requests("GET") if INFO not in one.path]


@pytest.mark.parametrize("into", [False, True])
def test_a_folder_that_is_a_file(hub, repository, pull, tmp_path, into):
    (tmp_path / "file").write_text("")
    place = tmp_path / "file"
    options = {"into": str(place)} if into else {"environment": {"HF_HUB_CACHE": place}}
    assert str(place) in error_of(pull("org/name", **options))["context"]
    assert not [one for one in hub.requests("GET") if INFO not in one.path]


@pytest.mark.parametrize("into", [False, True])
def test_a_disk_that_is_too_small_is_known_before(hub, repository, pull, tmp_path, into):
    hub.rules.append(on("model.safetensors", with_headers(X_Linked_Size="900000000000000")))
    told = error_of(pull("org/name", **({"into": str(tmp_path / "x/y")} if into else {})))
    assert told["code"] == "io" and "900 TB" in told["message"] and "free" in told["message"]
    assert not [one for one in hub.requests("GET") if INFO not in one.path]


def test_a_disk_that_runs_full(hub, repository, pull):
    limits = {
        "preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)),
        "restore_signals": False,  # Python ignores SIGXFSZ, and so does what it starts
    }
    told = error_of(result_of(pull.start("org/name", popen=limits)))
    assert told["code"] == "io" and "make room" in told["message"] and DIGEST in told["context"]
    assert nothing_half_done(pull.home)
    assert weights_of(pull("org/name")) == WEIGHTS
    assert hub.requests("GET", SIGNATURE)[-1].headers["range"] == "bytes=300000-"


def test_a_cache_that_is_read_only_and_has_it_all(hub, repository, outsider):
    outsider("org/name")
    folders = [path for path in (outsider.home, *outsider.home.rglob("*")) if path.is_dir()]
    for path in folders:
        path.chmod(0o555)
    assert weights_of(result_of(outsider.start("org/name", popen=as_nobody()))) == WEIGHTS
    for path in folders:
        path.chmod(0o755)


# ---- several at once


@pytest.mark.parametrize("into", [False, True])
def test_many_at_once_fetch_it_once(hub, repository, pull, tmp_path, into):
    hub.rules.append(on(SIGNATURE, body(lambda whole: whole, drip=0.02)))
    options = {"into": tmp_path / "plain"} if into else {}
    processes = [pull.start("org/name", **options) for _ in range(4)]
    assert [weights_of(result_of(process)) for process in processes] == [WEIGHTS] * 4
    assert len(hub.requests("GET", SIGNATURE)) == 1


def test_one_that_is_killed_leaves_the_rest_to_the_other(hub, repository, pull):
    hub.rules.append(on(SIGNATURE, body(lambda whole: whole, drip=0.05)))
    first = pull.start("org/name")
    while not list(pull.home.rglob(f"{DIGEST}.incomplete")):
        time.sleep(0.01)
    second = pull.start("org/name")
    time.sleep(0.3)
    kill(first)
    assert weights_of(result_of(second)) == WEIGHTS
    begun = [one.headers.get("range") for one in hub.requests("GET", SIGNATURE)]
    assert len(begun) == 2 and begun[1] is not None


def test_a_pull_waits_for_python(hub, repository, pull):
    """Its lock is filelock's."""
    import filelock

    path = pull.cache / f".locks/models--org--name/{DIGEST}.lock"
    path.parent.mkdir(parents=True)
    with filelock.FileLock(path):
        process = pull.start("org/name")
        time.sleep(1)
        assert process.poll() is None and not hub.requests("GET", SIGNATURE)
    assert weights_of(result_of(process)) == WEIGHTS


def test_python_waits_for_a_pull(hub, repository, pull):
    import filelock

    hub.rules.append(on(SIGNATURE, body(lambda whole: whole, drip=0.1)))
    process = pull.start("org/name")
    path = pull.cache / f".locks/models--org--name/{DIGEST}.lock"
    while not hub.requests("GET", SIGNATURE):
        time.sleep(0.01)
    with pytest.raises(filelock.Timeout), filelock.FileLock(path, timeout=0.2):
        pass
    assert weights_of(result_of(process)) == WEIGHTS
    with filelock.FileLock(path, timeout=5):
        pass


def test_a_killed_pull_goes_on(hub, repository, pull):
    hub.rules.append(on(SIGNATURE, body(lambda whole: whole, drip=0.05)))
    process = pull.start("org/name")
    (part,) = [None]
    while part is None or part.stat().st_size == 0:
        part = next(iter(pull.home.rglob(f"{DIGEST}.incomplete")), None)
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    begun = part.stat().st_size
    assert nothing_half_done(pull.home)
    hub.rules.clear()
    assert weights_of(pull("org/name")) == WEIGHTS
    assert hub.requests("GET", SIGNATURE)[-1].headers["range"] == f"bytes={begun}-"
    assert not list(pull.home.rglob("*.incomplete")) and tree(pull.home)
