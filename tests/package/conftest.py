"""What is installed, and the clip that its users look at."""

from pathlib import Path

import pytest
from installed import run


@pytest.fixture(scope="session")
def prefix(build, tmp_path_factory) -> Path:
    """Installed, then moved: nothing in it may remember where it was first put."""
    first = tmp_path_factory.mktemp("install") / "first"
    run("cmake", "--install", build, "--prefix", first)
    moved = first.parent / "a prefix"
    first.rename(moved)
    return moved


@pytest.fixture(scope="session")
def library_folder(prefix) -> Path:
    (library,) = prefix.glob("lib*/**/libclipclap.so")
    return library.parent


@pytest.fixture(scope="session")
def clip(root, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    run("/usr/bin/python3", root / "tools/demo_clip/make_clip.py", path)
    return path
