"""The completion scripts, by the shells that read them."""

import os
import re
import shutil
import subprocess

import pytest
from surroundings import environment
from pseudo_terminal import PseudoTerminal

SUBJECTS = ["tag", "embed", "process", "model", "devices", "bench", "tokenize", "completion"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("completion")
    for name in ("clip.mp4", "words.txt", "holi day.mp4"):
        (path / name).write_text("")
    (path / "model dir").mkdir()
    return path


@pytest.fixture(scope="module")
def search_path(clipclap):
    return f"{clipclap.resolve().parent}:{os.environ['PATH']}"


def bash_candidates(search_path, folder, *words):
    """What the function offers for the last word, without readline around it."""
    script = (
        'source <(clipclap completion bash) || exit 9; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1));'
        ' _clipclap; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    result = subprocess.run(
        ["bash", "--norc", "-c", script, "bash", "clipclap", *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment(PATH=search_path),
    )
    assert result.returncode == 0, result.stderr
    return sorted(filter(None, result.stdout.splitlines()))


def options_in_help(run, *command):
    return set(re.findall(r"(?<![\w-])--?[a-z-]+", run(*command, "--help").stdout.split("\nExamples")[0]))


@pytest.mark.parametrize(
    "words, expected",
    [
        ([""], sorted(SUBJECTS)),
        (["to"], ["tokenize"]),
        (["model", ""], ["info", "list", "pull"]),
        (["model", "pull", "--into", "mo"], ["model dir"]),
        (["model", "pull", "c"], []),
        (["completion", ""], ["bash", "fish", "zsh"]),
        (["tag", "--format", ""], ["csv", "jsonl", "srt", "table", "vtt"]),
        (["embed", "--format", ""], ["jsonl", "table"]),
        (["tag", "--categories", "wo"], ["words.txt"]),
        (["tag", "--summary", "wo"], ["words.txt"]),
        (["tag", "--boxes", "wo"], ["words.txt"]),
        (["tag", "--format", "=", "t"], ["table"]),
        (["tag", "--format", "="], ["csv", "jsonl", "srt", "table", "vtt"]),
        (["model", "info", "--format", "j"], ["json"]),
        (["tag", "--labels", "@w"], ["@words.txt"]),
        (["tag", "--labels", "@", "w"], ["@words.txt"]),
        (["tag", "--labels", "=@", "w"], ["@words.txt"]),
        (["tag", "--labels", "w"], []),
        (["tag", "--top", ""], []),
        (["tag", "c"], ["clip.mp4"]),
        (["tag", "tag", "c"], ["clip.mp4"]),
        (["tag", "--output", "wo"], ["words.txt"]),
        (["embed", "--model", ""], ["model dir"]),
        (["process", "c"], ["clip.mp4"]),
        (["tag", "--ke"], ["--keyframes"]),
    ],
)
def test_bash_offers_what_may_stand_there(search_path, folder, words, expected):
    assert bash_candidates(search_path, folder, *words) == expected


def test_bash_offers_every_option_there_is(run, search_path, folder):
    for command in (
        ["tag"], ["embed"], ["process"], ["tokenize"], ["model", "info"], ["model", "pull"], ["completion"], [],
    ):  # fmt: skip
        offered = set(bash_candidates(search_path, folder, *command, "-"))
        assert offered and offered == options_in_help(run, *command)


@pytest.mark.parametrize(
    "typed, completed",
    [
        ("clipclap tag hol\t", "clipclap tag holi\\ day.mp4 "),
        ("clipclap tag --labels @wo\t", "words.txt "),
        ("clipclap embed --mod\tmo\t", "clipclap embed --model model\\ dir/"),
    ],
)
def test_bash_completes_what_is_typed(search_path, folder, typed, completed):
    terminal = PseudoTerminal(
        ["bash", "--norc", "-i"], PATH=search_path, PS1="> ", TERM="dumb", PWD=str(folder)
    )
    start = f"cd '{folder}'; source <(clipclap completion bash); echo rea''dy\n"
    os.write(terminal.controller, start.encode())
    terminal.read_until("ready\r\n")
    os.write(terminal.controller, typed.encode())
    try:
        terminal.read_until(completed, seconds=20)
    finally:
        terminal.process.kill()
        terminal.process.wait()
        os.close(terminal.controller)


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_fish_offers_what_may_stand_there(search_path, folder):
    def candidates(line):
        script = f"clipclap completion fish | source; complete -C '{line}'"
        result = subprocess.run(
            ["fish", "--no-config", "-c", script],
            capture_output=True,
            text=True,
            cwd=folder,
            env=environment(PATH=search_path),
        )
        assert result.returncode == 0 and result.stderr == ""
        return sorted(line.split("\t")[0] for line in result.stdout.splitlines())

    assert candidates("clipclap ") == sorted(SUBJECTS)
    assert candidates("clipclap tag --format ") == ["csv", "jsonl", "srt", "table", "vtt"]
    assert candidates("clipclap tag --labels @w") == ["@words.txt"]
    assert candidates("clipclap model info --format j") == ["json"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_reads_the_script(run):
    script = run("completion", "zsh").stdout
    result = subprocess.run(["zsh", "-n", "-c", script], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")
