"""--help, --version and the program without a command."""

import re
import subprocess
from pathlib import Path

import pytest
import torch

COMMANDS = [
    (),
    ("tag",),
    ("embed",),
    ("process",),
    ("model",),
    ("model", "info"),
    ("model", "list"),
    ("model", "pull"),
    ("bench",),
    ("devices",),
    ("tokenize",),
    ("completion",),
]
SOURCES = Path(__file__).resolve().parents[2] / "src"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_is_data_and_fits(run, command, flag):
    result = run(*command, flag)
    assert (result.returncode, result.stderr) == (0, "")
    assert f"Usage: {' '.join(('clipclap', *command))}" in result.stdout
    assert "Exit codes: 0 " in result.stdout
    described = result.stdout.split("Examples:")[0]
    assert all(len(line) <= 80 for line in described.splitlines())


@pytest.mark.parametrize("command", ["tag", "embed", "process", "model info", "model list", "model pull", "bench", "tokenize", "completion"])
def test_every_command_shows_examples(run, command):
    assert "Examples:\n  " in run(*command.split(), "--help").stdout


def test_help_lists_every_command(run):
    text = run("--help").stdout
    for command in COMMANDS[1:]:
        assert command[0] in text


def test_messages_name_options_that_exist(run):
    shown = " ".join(run(*command, "--help").stdout for command in COMMANDS)
    exist = set(re.findall(r"--[a-z][a-z-]+", shown))
    literals = (
        literal
        for path in SOURCES.rglob("*.cpp")
        for literal in re.findall(r'"(?:[^"\\\n]|\\.)*"', path.read_text("utf-8"))
    )
    named = {name for literal in literals for name in re.findall(r"(?<![\w-])--[a-z][a-z-]+", literal)}
    assert len(named) > 40 and named <= exist, named - exist


@pytest.mark.parametrize("command", [(), ("model",)])
def test_without_a_command_help_is_talk_and_a_usage_error(run, command):
    result = run(*command)
    assert (result.returncode, result.stdout) == (2, "")
    assert "Commands:" in result.stderr


def test_version_names_the_libraries(run):
    lines = dict(line.split(" ", 1) for line in run("--version").stdout.splitlines())
    assert list(lines) == ["clipclap", "LibTorch", "FFmpeg"]
    assert torch.__version__.startswith(lines["LibTorch"].split("+")[0])
    told = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True).stdout
    codec = re.search(r"libavcodec\s+(\d+)\.\s*(\d+)\.(\d+)", told)
    assert f"libavcodec {'.'.join(codec.groups())}" in lines["FFmpeg"]
