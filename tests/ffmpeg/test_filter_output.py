"""What the filters write beside the frames: records in every form, and averages."""

import csv
import io
import json
import subprocess

import pytest
from graphs import LABELS, WORDS, assert_same_labels, labels_of

pytestmark = pytest.mark.memory
KEY = "lavfi.clipclap"


def write(ffmpeg, path, graph, *options):
    ffmpeg.run("-y", "-i", path, "-vf", graph, *options, "-f", "null", "-")


def test_lines_of_json_are_the_metadata(ffmpeg, film, tmp_path):
    out = tmp_path / "out.jsonl"
    graph = f"clipclap={LABELS}:output={out}:input_name=film.nut:stream='v\\:3'"
    frames = ffmpeg.frames(film("rgb24"), graph)
    records = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len(records) == len(frames) == 12
    for frame, record in zip(frames, records, strict=True):
        assert (record["file"], record["stream"]) == ("film.nut", "v:3")
        assert record["start"] == pytest.approx(float(frame["pts_time"]), abs=1e-6)
        assert record["end"] == pytest.approx(record["start"] + 0.25, abs=1e-6)
        assert_same_labels(labels_of(frame, KEY), record["labels"])


def test_forms_for_tables_and_subtitles(ffmpeg, film, tmp_path):
    table = tmp_path / "out.csv"
    words = tmp_path / "words.txt"
    words.write_text('a "quoted" one\none, two\nplain\n', "utf-8")
    write(ffmpeg, film("rgb24"), f"clipclap=labels=@{words}:output={table}:format=csv")
    rows = list(csv.DictReader(io.StringIO(table.read_text("utf-8"), newline="")))
    assert {row["label"] for row in rows} == {'a "quoted" one', "one, two", "plain"}
    assert len(rows) == 12 * 3
    for form in ("srt", "vtt"):
        out = tmp_path / f"out.{form}"
        write(ffmpeg, film("rgb24"), f"clipclap={LABELS}:output={out}:format={form}:top=1:every=1s")
        shown = subprocess.run(
            ["ffprobe", "-v", "error", "-show_entries", "packet=pts_time", "-of", "json", out],
            capture_output=True, check=True,
        )  # fmt: skip
        times = [float(packet["pts_time"]) for packet in json.loads(shown.stdout)["packets"]]
        # A label that stays best may stay on the screen.
        assert times[0] == 0 and set(times) <= {0, 1, 2}


def test_a_line_is_there_as_soon_as_its_frame_is(ffmpeg, film):
    """Behind a source that stays open, every frame but the one that is waited for has its line."""
    frame = bytes(96 * 72)
    command = [ffmpeg.folder / "ffmpeg", "-v", "error", "-f", "rawvideo", "-s", "96x72", "-pix_fmt",
               "gray", "-r", "4", "-probesize", "32", "-i", "pipe:0", "-vf",
               f"clipclap={LABELS}:async=0:output=-", "-f", "null", "-"]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdin.write(frame * 40)
        process.stdin.flush()
        for number in range(5):
            record = json.loads(process.stdout.readline())
            assert record["start"] == pytest.approx(number / 4)
        process.stdin.close()
        assert len(process.stdout.read().splitlines()) == 35
    assert process.returncode == 0


def test_a_full_disk_is_an_error(ffmpeg, film):
    graph = f"clipclap={LABELS}:output=/dev/full"
    told = ffmpeg.refuse("-i", film("gray"), "-vf", graph, "-f", "null", "-")
    assert "/dev/full: cannot be written: No space left on device" in told


def averages(records):
    """Mean, peak and count of each label, all windows alike long."""
    scores = {}
    for record in records:
        for entry in record["labels"]:
            scores.setdefault(entry["label"], []).append(entry["score"])
    return {
        label: (sum(values) / len(values), max(values), len(values))
        for label, values in scores.items()
    }


def read_summary(path):
    if path.suffix == ".json":
        return json.loads(path.read_text("utf-8"))
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))


def assert_is_summary_of(path, records):
    rows, expected = read_summary(path), averages(records)
    assert {row["label"] for row in rows} == set(expected)
    for row in rows:
        mean, peak, count = expected[row["label"]]
        assert float(row["mean"]) == pytest.approx(mean, abs=1e-5)
        assert float(row["peak"]) == pytest.approx(peak, abs=1e-5)
        assert int(row["windows"]) == count


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("frames", [None, 5, 1])
def test_averages_at_the_end(ffmpeg, film, tmp_path, form, frames):
    """Also where the run ends before the film, by -frames:v: over the frames that were passed."""
    summary, out = tmp_path / f"summary.{form}", tmp_path / "out.jsonl"
    graph = f"clipclap={LABELS}:summary={summary}:output={out}"
    write(ffmpeg, film("rgb24"), graph, *(["-frames:v", frames] if frames else []))
    records = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert len(records) >= (frames or 12)
    assert_is_summary_of(summary, records)


@pytest.mark.parametrize("end", [["-t", "1"], ["-ss", "0.5", "-t", "1"], ["-frames:v", "3"]])
def test_averages_count_what_the_threshold_leaves_out(ffmpeg, film, tmp_path, end):
    summary, out = tmp_path / "summary.csv", tmp_path / "out.jsonl"
    # Two filters: one says all, the other nothing, and their averages are the same.
    graph = f"clipclap={LABELS}:output={out},clipclap={LABELS}:confidence=1:top=1:summary={summary}"
    write(ffmpeg, film("rgb24"), graph, *end)
    rows = read_summary(summary)
    records = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    count = int(rows[0]["windows"])
    assert 3 <= count <= len(records)
    assert_is_summary_of(summary, records[:count])


def test_writeinfo_and_flush(ffmpeg, film, tmp_path):
    summary = tmp_path / "summary.csv"
    commands = tmp_path / "commands.txt"
    commands.write_text("1.0 clipclap flush;\n")
    graph = f"sendcmd=f={commands},clipclap={LABELS}:summary={summary}:async=0"
    write(ffmpeg, film("rgb24"), graph)
    assert all(int(row["windows"]) in (8, 9) for row in read_summary(summary))

    # Written midway, then the run is killed: what was written is there.
    commands.write_text("2.0 clipclap writeinfo;\n")
    command = [ffmpeg.folder / "ffmpeg", "-v", "error", "-readrate", "1", "-i", film("rgb24"), "-vf",
               f"{graph},metadata=print:file=-:direct=1", "-f", "null", "-"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith("frame:9 "):
                process.kill()
                break
    assert all(int(row["windows"]) in (7, 8) for row in read_summary(summary))


def test_commands_without_a_summary_are_refused(ffmpeg, film, tmp_path):
    commands = tmp_path / "commands.txt"
    commands.write_text("1.0 clipclap writeinfo;\n")
    done = ffmpeg.attempt("-v", "error", "-i", film("gray"), "-vf",
                          f"sendcmd=f={commands},clipclap={LABELS}", "-f", "null", "-")  # fmt: skip
    assert b"there is no summary; give summary=FILE" in done.stderr
