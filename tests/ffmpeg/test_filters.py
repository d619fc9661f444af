"""clipclap: frames pass as they came, and carry what the command line says of the same frames."""

import subprocess

import pytest
from graphs import LABELS, WORDS, assert_same_labels, labels_of

KEY = "lavfi.clipclap"
FORMATS = ["yuv420p", "nv12", "rgb24", "gray", "yuv444p10le", "bgra"]
EVERY_FRAME = ("--labels", ",".join(WORDS), "--every", "1")


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_frames_pass_unchanged(ffmpeg, film, pixel_format):
    path = film(pixel_format)
    passed = ffmpeg.checksums(path, f"clipclap={LABELS}")
    assert passed == ffmpeg.checksums(path, "null")
    assert len([line for line in passed if not line.startswith("#")]) == 12


def test_checksums_are_those_of_stock_ffmpeg(ffmpeg, film):
    """Debian's, which knows no filter of this project."""
    path = film("yuv420p")
    ends = ("-bitexact", "-f", "framecrc", "-")
    command = ["ffmpeg", "-v", "error", "-i", path, "-vf", "null", *ends]
    stock = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert stock.count("\n0,") == 12
    assert ffmpeg.run("-i", path, "-vf", f"clipclap={LABELS}", *ends) == stock


@pytest.mark.parametrize("size", ["320x240", "33x17", "2x300"])
@pytest.mark.parametrize("options", ["async=1", "async=0", "batch=3:nireq=1", "every=4", "every=1s"])
def test_frames_of_any_size_pass_unchanged(ffmpeg, size, options):
    source = ["-f", "lavfi", "-i", f"testsrc2=s={size}:d=1:r=10,format=yuv444p"]
    ends = ["-f", "framemd5", "-"]
    passed = ffmpeg.run(*source, "-vf", f"clipclap={LABELS}:{options}", *ends)
    assert passed == ffmpeg.run(*source, "-vf", "null", *ends)


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_scores_are_the_command_lines(ffmpeg, film, tag, pixel_format):
    path = film(pixel_format)
    frames = ffmpeg.frames(path, f"clipclap={LABELS}")
    records = tag(path, *EVERY_FRAME)
    assert len(frames) == len(records) == 12
    for frame, record in zip(frames, records, strict=True):
        assert float(frame["pts_time"]) == pytest.approx(record["start"], abs=1e-6)
        assert_same_labels(labels_of(frame, KEY), record["labels"])


def test_waiting_together_or_not_makes_no_difference(ffmpeg, film):
    alone = ffmpeg.frames(film("yuv420p"), f"clipclap={LABELS}:async=0")
    for options in ("batch=5:nireq=2", "batch=64", "held_megabytes=0", "batch=1"):
        frames = ffmpeg.frames(film("yuv420p"), f"clipclap={LABELS}:{options}")
        assert [frame["pts_time"] for frame in frames] == [frame["pts_time"] for frame in alone]
        for frame, expected in zip(frames, alone, strict=True):
            assert_same_labels(labels_of(frame, KEY), labels_of(expected, KEY))


def test_words_and_scores_follow_the_options(ffmpeg, film, tag, tmp_path):
    path = film("rgb24")
    words = tmp_path / "words.txt"
    words.write_text("# fruit\napple\nüber\n\na, b\n", "utf-8")
    for labels in (f"labels=@{words}", f"labels={words}"):
        graph = (f"clipclap={labels}:template='a photo of {{}}|a drawing of {{}}'"
                 ":temperature=2:logit_scale=30:top=2:confidence=0.2")  # fmt: skip
        frames = ffmpeg.frames(path, graph)
        # The command line has no scale of its own for models that have one.
        records = tag(path, "--labels", f"@{words}", "--every", "1", "--template",
                      "a photo of {}", "--template", "a drawing of {}")  # fmt: skip
        for frame, record in zip(frames, records, strict=True):
            labels = labels_of(frame, KEY)
            assert len(labels) <= 2 and all(entry["score"] >= 0.2 for entry in labels)
            cosines = {entry["label"]: entry["similarity"] for entry in record["labels"]}
            for entry in labels:
                assert entry["similarity"] == pytest.approx(cosines[entry["label"]], abs=1e-6)
            expected = softmax({name: cosine * 15 for name, cosine in cosines.items()})
            for entry in labels:
                assert entry["score"] == pytest.approx(expected[entry["label"]], abs=1e-5)


def softmax(logits: dict) -> dict:
    import math

    total = sum(math.exp(logit) for logit in logits.values())
    return {name: math.exp(logit) / total for name, logit in logits.items()}


@pytest.mark.parametrize("start", ["0.6", "1", "2.6"])
def test_frames_behind_a_seek(ffmpeg, film, tag, start):
    path = film("yuv420p")
    frames = ffmpeg.frames(path, f"clipclap={LABELS}:batch=3", before=("-copyts", "-ss", start))
    records = [r for r in tag(path, *EVERY_FRAME) if r["start"] >= float(start) - 1e-6]
    assert 0 < len(records) < 12
    for frame, record in zip(frames, records, strict=True):
        assert float(frame["pts_time"]) == pytest.approx(record["start"], abs=1e-6)
        assert_same_labels(labels_of(frame, KEY), record["labels"])


@pytest.mark.parametrize("every", ["3", "0.5s", "600ms"])
def test_every(ffmpeg, film, tag, every):
    frames = ffmpeg.frames(film("yuv420p"), f"clipclap={LABELS}:every={every}")
    records = tag(film("yuv420p"), "--labels", ",".join(WORDS), "--every", every)
    # Frames without metadata are printed too, by their time alone.
    seen = [frame for frame in frames if f"{KEY}.count" in frame]
    assert len(seen) == len(records) < 12
    for frame, record in zip(seen, records, strict=True):
        assert float(frame["pts_time"]) == pytest.approx(record["start"], abs=1e-6)
        assert_same_labels(labels_of(frame, KEY), record["labels"])


def test_the_end_of_the_stream_is_inside_a_batch(ffmpeg, film):
    for count in (1, 2, 5):
        frames = ffmpeg.frames(film("gray"), f"trim=end_frame={count},clipclap={LABELS}:batch=4")
        assert len(frames) == count
        assert all(f"{KEY}.count" in frame for frame in frames)


@pytest.mark.memory
def test_an_empty_stream_ends(ffmpeg, film):
    graph = f"select=0,clipclap={LABELS}:batch=4"
    assert ffmpeg.run("-i", film("gray"), "-vf", graph, "-f", "framemd5", "-").count("\n0,") == 0


def test_timeline(ffmpeg, film):
    path = film("yuv420p")
    graph = f"clipclap={LABELS}:enable='between(t,0.9,2.1)'"
    frames = ffmpeg.frames(path, graph)
    assert ffmpeg.checksums(path, graph) == ffmpeg.checksums(path, "null")
    for frame in ffmpeg_all_times(ffmpeg, path):
        printed = next((f for f in frames if f["pts_time"] == frame), {})
        assert (f"{KEY}.count" in printed) == (0.9 <= float(frame) <= 2.1)


def ffmpeg_all_times(ffmpeg, path):
    # A key on every frame makes `metadata` print every frame.
    every = ffmpeg.frames(path, "metadata=add:key=k:value=v")
    assert len(every) == 12
    return [frame["pts_time"] for frame in every]


@pytest.mark.memory
def test_commands(ffmpeg, film, tmp_path):
    commands = tmp_path / "commands.txt"
    commands.write_text(
        "1.0 clipclap labels 'banana,toucan';\n2.0 clipclap confidence 0.6;\n", "utf-8"
    )
    frames = ffmpeg.frames(film("rgb24"), f"sendcmd=f={commands},clipclap={LABELS}")
    for frame in frames:
        labels = labels_of(frame, KEY)
        time = float(frame["pts_time"])
        words = WORDS if time < 1 else ["banana", "toucan"]
        assert {entry["label"] for entry in labels} <= set(words)
        assert time >= 2 or len(labels) == len(words)
        assert time < 2 or all(entry["score"] >= 0.6 for entry in labels)
    assert any(len(labels_of(frame, KEY)) < 2 for frame in frames if float(frame["pts_time"]) >= 2)


@pytest.mark.memory
def test_a_command_that_cannot_be_leaves_all_as_it_was(ffmpeg, film, tmp_path):
    commands = tmp_path / "commands.txt"
    commands.write_text("1.0 clipclap labels 'a,a';\n1.0 clipclap confidence much;\n", "utf-8")
    frames = ffmpeg.frames(film("rgb24"), f"sendcmd=f={commands},clipclap={LABELS}")
    assert len(frames) == 12
    assert all({e["label"] for e in labels_of(frame, KEY)} == set(WORDS) for frame in frames)


@pytest.mark.memory
def test_categories(ffmpeg, film, tag, tmp_path):
    categories = tmp_path / "categories.txt"
    categories.write_text(
        "[kind]\n(person)\na face\na man\na woman\n(thing)\na boot\n[light]\n(bright)\nday\n(dark)\nnight\n",
        "utf-8",
    )
    frames = ffmpeg.frames(film("rgb24"), f"clipclap=categories={categories}")
    records = tag(film("rgb24"), "--categories", categories, "--every", "1")
    for frame, record in zip(frames, records, strict=True):
        labels = labels_of(frame, KEY)
        units = [frame[f"{KEY}.{rank}.unit"] for rank in range(len(labels))]
        assert units == ["kind", "kind", "light", "light"]
        for unit in ("kind", "light"):
            scores = [e["score"] for e, name in zip(labels, units, strict=True) if name == unit]
            assert sum(scores) == pytest.approx(1, abs=1e-5) and scores == sorted(scores)[::-1]
        assert units == [entry["unit"] for entry in record["labels"]]
        assert_same_labels(labels, record["labels"])


def test_labels_stay_on_their_line(ffmpeg, film, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("a=b=c\nback\\slash\ntab\there\n", "utf-8")
    for frame in ffmpeg.frames(film("gray"), f"clipclap=labels=@{words}"):
        escaped = {entry["label"] for entry in labels_of(frame, KEY)}
        assert escaped == {"a=b=c", "back\\\\slash", "tab\\there"}


def test_two_filters_keep_apart(ffmpeg, film):
    graph = f"clipclap={LABELS},clipclap=labels='a,b':key=lavfi.second"
    for frame in ffmpeg.frames(film("rgb24"), graph):
        assert {entry["label"] for entry in labels_of(frame, KEY)} == set(WORDS)
        assert {entry["label"] for entry in labels_of(frame, "lavfi.second")} == {"a", "b"}


def test_ffprobe_shows_the_results(ffmpeg, film, tag):
    graph = f"movie={film('rgb24')},clipclap={LABELS}:every=5"
    shown = ffmpeg.probe(graph, "frame=pts_time:frame_tags")["frames"]
    records = tag(film("rgb24"), *EVERY_FRAME)
    tagged = [frame["tags"] for frame in shown if f"{KEY}.count" in frame.get("tags", {})]
    assert len(shown) == 12 and len(tagged) == 3
    for tags, record in zip(tagged, records[::5], strict=True):
        assert_same_labels(labels_of(tags, KEY), record["labels"])


@pytest.mark.memory
@pytest.mark.parametrize(
    ("options", "waiting"), [((), "async=0"), (("-reinit_filter", "0"), "batch=3")]
)
def test_frames_that_change_their_size_and_format(ffmpeg, photographs, tag, tmp_path, options, waiting):
    """ffmpeg builds the graph anew for them, which drops what waits in it, or leaves it as it is."""
    from PIL import Image

    records = []
    kinds = [((96, 72), "RGB"), ((96, 72), "L"), ((33, 50), "RGB"), ((160, 120), "RGBA")]
    for number, (size, mode) in enumerate(kinds):
        picture = tmp_path / f"{number}.png"
        Image.open(photographs[number]).convert(mode).resize(size).save(picture)
        records += tag(picture, "--labels", ",".join(WORDS))
    frames = ffmpeg.frames(tmp_path / "%d.png", f"clipclap={LABELS}:{waiting}", before=options)
    assert len(frames) == len(records) == 4
    for frame, record in zip(frames, records, strict=True):
        assert_same_labels(labels_of(frame, KEY), record["labels"])


REFUSALS = {
    "clipclap": "labels",
    f"clipclap={LABELS}:categories=x.txt": "categories",
    "clipclap=labels='a,a'": "a",
    "clipclap=labels=@/none/words.txt": "/none/words.txt",
    "clipclap=categories=/none/categories.txt": "/none/categories.txt",
    f"clipclap={LABELS}:model=/none/model": "/none/model",
    f"clipclap={LABELS}:model=''": "model",
    f"clipclap={LABELS}:model=embedded\\\\:demo-audio": "aclipclap",
    f"clipclap={LABELS}:device=abacus": "abacus",
    f"clipclap={LABELS}:precision=fp1": "fp1",
    f"clipclap={LABELS}:every=sometimes": "sometimes",
    f"clipclap={LABELS}:every=0": "every",
    f"clipclap={LABELS}:template=nothing": "{}",
    f"clipclap={LABELS}:output=/none/out.jsonl": "/none/out.jsonl",
    f"clipclap={LABELS}:output=out:format=xml": "xml",
    f"clipclap={LABELS}:summary=/none/summary.csv": "/none/summary.csv",
    f"clipclap={LABELS}:summary=summary.txt": "summary.txt",
    f"clipclap={LABELS}:tokenizer=x": "tokenizer",
    f"clipclap={LABELS}:input_res=224": "",
}


@pytest.mark.memory
@pytest.mark.parametrize("graph", REFUSALS)
def test_what_cannot_be_is_told_in_one_line(ffmpeg, film, graph):
    told = ffmpeg.told_by("clipclap", "-i", film("gray"), "-vf", graph, "-f", "null", "-")
    assert len(told) == 1 and REFUSALS[graph] in told[0], told
