"""The overlay's README: its commands run, and it names every option."""

import os
import re
import subprocess

import pytest
from graphs import ROOT, make

README = ROOT / "integrations/ffmpeg/README.md"
TEXT = README.read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", TEXT, re.M | re.S)
    for line in block.splitlines()
]


@pytest.fixture
def desk(film, sound, tmp_path):
    make(tmp_path / "film.mkv", "-i", film("yuv420p"), "-i", sound, "-c:v", "ffv1", "-c:a", "pcm_s16le")
    (tmp_path / "words.txt").write_text("face\nfruit\nankle boot\n", "utf-8")
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS)
def test_command(ffmpeg, desk, command):
    before = set(desk.iterdir())
    environment = os.environ | {"PATH": f"{ffmpeg.folder}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=desk, env=environment, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    written = set(desk.iterdir()) - before
    assert written or re.search(r"lavfi\.clipclap\.0\.label=\w+", done.stdout)
    assert all(path.stat().st_size > 0 for path in written)


def test_the_readme_has_commands():
    assert len(COMMANDS) == 5


KINDS = {"clipclap": ("v", "all"), "aclipclap": ("a", "all"), "clipclap_process": ("p", "all")}


@pytest.mark.parametrize("name", KINDS)
def test_every_option_is_in_the_table(ffmpeg, name):
    shown = ffmpeg.run("-h", f"filter={name}")
    options = set(re.findall(r"^   (\w+) +<", shown, re.M))
    documented = set()
    for names, kinds in re.findall(r"^\| (`[^|]*`) \| ([vap ]+|all) \|", TEXT, re.M):
        if set(kinds.split()) & set(KINDS[name]):
            documented |= set(re.findall(r"`(\w+)`", names))
    assert options == documented
