"""On a terminal: a table, colours and progress. Anywhere else: none of them."""

import json

import pytest
from pseudo_terminal import PseudoTerminal, final_lines
from wcwidth import wcswidth

LABELS = "cat,ankle boot,日本の猫,naïve"
ERASE = "\r\x1b[2K"


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_terminal_gets_a_table_that_fits(clipclap, clip, picture, columns):
    terminal = PseudoTerminal([clipclap, "tag", clip, picture, "--labels", LABELS, "-q"], columns)
    assert terminal.finish() == 0
    lines = final_lines(terminal.text())
    assert all(wcswidth(line) <= columns for line in lines)
    # A heading and a row a second, an empty line, a heading and a row.
    assert len([line for line in lines if "%" in line]) == 4 + 1
    assert lines[0].endswith(".mp4") and lines[-2 - 1].endswith("image")
    assert "00:00.000–00:01.000" in lines[1]
    assert "\x1b[1;32m" in terminal.text()


def test_colour_can_be_refused(clipclap, picture):
    for changes in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        command = [clipclap, "tag", picture, "--labels", LABELS, "-q"]
        terminal = PseudoTerminal(command, **changes)
        assert terminal.finish() == 0
        assert "\x1b" not in terminal.text()


def test_columns_can_be_told(run, picture):
    arguments = ["tag", picture, "--labels", LABELS, "-q", "--format", "table"]
    for columns in (20, 40):
        text = run(*arguments, env={"COLUMNS": str(columns)}).stdout
        assert max(map(wcswidth, text.splitlines())) <= columns


def test_progress_is_drawn_on_stderr_and_taken_away(clipclap, clip, picture):
    command = [clipclap, "tag", clip, picture, "--labels", "cat", "--every", "1"]
    terminal = PseudoTerminal(command, stdout_too=False)
    data = terminal.process.stdout.read().decode()
    terminal.process.stdout.close()
    assert terminal.finish() == 0
    assert len([json.loads(line) for line in data.splitlines()]) == 41
    shown = terminal.text()
    assert "windows/s" in shown and "realtime" in shown and "left" in shown and "2/2" in shown
    (note, rest) = final_lines(shown)
    assert "demo model" in note and rest == ""


def test_progress_gives_way_to_talk(clipclap, clip):
    command = [clipclap, "tag", clip, "missing.mp4", clip, "--labels", "cat"]
    terminal = PseudoTerminal(command)
    assert terminal.finish() == 1
    lines = final_lines(terminal.text())
    assert [line for line in lines if "missing" in line] == [
        line for line in lines if line.startswith("clipclap: missing.mp4: ")
    ]
    assert not any("windows/s" in line or "left" in line for line in lines)
    assert terminal.text().count(ERASE) >= 2


def test_a_progress_line_fits_a_narrow_terminal(clipclap, clip):
    command = [clipclap, "tag", clip, "--labels", "cat"]
    terminal = PseudoTerminal(command, columns=30, stdout_too=False)
    terminal.process.stdout.read()
    terminal.process.stdout.close()
    assert terminal.finish() == 0
    drawn = [part.split("\x1b[?7h")[0] for part in terminal.text().split("\x1b[?7l")[1:]]
    assert drawn and all(wcswidth(line) <= 30 for line in drawn)


@pytest.mark.parametrize("changes", [{"TERM": "dumb"}, {}])
def test_no_progress_where_it_does_not_belong(run, clipclap, clip, changes):
    assert "\r" not in run("tag", clip, "--labels", "cat").stderr
    if changes:
        terminal = PseudoTerminal([clipclap, "tag", clip, "--labels", "cat"], **changes)
    else:
        terminal = PseudoTerminal([clipclap, "tag", clip, "--labels", "cat", "--quiet"])
    assert terminal.finish() == 0
    assert ERASE not in terminal.text() and "windows/s" not in terminal.text()
