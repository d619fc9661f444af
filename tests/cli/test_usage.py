"""What cannot be meant is exit code 2 and one line that names the option and the remedy."""

import pytest

TAG = ["tag", "none.mp4", "--labels", "cat"]

WRONG = [
    (["tagg"], "tag"),
    (["--wrong"], "--wrong"),
    (["tag", "none.mp4"], "--labels"),
    (["tag", "--labels", "cat"], "INPUT"),
    (["tag", "", "--labels", "cat"], "INPUT"),
    (["tag", "-", "-", "--labels", "cat"], "standard input"),
    (["tag", "none.mp4", "--lables", "cat"], "--labels"),
    (["tag", "none.mp4", "--labels"], "--labels"),
    (["tag", "none.mp4", "--labels", "cat", "--labels", "dog"], "--labels"),
    ([*TAG, "--quiet=yes"], "--quiet"),
    ([*TAG, "-x"], "-x"),
    ([*TAG, "--every", "1s", "--keyframes"], "--keyframes"),
    ([*TAG, "--target", "person"], "--boxes"),
    ([*TAG, "--boxes", "none.jsonl"], "none.jsonl"),
    (["embed", "none.mp4", "--boxes", "none.jsonl"], "--boxes"),
    ([*TAG, "--format", "xml"], "jsonl, table, csv, srt, vtt"),
    ([*TAG, "--template", "a photo"], "{}"),
    ([*TAG, "--template", "{} and {}"], "{}"),
    ([*TAG, "--template", ""], "{}"),
    (["embed"], "--text"),
    (["embed", "none.mp4", "--text", "cat"], "--text"),
    (["embed", "--labels", "cat"], "--labels"),
    (["tokenize"], "--text"),
    (["tokenize", "cat", "--text", "dog"], "cat"),
    (["model", "inf"], "info"),
    (["model", "info", "a", "b"], '"b"'),
    (["completion", "tcsh"], "bash, zsh, fish"),
    (["completion"], "SHELL"),
]

NUMBERS = {
    "--top": ("from 1 to", ["0", "-1", "1.5", "x", "", "1e3", "99999999999999999999", " 1", "+1"]),
    "--batch": ("from 1 to", ["0", "-4", "x", "5000"]),
    "--threads": ("from 1 to", ["0", "-1", "many"]),
    "--temperature": ("from 0.0001 to", ["0", "-1", "nan", "inf", "-0", "1,5", "1e400", "0x1"]),
    "--logit-scale": ("from 1e-06 to", ["0", "-1", "nan", "x"]),
    "--threshold": ("from 0 to 1", ["-0.1", "1.01", "nan", "NaN", "inf", "half", "50%"]),
    "--every": ("every", ["0", "0s", "-1s", "nan", "1h2", "1.5", "s", "", "1 s", "1e9999s"]),
}


def assert_usage_error(result, expected: str) -> None:
    assert (result.returncode, result.stdout) == (2, "")
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("clipclap: "), result.stderr
    assert expected in lines[0]


@pytest.mark.parametrize("arguments, expected", WRONG)
def test_wrong_usage(run, arguments, expected):
    assert_usage_error(run(*arguments), expected)


@pytest.mark.parametrize(
    "option, expected, value",
    [(option, text, value) for option, (text, values) in NUMBERS.items() for value in values],
)
def test_wrong_numbers(run, option, expected, value):
    result = run(*TAG, option, value)
    assert_usage_error(result, expected)
    assert f"{option}: " in result.stderr


@pytest.mark.parametrize(
    "contents, expected",
    [
        (b"", "no label"),
        (b"# only\n\n  \n# comments\n", "no label"),
        (b"\xef\xbb\xbf", "no label"),
        ("cat\nBär\n".encode("latin-1"), "line 2"),
        (b"cat\ndog\r\n cat \n", "line 3"),
    ],
)
def test_wrong_label_files(run, tmp_path, contents, expected):
    path = tmp_path / "labels.txt"
    path.write_bytes(contents)
    result = run("tag", "none.mp4", "--labels", f"@{path}")
    assert_usage_error(result, expected)
    assert str(path) in result.stderr


def test_wrong_label_lists(run, tmp_path):
    assert_usage_error(run("tag", "none.mp4", "--labels", "cat,dog,cat"), '"cat"')
    assert_usage_error(run("tag", "none.mp4", "--labels", "cat,,dog"), "label 2")
    assert_usage_error(run("tag", "none.mp4", "--labels", ""), "label 1")
    assert_usage_error(run("tag", "none.mp4", "--labels", b"b\xe4r"), "UTF-8")
    assert_usage_error(run("tag", "none.mp4", "--labels", f"@{tmp_path}/none"), "none")
    assert_usage_error(run("tag", "none.mp4", "--labels", f"@{tmp_path}"), str(tmp_path))


@pytest.mark.parametrize("excluded", [["--every", "2s"], ["--keyframes"], ["--fast"], ["--skip-similar"]])
def test_boxes_say_which_frames(run, tmp_path, excluded):
    path = tmp_path / "boxes.jsonl"
    path.write_text('{"frame":0,"box":[0,0,8,8]}\n')
    assert_usage_error(run(*TAG, "--boxes", path, *excluded), excluded[0])


def test_wrong_boxes_are_told_with_their_line(run, tmp_path):
    path = tmp_path / "boxes.jsonl"
    path.write_text('{"frame":0,"box":[0,0,8,8]}\n{"frame":0,"box":[0,0,8]}\n')
    result = run(*TAG, "--boxes", path)
    assert_usage_error(result, f"--boxes: {path}, line 2: ")


def test_usage_errors_come_before_the_work(run, tmp_path):
    output = tmp_path / "out"
    run(*TAG, "--top", "0", "-o", output)
    assert list(tmp_path.iterdir()) == []
