"""What the tests of pulling share: a hub of their own, clipclap's probe and huggingface_hub."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import pytest
from hub_server import Hub, running_hub
from huggingface_hub import constants
from huggingface_hub.utils._http import reset_sessions

STEERING = ("HF_", "HUGGING", "TRANSFORMERS_", "XDG_", "REQUESTS_", "CURL_", "SSL_")
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")

WEIGHTS = bytes(range(256)) * 4096  # 1 MiB
DIGEST = hashlib.sha256(WEIGHTS).hexdigest()
FILES = {"config.json": b"{}", "model.safetensors": WEIGHTS}
LARGE = "/org/name/resolve"
INFO = "/api/models"


def surroundings(**changes: object) -> dict[str, str]:
    """The environment without what would steer a download."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(STEERING) and name.lower() not in PROXIES
    }
    return kept | {name: str(value) for name, value in changes.items()}


@pytest.fixture
def hub():
    with running_hub() as server:
        yield server


class Puller:
    """Pulls with clipclap's own code, by its probe."""

    def __init__(self, program: Path, hub: Hub, home: Path):
        self.program, self.hub, self.home = program, hub, home

    def environment(self, **changes: object) -> dict[str, str]:
        return surroundings(**({"HF_ENDPOINT": self.hub.endpoint, "HF_HOME": self.home} | changes))

    def start(self, repository: str, environment: dict | None = None, popen: dict | None = None, **options):
        return subprocess.Popen(
            [self.program, "pull", json.dumps({"id": repository} | options, default=str)],
            env=self.environment(**(environment or {})),
            stdout=subprocess.PIPE,
            **(popen or {}),
        )

    def __call__(self, repository: str, **options) -> dict:
        """{"value": …} or {"error": …}"""
        process = self.start(repository, **options)
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        return json.loads(output)

    @property
    def cache(self) -> Path:
        return self.home / "hub"


@pytest.fixture
def pull(tools, hub, tmp_path) -> Puller:
    return Puller(tools / "hub_probe", hub, tmp_path / "ours")


class Library:
    """huggingface_hub, with its own idea of where everything is."""

    def __init__(self, hub: Hub, home: Path):
        self.hub, self.home = hub, home

    def snapshot(self, repository: str, files, revision: str = "main", **options) -> str:
        return huggingface_hub.snapshot_download(
            repository,
            revision=revision,
            allow_patterns=list(files),
            endpoint=self.hub.endpoint,
            cache_dir=self.home / "hub",
            token=False,
            max_workers=1,
            **options,
        )

    def start(self, code: str) -> subprocess.Popen:
        """In a process of its own, which may be killed."""
        settings = {"HF_ENDPOINT": self.hub.endpoint, "HF_HOME": self.home, "HF_HUB_DISABLE_XET": 1}
        return subprocess.Popen(
            [sys.executable, "-c", f"from huggingface_hub import *\n{code}"],
            env=surroundings(**settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


@pytest.fixture
def library(hub, tmp_path, monkeypatch) -> Library:
    # The suites run offline; what is imported already has taken that over.
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_PROGRESS_BARS", True)
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    reset_sessions()
    yield Library(hub, tmp_path / "theirs")
    reset_sessions()


def tree(folder: Path) -> dict[str, object]:
    """All that lies in a folder; times that were noted are left out."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = f"-> {os.readlink(path)}"
        elif path.is_dir():
            found[name] = "folder"
        else:
            contents = path.read_bytes()
            if path.suffix == ".metadata":
                contents = b"\n".join(contents.splitlines()[:2])
            found[name] = (oct(path.stat().st_mode), contents)
    return found


def kill(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.fixture
def repository(hub):
    return hub.add("org/name", dict(FILES))


def error_of(answer: dict) -> dict:
    assert "error" in answer, answer
    return answer["error"]


def weights_of(answer: dict) -> bytes:
    assert "value" in answer, answer
    return (Path(answer["value"]["folder"]) / "model.safetensors").read_bytes()


def nothing_half_done(folder: Path) -> bool:
    """No file in its place but whole ones, and no beginning that is not one."""
    snapshots = [path for path in folder.rglob("snapshots/*/*")]
    parts = [path for path in folder.rglob("*.incomplete")]
    whole = all(path.read_bytes() == FILES[path.name] for path in snapshots)
    return whole and all(WEIGHTS.startswith(path.read_bytes()) for path in parts)


def result_of(process) -> dict:
    output, _ = process.communicate(timeout=60)
    return json.loads(output)
