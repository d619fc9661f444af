"""`clipclap model pull` as a user meets it. What it leaves on the disk is tests/reference's."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from hub_server import GOOD_TOKEN, SIGNATURE, body, cut, on, refuse, running_hub
from pseudo_terminal import PseudoTerminal, final_lines
from surroundings import environment
from wcwidth import wcswidth

PATIENCE_SECONDS = 1.5  # a second, and half a one for a busy machine
WEIGHTS = bytes(range(256)) * 8192
FILES = {"config.json": b"{}", "model.safetensors": WEIGHTS}


@pytest.fixture
def hub():
    with running_hub() as server:
        server.add("org/name", dict(FILES), revisions={"v1.0": "a" * 40}, commit="a" * 40)
        yield server


@pytest.fixture
def where(hub, tmp_path) -> dict[str, str]:
    """What the environment has to say."""
    return {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "0",
            "no_proxy": "*", "HF_TOKEN": ""}  # fmt: skip


@pytest.fixture
def pull(run, where):
    return lambda *arguments, **changes: run("model", "pull", *arguments, env=where | changes)


def drip(seconds: float):
    return on(SIGNATURE, body(lambda whole: whole, drip=seconds))


def test_the_folder_is_printed_and_nothing_else(pull, tmp_path):
    for _ in range(2):
        result = pull("org/name")
        assert (result.returncode, result.stderr) == (0, "")
        folder = Path(result.stdout.removesuffix("\n"))
        assert folder == tmp_path / f"home/hub/models--org--name/snapshots/{'a' * 40}"
        assert (folder / "model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize("name", ["plain", "./x/../plain/", "link/plain"])
def test_a_folder_of_one_s_own(run, where, tmp_path, name):
    (tmp_path / "link").symlink_to(tmp_path)
    result = run("model", "pull", "org/name", "--into", name, env=where, cwd=tmp_path)
    folder = tmp_path / "plain"
    assert (result.returncode, result.stdout) == (0, f"{folder}\n")
    assert not (folder / "model.safetensors").is_symlink()
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("arguments", [["org/name", "--revision", "v1.0"], ["org/name@v1.0"], ["--revision=v1.0", "org/name"]])
def test_revisions(pull, tmp_path, arguments):
    assert pull(*arguments).returncode == 0
    ref = tmp_path / "home/hub/models--org--name/refs/v1.0"
    assert ref.read_text() == "a" * 40


def test_weights_of_one_s_own_choice(hub, pull):
    hub.add("org/name", {"config.json": b"{}", "2022.pth": b"old", "2023.pth": b"new"})
    result = pull("org/name")
    assert result.returncode == 2 and "--weights" in result.stderr
    result = pull("org/name", "--weights", "2023.pth")
    folder = Path(result.stdout.strip())
    assert sorted(path.name for path in folder.iterdir()) == ["2023.pth", "config.json"]
    assert result.returncode == 0 and "warning" in result.stderr and "pickle" in result.stderr
    assert pull("org/name", "--weights", "2023.pth", "--quiet").stderr == ""


@pytest.mark.parametrize(
    "arguments, code, part",
    [
        ([], 2, "ID"),
        (["a", "b"], 2, "b"),
        ([""], 2, "cannot be a hub id"),
        (["a/b/c"], 2, "cannot be a hub id"),
        (["org/name@main", "--revision", "main"], 2, "twice"),
        (["org/name", "--revision", ".."], 2, "revision"),
        (["org/name", "--revision", ""], 2, "empty"),
        (["org/name", "--into", ""], 2, "empty"),
        (["org/name", "--revision", "a", "--revision", "b"], 2, "2 times"),
        (["org/nome"], 3, "no such repository"),
        (["org/name", "--revision", "v2"], 3, 'no revision "v2"'),
        (["org/name", "--weights", "x"], 3, '"x"'),
        (["org/name", "--into", "/dev/null/x"], 3, "/dev/null/x"),
    ],
)
def test_what_cannot_be_is_one_line_and_a_code(pull, arguments, code, part):
    result = pull(*arguments)
    assert (result.returncode, result.stdout) == (code, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("clipclap: ") and part in line


def test_offline_and_gated_say_what_to_do(hub, pull):
    result = pull("org/name", HF_HUB_OFFLINE="1")
    assert result.returncode == 3 and "HF_HUB_OFFLINE=1" in result.stderr and hub.log == []
    hub.repositories["org/name"].gated = True
    result = pull("org/name")
    assert result.returncode == 3
    assert f"accept its terms at {hub.endpoint}/org/name" in result.stderr and "HF_TOKEN" in result.stderr
    assert pull("org/name", HF_TOKEN=GOOD_TOKEN).returncode == 0


def test_the_error_without_a_model_names_the_command_that_helps(run, pull, hub, where):
    arguments = ["model", "info", "--format", "json"]
    result = run(*arguments, "org/name@v1.0", env=where)
    assert result.returncode == 3 and hub.log == [], "only a pull uses the network"
    command = result.stderr.strip().rsplit(": ", 1)[1]
    assert command == "clipclap model pull org/name --revision v1.0"
    assert pull(*command.split()[3:]).returncode == 0
    hub.forget()
    assert "model pull" not in run(*arguments, "org/name@v1.0", env=where).stderr
    assert hub.log == []


def test_a_retry_is_told_on_demand(hub, pull):
    hub.rules.append(on(SIGNATURE, refuse(503), times=1))
    result = pull("org/name", "-v")
    assert result.returncode == 0
    assert "answers 503; again in 1 s" in result.stderr and "config.json: fetched" in result.stderr
    assert "\r" not in result.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_what_can_be_gone_on_with(hub, clipclap, where, tmp_path, number):
    hub.rules.append(drip(0.1))
    process = subprocess.Popen(
        [clipclap, "model", "pull", "org/name"], env=environment(**where), stderr=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    parts = []
    while not parts or parts[0].stat().st_size == 0:
        assert process.poll() is None
        parts = list(tmp_path.rglob("*.incomplete"))
        time.sleep(0.02)
    sent = time.monotonic()
    process.send_signal(number)
    output, talk = process.communicate(timeout=30)
    assert time.monotonic() - sent < PATIENCE_SECONDS
    assert (process.returncode, output, talk) == (128 + number, "", "clipclap: stopped\n")
    kept = parts[0].stat().st_size
    assert 0 < kept < len(WEIGHTS) and not list(tmp_path.rglob("model.safetensors"))
    hub.rules.clear()
    again = subprocess.run([clipclap, "model", "pull", "org/name"], env=environment(**where))
    assert again.returncode == 0
    assert hub.requests("GET", SIGNATURE)[-1].headers["range"] == f"bytes={kept}-"


@pytest.mark.parametrize("place", ["asking", "waiting", "locked"])
def test_a_signal_ends_every_wait(hub, clipclap, where, tmp_path, place):
    def silence(request, answer):
        answer.pause = 30
        return answer

    rules = {"asking": on("/api/models", silence), "waiting": on("/api/models", refuse(503, Retry_After="60"))}
    other = None
    if place in rules:
        hub.rules.append(rules[place])
    else:
        hub.rules.append(drip(0.5))
        other = subprocess.Popen([clipclap, "model", "pull", "org/name"], env=environment(**where), stdout=subprocess.DEVNULL)
        while not hub.requests("GET", SIGNATURE):
            time.sleep(0.05)
    process = subprocess.Popen(
        [clipclap, "model", "pull", "org/name"], env=environment(**where), stderr=subprocess.PIPE
    )
    time.sleep(1.5)
    assert process.poll() is None
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert time.monotonic() - sent < PATIENCE_SECONDS
    process.stderr.close()
    if other:
        other.kill()
        other.wait()


def test_progress_on_a_terminal(hub, clipclap, where):
    hub.rules.append(drip(0.05))
    command = [clipclap, "model", "pull", "org/name"]
    terminal = PseudoTerminal(command, columns=80, stdout_too=False, **where)
    output = terminal.process.stdout.read().decode()
    terminal.process.stdout.close()
    assert terminal.finish() == 0
    shown = terminal.text()
    for part in ("MB/s", "left", "MB/2.1 MB", "2/2", "model.safetensors", "█"):
        assert part in shown, shown
    drawn = [part.split("\x1b[?7h")[0] for part in shown.split("\x1b[?7l")[1:]]
    assert all(wcswidth(line) <= 80 for line in drawn)
    assert final_lines(shown) == [""] and output.endswith(f"{'a' * 40}\n")


def test_progress_begins_where_the_last_pull_ended(hub, clipclap, where, pull):
    hub.rules.append(on(SIGNATURE, cut(len(WEIGHTS) * 3 // 4)))
    hub.rules.append(on(SIGNATURE, lambda q, a: refuse(403)(q, a) if "range" in q.headers else None))
    assert pull("org/name").returncode == 3
    hub.rules[:] = [drip(0.1)]
    terminal = PseudoTerminal([clipclap, "model", "pull", "org/name"], **where)
    assert terminal.finish() == 0
    percents = [int(part.split("%")[0][-3:]) for part in terminal.text().split("\x1b[?7l")[1:] if "%" in part]
    assert percents and all(percent >= 70 for percent in percents)


@pytest.mark.parametrize("changes, arguments", [({"TERM": "dumb"}, []), ({}, ["--quiet"])])
def test_no_progress_where_it_does_not_belong(hub, clipclap, where, changes, arguments):
    hub.rules.append(drip(0.05))
    terminal = PseudoTerminal([clipclap, "model", "pull", "org/name", *arguments], **(where | changes))
    assert terminal.finish() == 0
    assert terminal.text().count("\n") == 1 and "\x1b" not in terminal.text()


def test_a_narrow_terminal(hub, clipclap, where):
    hub.rules.append(drip(0.05))
    terminal = PseudoTerminal([clipclap, "model", "pull", "org/name"], columns=30, stdout_too=False, **where)
    terminal.process.stdout.read()
    terminal.process.stdout.close()
    assert terminal.finish() == 0
    drawn = [part.split("\x1b[?7h")[0] for part in terminal.text().split("\x1b[?7l")[1:]]
    assert drawn and all(wcswidth(line) <= 30 for line in drawn)


def test_a_terminal_is_left_clean(hub, clipclap, where):
    hub.rules.append(drip(0.2))
    terminal = PseudoTerminal([clipclap, "model", "pull", "org/name"], **where)
    terminal.read_until("MB/2.1 MB")
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.finish() == 130
    assert final_lines(terminal.text())[-2:] == ["clipclap: stopped", ""]


def test_a_reader_that_has_gone(hub, clipclap, where):
    process = subprocess.Popen(
        [clipclap, "model", "pull", "org/name"], env=environment(**where), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert process.stderr.read() == b"" and os.path.exists(where["HF_HOME"])
    process.stderr.close()
