"""No file name, label or template is changed or misread on its way in."""

import json
import shutil

import pytest

NAMES = ["[1].png", "{}.png", "++", "--labels.png", "-x.png", "tag", "a b.png", "日本.png", "é'\".png"]


def records(result):
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_inputs_of_any_name(run, tmp_path, picture):
    for name in NAMES:
        shutil.copy(picture, tmp_path / name)
    found = records(run("tag", "--labels", "cat", "--", *NAMES, cwd=tmp_path))
    assert [record["file"] for record in found] == NAMES


def test_dashes_may_come_before_the_options_end(run, tmp_path, picture):
    shutil.copy(picture, tmp_path / "-x.png")
    for arguments in (["./-x.png", "--labels", "cat"], ["--labels=cat", picture, "--", "-x.png"]):
        assert records(run("tag", *arguments, cwd=tmp_path))[-1]["file"].endswith("-x.png")


def test_input_names_that_are_not_utf8(run, tmp_path, picture):
    names = [b"gr\xfc\xdf.png", b"\xe6\x97.png", b"\xf0\x9f\x90.png", b"a\xed\xa0\x80.png"]
    for name in names:
        shutil.copy(picture, bytes(tmp_path) + b"/" + name)
    found = records(run("tag", *names, "--labels", "cat", cwd=tmp_path))
    assert [record["file"] for record in found] == [
        name.decode("utf-8", "replace") for name in names
    ]


@pytest.mark.parametrize(
    "text, labels",
    [
        ("[a]", ["[a]"]),
        ("{}", ["{}"]),
        ("cat, dog ", ["cat", "dog"]),
        (r"black\, white,grey", ["black, white", "grey"]),
        ("-x", ["-x"]),
        ("--help", ["--help"]),
        ("犬,🐈,ß\"\\", ["犬", "🐈", 'ß"\\']),
    ],
)
def test_labels_of_any_kind(run, picture, text, labels):
    (found,) = records(run("tag", picture, f"--labels={text}"))
    assert sorted(label["label"] for label in found["labels"]) == sorted(labels)
    assert records(run("tag", picture, "--labels", text)) == [found]


def test_label_files(run, tmp_path, picture):
    path = tmp_path / "labels.txt"
    path.write_bytes("\ufeff# words\r\ncat\r\n\r\n  black dog \r\n#no\r\nBär".encode())
    (found,) = records(run("tag", picture, "--labels", f"@{path}"))
    assert sorted(label["label"] for label in found["labels"]) == ["Bär", "black dog", "cat"]


def test_short_options_go_together(run, tmp_path, picture):
    output = tmp_path / "out"
    result = run("tag", picture, "--labels", "cat", f"-qo{output}")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert json.loads(output.read_text())["file"] == str(picture)


def test_the_locale_changes_nothing(run, picture):
    arguments = ("tag", picture, "--labels", "犬,naïve", "-q")
    plain = run(*arguments)
    for locale in ("C", "POSIX", "de_DE.UTF-8", "tr_TR.UTF-8"):
        assert run(*arguments, env={"LC_ALL": locale}).stdout == plain.stdout


def test_standard_input(run, picture, clip):
    for path, kind in ((picture, "image"), (clip, "video")):
        with path.open("rb") as stream:
            found = records(run("tag", "-", "--labels", "cat", stdin=stream))
        assert {(record["file"], record["kind"]) for record in found} == {("-", kind)}


def test_folders_are_searched(run, tmp_path, picture, clip):
    (tmp_path / "b").mkdir()
    shutil.copy(picture, tmp_path / "b/c.png")
    shutil.copy(clip, tmp_path / "a.mp4")
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden.png").write_text("no picture")
    found = records(run("tag", tmp_path, "--labels", "cat"))
    names = list(dict.fromkeys(record["file"] for record in found))
    assert names == [str(tmp_path / "a.mp4"), str(tmp_path / "b/c.png")]


def test_texts_of_any_kind(run):
    texts = ["[x]", "", "-x", "--text", "{}", "'\"`", "a\nb", "two words"]
    by_one = [part for text in texts for part in ("--text", text)]
    assert [record["text"] for record in records(run("embed", *by_one))] == texts
    together = run("embed", "--text", "--help", "[x]", "++", "--", "-q", "--text")
    assert [record["text"] for record in records(together)] == ["--help", "[x]", "++", "-q", "--text"]


def test_tokens_of_texts(run):
    result = run("tokenize", "-q", "--text", "a cat", "[x]")
    lines = records(result)
    assert [list(line) for line in lines] == [["ids", "mask", "tokens"]] * 2
    for line in lines:
        assert len(line["ids"]) == len(line["mask"]) == len(line["tokens"])


@pytest.mark.parametrize("option", ["--window", "--hop"])
@pytest.mark.parametrize("text", ["0s", "-1s", "5", "soon", "5us", "", "1e400s", "nan"])
def test_lengths_of_time(run, picture, option, text):
    result = run("tag", picture, "--labels", "cat", option, text)
    assert (result.returncode, result.stdout) == (2, "")
    assert option in result.stderr and "such as 5s" in result.stderr and "every" not in result.stderr
