"""The program and its material, for the tests of the command line."""

import subprocess
from pathlib import Path

import pytest
from media_files import make_media
from surroundings import environment


@pytest.fixture(scope="session")
def run(clipclap):
    """Runs the program to its end; stdout and stderr come as text."""

    def run_program(*arguments: object, **options: object) -> subprocess.CompletedProcess:
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(
            [clipclap, *arguments],
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=environment(**options.pop("env", {})),
            timeout=120,
            **options,
        )

    return run_program


@pytest.fixture(scope="session")
def media(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("media")


@pytest.fixture(scope="session")
def clip(media) -> Path:
    """4 s, 10 frames a second."""
    return make_media(media / "clip.mp4", "testsrc2=d=4:r=10:s=160x120", "-c:v", "mpeg4")


@pytest.fixture(scope="session")
def long_clip(media) -> Path:
    """More frames than any machine is through with in a few seconds."""
    return make_media(media / "long.mp4", "testsrc2=d=1200:r=25:s=64x48", "-c:v", "mpeg4")


@pytest.fixture(scope="session")
def picture(media) -> Path:
    return make_media(media / "picture.png", "testsrc2=s=80x60", "-frames:v", "1")


@pytest.fixture(scope="session")
def film(media) -> Path:
    """4 s with a tone."""
    tone = ["-f", "lavfi", "-i", "sine=d=4", "-c:v", "mpeg4"]
    return make_media(media / "film.mp4", "testsrc2=d=4:r=10:s=160x120", *tone)


@pytest.fixture(scope="session")
def audio_only(media) -> Path:
    return make_media(media / "tone.mp4", "sine=d=1")
