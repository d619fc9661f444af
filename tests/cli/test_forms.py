"""CSV by Python's csv module, subtitles by ffmpeg's own readers, both against the JSON lines."""

import csv
import io
import json
import re
import subprocess

import pytest
from media_files import make_media

LABELS = ["a <b>dog</b> & more", 'say "hi", now', "日本の猫", "x --> y", "plain"]
JOINER = "\u2060"


@pytest.fixture(scope="module")
def tag(run, film):
    words = ",".join(label.replace(",", "\\,") for label in LABELS)

    def run_tag(*options):
        result = run("tag", film, "--labels", words, "-q", "--every", "700ms", *options)
        assert result.returncode == 0, result.stderr
        return result.stdout

    return run_tag


@pytest.fixture(scope="module")
def found(tag):
    return [json.loads(line) for line in tag("--streams", "v:0").splitlines()]


def test_csv_says_what_the_json_lines_say(run, tmp_path, film):
    words = tmp_path / "words.txt"
    words.write_text("\n".join(LABELS), "utf-8")
    name = tmp_path / 'a "film",\nnew.mp4'
    name.write_bytes(film.read_bytes())
    arguments = ["tag", name, "--labels", f"@{words}", "-q"]
    path = tmp_path / "out.csv"
    assert run(*arguments, "--format", "csv", "-o", path).returncode == 0
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, strict=True))
    expected = [
        (record["file"], record["stream"], record["kind"], record["start"], record["end"],
         label["label"], label["score"], label["similarity"])
        for record in map(json.loads, run(*arguments).stdout.splitlines())
        for label in record["labels"]
    ]  # fmt: skip
    assert [
        (row["file"], row["stream"], row["kind"], float(row["start"]), float(row["end"]),
         row["label"], float(row["score"]), float(row["similarity"]))
        for row in rows
    ] == expected  # fmt: skip
    assert {(row["silent"], row["unit"], row["x"], row["box_label"]) for row in rows} == {
        ("false", "", "", "")
    }


def test_csv_tells_silence(run, media):
    sound = make_media(media / "silence.wav", "anullsrc=d=3")
    result = run("tag", sound, "--labels", "cat,dog", "-q", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout, newline="")))
    assert rows and {(row["silent"], row["label"], row["score"]) for row in rows} == {("true", "", "")}


def cues(path):
    """Start, end and text of every cue, as ffmpeg reads them, in milliseconds."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_entries"]
    probe = [*command, "packet=pts_time,duration_time", path]
    told = json.loads(subprocess.run(probe, check=True, capture_output=True).stdout)["packets"]
    decoder = ["ffmpeg", "-v", "error", "-i", path, "-c:s", "ass", "-f", "ass", "-"]
    script = subprocess.run(decoder, check=True, capture_output=True).stdout.decode()
    events = re.findall(r"^Dialogue: (?:[^,]*,){9}(.*)$", script, re.M)
    assert len(events) == len(told)
    for packet, text in zip(told, events, strict=True):
        start = round(float(packet["pts_time"]) * 1000)
        length = round(float(packet["duration_time"]) * 1000)
        yield start, start + length, text.strip("\r").replace(r"\N", "\n").replace(JOINER, "")


def plain_text(label):
    return f"{label['label']} {100 * label['score']:.0f}%"


@pytest.mark.parametrize("form", ["srt", "vtt"])
@pytest.mark.parametrize("options, kept", [([], 1), (["--top", "3"], 3)])
def test_subtitles_are_what_ffmpeg_reads(tag, tmp_path, found, form, options, kept):
    path = tmp_path / f"film.{form}"
    assert tag("--streams", "v:0", "--format", form, "-o", path, *options) == ""
    read = list(cues(path))
    assert len(read) == len(found) > 3
    for (start, end, text), record in zip(read, found, strict=True):
        assert (start, end) == (round(1000 * record["start"]), round(1000 * record["end"]))
        assert text == "\n".join(plain_text(label) for label in record["labels"][:kept])


def test_every_hostile_label_comes_through(tag, tmp_path):
    for form in ("srt", "vtt"):
        path = tmp_path / f"film.{form}"
        tag("--streams", "v:0", "--format", form, "-o", path, "--top", "9")
        for _, _, text in cues(path):
            assert sorted(re.sub(r" \d+%$", "", line) for line in text.split("\n")) == sorted(LABELS)


def test_units_stand_before_the_labels(run, film, tmp_path):
    categories = tmp_path / "units.txt"
    categories.write_text("[one]\n(yes)\na cat\n(no)\na dog\n[two]\n(up)\na shoe\n(down)\na shirt\n")
    path = tmp_path / "film.srt"
    arguments = ["tag", film, "-q", "--streams", "v:0", "--categories", categories, "--top", "1"]
    assert run(*arguments, "--format", "srt", "-o", path).returncode == 0
    records = [json.loads(line) for line in run(*arguments).stdout.splitlines()]
    for (_, _, text), record in zip(cues(path), records, strict=True):
        assert text == "\n".join(
            f"{label['unit']}: {plain_text(label)}" for label in record["labels"]
        )


def test_without_a_label_there_is_no_cue(tag):
    assert tag("--streams", "v:0", "--format", "srt", "--threshold", "1") == ""
    assert tag("--streams", "v:0", "--format", "vtt", "--threshold", "1") == "WEBVTT\n\n"


@pytest.mark.parametrize("form", ["csv", "srt", "vtt"])
def test_embeddings_have_no_place_in_them(run, picture, form):
    result = run("embed", picture, "--format", form)
    assert (result.returncode, result.stdout) == (2, "")
    assert "jsonl, table" in result.stderr
