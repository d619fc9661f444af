"""Detection boxes: each is cut out of its frame, and its results come back to it."""

import pytest
from graphs import LABELS, WORDS, assert_same_labels, labels_of

pytestmark = pytest.mark.memory
KEY = "lavfi.clipclap"
# Of frames of 96×72: one half outside, one without area, one wholly outside.
BOXES = {
    "Person": (4, 8, 40, 32),
    "car": (50, 10, 46, 60),
    "person": (-20, -10, 60, 50),
    "nothing": (10, 10, 0, 12),
    "beyond": (200, 10, 20, 20),
}
DETECTED = "testboxes=boxes='" + "|".join(
    f"{label}/{'/'.join(map(str, box))}" for label, box in BOXES.items()
) + "'"  # fmt: skip


@pytest.fixture(scope="module")
def cropped(ffmpeg, film, tag, tmp_path_factory):
    """What the command line says of the cut out regions, frame by frame."""

    def records(x, y, width, height):
        left, top = max(x, 0), max(y, 0)
        right, bottom = min(x + width, 96), min(y + height, 72)
        path = tmp_path_factory.mktemp("cropped") / "cropped.nut"
        cut = f"crop={right - left}:{bottom - top}:{left}:{top}:exact=1"
        ffmpeg.run("-i", film("rgb24"), "-vf", cut, "-c:v", "rawvideo", path)
        return tag(path, "--labels", ",".join(WORDS), "--every", "1")

    return records


def numbers_of(frame):
    return {int(key.split(".")[3]) for key in frame if key.startswith(f"{KEY}.box.")}


@pytest.mark.parametrize(
    ("target", "numbers"),
    [("person", {0, 2}), ("PERSON|Car", {0, 1, 2}), ("*", {0, 1, 2}), ("nothing|beyond", set()),
     ("pers", set()), ("cat", set())],
)  # fmt: skip
def test_only_the_targets_are_looked_at(ffmpeg, film, target, numbers):
    frames = ffmpeg.frames(film("rgb24"), f"{DETECTED},clipclap={LABELS}:target='{target}'")
    if not numbers:
        assert not any(key.startswith(KEY) for frame in frames for key in frame)
        return
    assert len(frames) == 12
    assert all(numbers_of(frame) == numbers for frame in frames)
    assert all(f"{KEY}.count" not in frame for frame in frames)


def test_each_box_is_cut_out_of_its_frame(ffmpeg, film, cropped):
    graph = f"{DETECTED},clipclap={LABELS}:target='*':batch=5"
    frames = ffmpeg.frames(film("rgb24"), graph)
    for number, name in enumerate(["Person", "car", "person"]):
        for frame, record in zip(frames, cropped(*BOXES[name]), strict=True):
            labels = labels_of(frame, f"{KEY}.box.{number}")
            assert_same_labels(labels, record["labels"])


def test_classifications_are_added_to_the_boxes(ffmpeg, film):
    graph = f"{DETECTED},clipclap={LABELS}:target='person|nothing'"
    frames = ffmpeg.frames(film("rgb24"), graph)
    shown = ffmpeg.boxes(film("rgb24"), graph)
    assert len(shown) == len(frames) == 12
    for frame, boxes in zip(frames, shown, strict=True):
        assert [box["label"] for box in boxes] == list(BOXES)
        assert [box["region"] for box in boxes] == list(BOXES.values())
        for number, box in enumerate(boxes):
            if number not in (0, 2):
                assert box["classified"] == []
                continue
            labels = labels_of(frame, f"{KEY}.box.{number}")
            assert [name for name, _ in box["classified"]] == [e["label"] for e in labels]
            for (_, confidence), entry in zip(box["classified"], labels, strict=True):
                assert confidence == pytest.approx(entry["score"], abs=1e-6)


def test_boxes_have_four_labels_and_metadata_all(ffmpeg, film, tmp_path):
    """All frames share one buffer of boxes, and a second filter adds to what the first left."""
    words = tmp_path / "words.txt"
    long_label = "ü" * 40  # 80 bytes
    words.write_text("\n".join([long_label, "b", "c", "d", "e", "f"]), "utf-8")
    graph = f"{DETECTED},clipclap=labels=@{words}:target=car"
    frames = ffmpeg.frames(film("rgb24"), graph)
    shown = ffmpeg.boxes(film("rgb24"), graph)
    truncated = False
    for frame, boxes in zip(frames, shown, strict=True):
        labels = labels_of(frame, f"{KEY}.box.1")
        assert len(labels) == 6 and long_label in {entry["label"] for entry in labels}
        best = [entry["label"] for entry in labels[:4]]
        truncated |= long_label in best
        # 63 bytes are room for 31 of these characters.
        best = ["ü" * 31 if label == long_label else label for label in best]
        assert [name for name, _ in boxes[1]["classified"]] == best
    assert truncated
    twice = f"{DETECTED},clipclap={LABELS}:target=car,clipclap=labels='x,y':target=car:key=k"
    for boxes in ffmpeg.boxes(film("rgb24"), twice):
        names = [name for name, _ in boxes[1]["classified"]]
        assert set(names[:3]) == set(WORDS) and names[3] in ("x", "y")


def test_a_whole_frame_becomes_a_box(ffmpeg, film):
    graph = f"clipclap={LABELS}:every=2"
    frames = ffmpeg.frames(film("rgb24"), graph)
    shown = ffmpeg.boxes(film("rgb24"), graph)
    assert [len(boxes) for boxes in shown] == [1, 0] * 6
    for frame, (box,) in zip(frames[::1], shown[::2]):
        assert box["region"] == (0, 0, 96, 72)
        assert [name for name, _ in box["classified"]] == [e["label"] for e in labels_of(frame, KEY)]


def test_boxes_that_are_there_stay_without_a_target(ffmpeg, film):
    graph = f"{DETECTED},clipclap={LABELS}"
    assert ffmpeg.boxes(film("rgb24"), graph) == ffmpeg.boxes(film("rgb24"), DETECTED)
    assert all(f"{KEY}.count" in frame for frame in ffmpeg.frames(film("rgb24"), graph))


def test_frames_without_boxes_pass(ffmpeg, film):
    path = film("rgb24")
    graph = f"{DETECTED}:enable='lt(t,1)',clipclap={LABELS}:target=car"
    assert ffmpeg.checksums(path, graph) == ffmpeg.checksums(path, "null")
    frames = ffmpeg.frames(path, graph)
    assert [frame["pts_time"] for frame in frames if numbers_of(frame)] == ["0", "0.25", "0.5", "0.75"]


def test_a_split_stream_keeps_its_boxes(ffmpeg, film):
    """What is added to one copy of a frame must not be seen in the other."""
    graph = (f"{DETECTED},split[a][b];[a]clipclap={LABELS}:target='*'[c];"
             "[b]showinfo[d];[c]nullsink")  # fmt: skip
    done = ffmpeg.attempt("-v", "info", "-i", film("rgb24"), "-filter_complex", graph, "-map", "[d]",
                          "-f", "null", "-")  # fmt: skip
    assert done.returncode == 0
    from graphs import read_boxes

    shown = read_boxes(done.stderr.decode())
    assert len(shown) == 12
    assert all(box["classified"] == [] for boxes in shown for box in boxes)
