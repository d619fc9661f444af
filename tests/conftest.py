"""What every Python suite shares."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PHOTOGRAPHS = Path("/usr/share/doc/opencv-doc/examples/data")


def existing(path: Path) -> Path:
    assert path.exists(), f"{path} is missing: run ./dev test, which installs and builds it"
    return path


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def build() -> Path:
    """The tree of the release build."""
    return existing(Path(os.environ.get("CLIPCLAP_BUILD", ROOT / "build")))


@pytest.fixture(scope="session")
def clipclap() -> Path:
    """The built program."""
    return existing(Path(os.environ.get("CLIPCLAP_BIN", ROOT / "build/clipclap")))


@pytest.fixture(scope="session")
def tools() -> Path:
    """The folder of the programs that tests are made with."""
    return existing(Path(os.environ.get("CLIPCLAP_TEST_TOOLS", ROOT / "build/tests/tools")))


@pytest.fixture(scope="session")
def photographs() -> list[Path]:
    """Photographs and drawings that nothing here was trained on, by Debian's opencv-doc."""
    found = [
        path
        for path in sorted(existing(PHOTOGRAPHS).iterdir())
        if path.suffix in (".jpg", ".png")
    ]
    assert len(found) > 50
    return found
