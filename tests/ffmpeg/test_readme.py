"""The overlay's README: its commands run, and it names every option. So do the proposal's command lines
as docs/ffmpeg.md translates them."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from graphs import ROOT, make

README = ROOT / "integrations/ffmpeg/README.md"
TEXT = README.read_text("utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```sh\n(.*?)^```", TEXT, re.M | re.S)
    for line in block.splitlines()
]
TRANSLATED = [
    line.removeprefix("$ ")
    for line in (ROOT / "docs/ffmpeg.md").read_text("utf-8").splitlines()
    if line.startswith("$ ffmpeg ") and "clipclap=" in line
]


@pytest.fixture
def desk(film, sound, tmp_path):
    make(tmp_path / "film.mkv", "-i", film("yuv420p"), "-i", sound, "-c:v", "ffv1", "-c:a", "pcm_s16le")
    (tmp_path / "words.txt").write_text("face\nfruit\nankle boot\n", "utf-8")
    return tmp_path


@pytest.fixture
def scripts(desk, talkative):
    """As the proposal had it: TorchScript and a tokenizer's file, beside a film with sound."""
    import torch
    from script_models import Hearing

    (desk / "film.mkv").rename(desk / "in.mp4")
    model, tokenizer = (Path(option.split("=")[1]) for option in talkative())
    (desk / "clip.pt").symlink_to(model)
    (desk / "tokenizer.json").symlink_to(tokenizer)
    torch.jit.script(Hearing(48000 * 10)).save(desk / "clap.pt")
    (desk / "sounds.txt").write_text("speech\nmusic\n", "utf-8")
    (desk / "units.txt").write_text("[who]\n(young)\na child\n(old)\na man\n", "utf-8")
    return desk


def test_the_document_has_command_lines_of_the_proposal():
    assert len(TRANSLATED) == 3


@pytest.mark.parametrize("command", TRANSLATED)
def test_command_line_of_the_proposal(ffmpeg, scripts, command):
    run_command(ffmpeg, scripts, command.replace("dnn_detect=…", "testboxes=boxes=person/0/0/40/40"))


@pytest.mark.parametrize("command", COMMANDS)
def test_command(ffmpeg, desk, command):
    run_command(ffmpeg, desk, command)


def run_command(ffmpeg, desk, command):
    before = set(desk.iterdir())
    environment = os.environ | {"PATH": f"{ffmpeg.folder}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=desk, env=environment, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    written = set(desk.iterdir()) - before
    assert written or re.search(r"lavfi\.clipclap\.(box\.)?0\.(0\.)?label=\w+", done.stdout)
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
