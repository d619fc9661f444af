"""--summary: against NumPy over the records; where it goes and when."""

import csv
import io
import json
import os

import numpy
import pytest
from media_files import make_media

LABELS = ["sandal", "shirt", 'a "big", dog', "test pattern"]
WORDS = ",".join(label.replace(",", "\\,") for label in LABELS)


def records(result):
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def read_csv(text):
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    return [{name: as_number(text) for name, text in row.items()} for row in rows]


def as_number(text):
    try:
        return float(text)
    except ValueError:
        return text


def expected_rows(found, threshold):
    """The summary's definition, over records with all labels."""
    streams = {}
    for record in found:
        for label in record["labels"]:
            key = (record["file"], record["stream"], label["label"])
            streams.setdefault(key, []).append((record["start"], record["end"], label["score"]))
    for (file, stream, label), windows in streams.items():
        starts, ends, scores = numpy.array(windows).T
        lengths = ends - starts if (ends > starts).any() else numpy.ones(len(windows))
        yield (file, stream, label), {
            "mean": numpy.average(scores, weights=lengths),
            "peak": scores.max(),
            "peak_seconds": starts[scores.argmax()],
            "share_above": numpy.average(scores >= threshold, weights=lengths),
            "windows": len(windows),
        }


def assert_sums_up(rows, found, threshold):
    expected = dict(expected_rows(found, threshold))
    assert len(rows) == len(expected)
    for row in rows:
        values = expected[row["file"], row["stream"], row["label"]]
        for name, value in values.items():
            assert row[name] == pytest.approx(value, rel=1e-5, abs=1e-6), (row, name)
    for stream in {(row["file"], row["stream"]) for row in rows}:
        means = [row["mean"] for row in rows if (row["file"], row["stream"]) == stream]
        assert means == sorted(means, reverse=True)


@pytest.mark.parametrize("threshold", [None, "0.25"])
@pytest.mark.parametrize("name", ["summary.csv", "summary.json", "summary"])
def test_it_is_numpys_over_all_records(run, tmp_path, film, picture, threshold, name):
    path = tmp_path / name
    options = ["--summary-threshold", threshold] if threshold else []
    inputs = [film, picture, "--labels", WORDS, "-q", "--every", "700ms"]
    found = records(run("tag", *inputs, "--summary", path, *options))
    assert {record["stream"] for record in found} == {"v:0", "a:0"}
    assert found == records(run("tag", *inputs))
    text = path.read_bytes().decode()
    rows = json.loads(text) if name.endswith("json") else read_csv(text)
    assert_sums_up(rows, found, float(threshold or 0.5))


def test_what_the_output_leaves_out_counts(run, tmp_path, clip):
    whole = records(run("tag", clip, "--labels", WORDS, "-q"))
    for options in (["--top", "1"], ["--threshold", "0.9"]):
        path = tmp_path / "summary.json"
        kept = records(run("tag", clip, "--labels", WORDS, "-q", *options, "--summary", path))
        assert kept == records(run("tag", clip, "--labels", WORDS, "-q", *options))
        assert_sums_up(json.loads(path.read_text()), whole, 0.5)


def test_units_are_told_apart(run, tmp_path, clip):
    categories = tmp_path / "units.txt"
    categories.write_text("[one]\n(yes)\na cat\n(no)\na dog\n[two]\n(yes)\na shoe\n(no)\na shirt\n")
    path = tmp_path / "summary.csv"
    found = records(run("tag", clip, "-q", "--categories", categories, "--summary", path))
    rows = read_csv(path.read_bytes().decode())
    assert [row["unit"] for row in rows] == ["one", "one", "two", "two"]
    for row in rows:
        scores = [
            label["score"]
            for record in found
            for label in record["labels"]
            if (label["unit"], label["label"]) == (row["unit"], row["label"])
        ]
        assert row["peak"] == pytest.approx(max(scores), rel=1e-6)


def test_silence_does_not_count(run, tmp_path, media):
    path = tmp_path / "summary.json"
    sound = make_media(media / "half.wav", "sine=d=15,volume=enable='gt(t,7)':volume=0")
    found = records(run("tag", sound, "--labels", WORDS, "-q", "--window", "2s", "--summary", path))
    silent = [record for record in found if record.get("silent")]
    rows = json.loads(path.read_text())
    assert silent and rows[0]["windows"] == len(found) - len(silent)
    assert_sums_up(rows, found, 0.5)


def test_it_goes_to_standard_output_beside_a_file(run, tmp_path, picture):
    output = tmp_path / "out.jsonl"
    result = run("tag", picture, "--labels", WORDS, "-q", "-o", output, "--summary", "-")
    assert result.returncode == 0
    assert [row["label"] for row in read_csv(result.stdout)] == [
        label["label"] for label in json.loads(output.read_text())["labels"]
    ]


def test_it_is_whole_or_not_there(run, tmp_path, picture):
    path = tmp_path / "summary.csv"
    path.write_text("old")
    assert run("tag", "missing.mp4", "--labels", "cat,dog", "--summary", path).returncode == 1
    assert path.read_text() == "old"
    result = run("tag", "missing.mp4", picture, "--labels", "cat,dog", "--summary", path)
    assert result.returncode == 1
    assert {row["file"] for row in read_csv(path.read_text())} == {str(picture)}
    assert os.listdir(tmp_path) == ["summary.csv"]


def test_a_path_that_cannot_be_written_is_found_first(run, tmp_path, picture):
    for path in (tmp_path, tmp_path / "no/such.csv"):
        result = run("tag", picture, "--labels", "cat", "--summary", path, "--model", "none")
        assert (result.returncode, result.stdout) == (3, "")
        (line,) = result.stderr.splitlines()
        assert "cannot write" in line and str(path) in line


@pytest.mark.parametrize(
    "options, expected",
    [
        (["--summary", "-"], "same place"),
        (["--summary", "x.csv", "-o", "x.csv"], "same place"),
        (["--summary", ""], "no name"),
        (["--summary-threshold", "0.5"], "--summary-threshold is for --summary"),
        (["--summary", "x.csv", "--summary-threshold", "1.5"], "from 0 to 1"),
    ],
)
def test_what_cannot_be_meant(run, options, expected):
    result = run("tag", "none.mp4", "--labels", "cat", *options)
    assert (result.returncode, result.stdout) == (2, "")
    assert expected in result.stderr


def test_an_input_is_not_overwritten(run, tmp_path, picture):
    copy = tmp_path / "picture.png"
    copy.write_bytes(picture.read_bytes())
    result = run("tag", copy, "--labels", "cat", "--summary", copy)
    assert result.returncode == 2 and "--summary" in result.stderr
    assert copy.read_bytes() == picture.read_bytes()
