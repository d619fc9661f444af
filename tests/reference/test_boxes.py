"""--boxes looks at regions as `tag` looks at what Pillow cuts out and saves."""

import json
import subprocess

import pytest
from media_probe import Probe, ffmpeg, frame_times
from PIL import Image
from program import Program
from test_media_pictures import matrix_of, set_track_matrix

WORDS = ["--labels", "person,car,tree,a street,a dog,grey", "--model", "embedded:demo", "-q"]
COUNT, SIZE = 12, (320, 240)

#: Frame, box, label: several a frame, frames without, odd corners, one pixel, everything.
FOUND = [
    (1, [0, 0, 320, 240], "whole"),
    (1, [33, 17, 101, 75], "Person"),
    (4, [201, 111, 57, 99], "car"),
    (4, [1, 1, 1, 1], "dot"),
    (4, [120, 60, 200, 180], "person"),
    (9, [7, 200, 313, 3], "strip"),
    (11, [100, 100, 64, 64], "BÄR"),
]


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("boxes")


@pytest.fixture(scope="module")
def stills(folder, photographs):
    """The film's frames as pictures."""
    film = photographs[0].parent / "vtest.avi"
    ffmpeg("-i", film, "-vf", f"scale={SIZE[0]}:{SIZE[1]}", "-frames:v", COUNT, "-pix_fmt", "rgb24", folder / "still%02d.png")
    return sorted(folder.glob("still*.png"))


@pytest.fixture(scope="module")
def film(folder, stills):
    """Lossless, and none of its times but each third is a whole number of milliseconds."""
    path = folder / "film.nut"
    ffmpeg("-framerate", "30", "-i", folder / "still%02d.png", "-c:v", "ffv1", "-pix_fmt", "bgr0", path)
    return path


@pytest.fixture(scope="module")
def yuv_film(folder, film):
    path = folder / "yuv.mkv"
    ffmpeg("-i", film, "-vf", "scale=flags=accurate_rnd+full_chroma_int", "-c:v", "ffv1", "-pix_fmt", "yuv420p", "-color_range", "tv", "-colorspace", "smpte170m", path)
    return path


def write_boxes(path, entries):
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), "utf-8")
    return path


def by_number(found=FOUND):
    return [{"frame": frame, "box": box, "label": label} for frame, box, label in found]


def cut(image, box, path):
    left, top, width, height = box
    image.convert("RGB").crop((left, top, left + width, top + height)).save(path)
    return path


def largest_difference(record, reference) -> float:
    assert record["labels"][0]["label"] == reference["labels"][0]["label"]
    expected = {entry["label"]: entry["score"] for entry in reference["labels"]}
    scores = {entry["label"]: entry["score"] for entry in record["labels"]}
    assert scores.keys() == expected.keys()
    return max(abs(scores[label] - expected[label]) for label in scores)


def assert_equal_to_cuts(program, records, pictures, folder, tolerance):
    """`pictures`: what each record's region is cut from."""
    parts = [cut(picture, record["box"], folder / f"part{i}.png") for i, (picture, record) in enumerate(zip(pictures, records, strict=True))]
    references = program.records("tag", *parts, *WORDS)
    differences = [largest_difference(a, b) for a, b in zip(records, references, strict=True)]
    assert max(differences) <= tolerance, differences


def test_a_film_s_boxes_are_cuts_of_its_frames(program, film, stills, tmp_path):
    boxes = write_boxes(tmp_path / "boxes.jsonl", by_number())
    records = program.records("tag", film, "--boxes", boxes, *WORDS)
    assert [(r["box"], r["box_label"]) for r in records] == [(box, label) for _, box, label in FOUND]
    times = frame_times(film)
    assert [r["start"] for r in records] == pytest.approx([times[frame] for frame, _, _ in FOUND], abs=1e-6)
    assert {(r["file"], r["stream"], r["kind"]) for r in records} == {(str(film), "v:0", "video")}
    pictures = [Image.open(stills[frame]) for frame, _, _ in FOUND]
    assert_equal_to_cuts(program, records, pictures, tmp_path, 1e-5)


def test_times_are_those_of_every_frame(program, film, tmp_path):
    boxes = write_boxes(tmp_path / "boxes.jsonl", by_number())
    every = program.records("tag", film, "--every", 1, *WORDS)
    records = program.records("tag", film, "--boxes", boxes, *WORDS)
    expected = [(every[frame]["start"], every[frame]["end"]) for frame, _, _ in FOUND]
    assert [(r["start"], r["end"]) for r in records] == expected


def test_odd_corners_in_halved_chroma(program, tools, yuv_film, tmp_path):
    """Of the frames that test_media_colour.py holds against the standards' formulas."""
    boxes = write_boxes(tmp_path / "boxes.jsonl", by_number())
    records = program.records("tag", yuv_film, "--boxes", boxes, *WORDS)
    frames = Probe(tools / "media_probe", tmp_path).read(yuv_film, every="1").rgb
    pictures = [Image.fromarray(frames[frame]) for frame, _, _ in FOUND]
    assert_equal_to_cuts(program, records, pictures, tmp_path, 1e-5)


#: libjpeg and libavcodec don't round alike.
@pytest.mark.parametrize("suffix, tolerance", [(".png", 1e-5), (".jpg", 5e-3)])
def test_a_photograph_s_boxes_are_cuts_of_it(program, photographs, tmp_path, suffix, tolerance):
    path = next(path for path in photographs if path.name == "aloeL.jpg")
    image = Image.open(path).convert("RGB")
    if suffix == ".png":
        path = tmp_path / "aloeL.png"
        image.save(path)
    boxes = [[0, 0, *image.size], [333, 211, 455, 301], [image.width - 99, image.height - 77, 99, 77]]
    listed = write_boxes(tmp_path / "boxes.jsonl", [{"box": box, "file": path.name} for box in boxes])
    records = program.records("tag", path, "--boxes", listed, *WORDS)
    assert [r["box"] for r in records] == boxes
    assert all("box_label" not in r and (r["kind"], r["start"], r["end"]) == ("image", 0, 0) for r in records)
    assert_equal_to_cuts(program, records, [image] * len(boxes), tmp_path, tolerance)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_boxes_are_of_the_upright_picture(program, stills, tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.open(stills[0])
    image.save(tmp_path / "turned.png", exif=exif)
    turns = {3: Image.ROTATE_180, 6: Image.ROTATE_270, 8: Image.ROTATE_90}
    listed = write_boxes(tmp_path / "boxes.jsonl", [{"box": [21, 43, 85, 187]}])
    records = program.records("tag", tmp_path / "turned.png", "--boxes", listed, *WORDS)
    assert_equal_to_cuts(program, records, [image.transpose(turns[orientation])], tmp_path, 1e-5)


def test_a_turned_film_s_boxes_are_of_it_upright(program, film, stills, tmp_path):
    turned = tmp_path / "turned.mov"
    ffmpeg("-i", film, "-c:v", "png", "-pix_fmt", "rgb24", turned)
    set_track_matrix(turned, matrix_of(90, mirror=False))
    listed = write_boxes(tmp_path / "boxes.jsonl", [{"frame": 5, "box": [21, 43, 85, 187]}])
    (record,) = program.records("tag", turned, "--boxes", listed, *WORDS)
    upright = Image.open(stills[5]).transpose(Image.ROTATE_270)
    assert_equal_to_cuts(program, [record], [upright], tmp_path, 1e-5)


def test_start_and_frame_mean_the_same(program, film, tmp_path):
    command = ["tag", film, *WORDS, "--boxes"]
    numbered = program.run(*command, write_boxes(tmp_path / "numbers.jsonl", by_number()))
    times = frame_times(film)
    for digits in (3, 6, 15):
        timed = [{"start": round(times[frame], digits), "box": box, "label": label} for frame, box, label in FOUND]
        assert program.run(*command, write_boxes(tmp_path / "times.jsonl", timed)) == numbered


def test_records_are_boxes_again(program, film, tmp_path):
    boxes = write_boxes(tmp_path / "boxes.jsonl", by_number())
    first = program.run("tag", film, "--boxes", boxes, *WORDS)
    (tmp_path / "again.jsonl").write_text(first, "utf-8")
    assert program.run("tag", film, "--boxes", tmp_path / "again.jsonl", *WORDS) == first


def test_lines_may_stand_in_any_order(program, film, tmp_path):
    boxes = write_boxes(tmp_path / "boxes.jsonl", by_number())
    turned = write_boxes(tmp_path / "turned.jsonl", by_number(FOUND[::-1]))
    records = program.records("tag", film, "--boxes", boxes, *WORDS)
    again = program.records("tag", film, "--boxes", turned, *WORDS)
    assert [r["start"] for r in again] == sorted(r["start"] for r in again)
    assert [r["box_label"] for r in again[1:5]] == ["whole", "person", "dot", "car"]

    def place(record):
        return record["start"], record["box"]

    assert sorted(map(place, again)) == sorted(map(place, records))


def test_batches_and_threads_change_no_more_than_rounding(program, film, stills, tmp_path):
    boxes = write_boxes(tmp_path / "boxes.jsonl", by_number())
    command = ["tag", film, stills[3], film, "--boxes", boxes, *WORDS]
    once = program.records(*command, "--batch", 16)
    for options in (["--batch", 1], ["--batch", 3, "--threads", 2]):
        other = program.records(*command, *options)
        assert [(r["file"], r["box"], r["start"]) for r in other] == [(r["file"], r["box"], r["start"]) for r in once]
        assert max(largest_difference(a, b) for a, b in zip(other, once, strict=True)) <= 1e-5


def test_what_lies_outside_is_cut_off_or_passed_over(program, film, stills, tmp_path):
    entries = [
        {"frame": 2, "box": [-20, -30, 100, 100]},
        {"frame": 2, "box": [300.5, 10.25, 1e6, 40.5]},
        {"frame": 2, "box": [320, 0, 10, 10]},
        {"frame": 2, "box": [10, 10, 0, 10]},
        {"frame": 2, "box": [10, 10, -5, 10]},
        {"frame": 3, "box": [-50, -50, 50, 50]},
        {"frame": 99, "box": [0, 0, 10, 10]},
        {"start": 99, "box": [0, 0, 10, 10]},
    ]
    listed = write_boxes(tmp_path / "boxes.jsonl", entries)
    command = [program.binary, "tag", film, "--boxes", listed, *WORDS[:-1]]
    result = subprocess.run(command, capture_output=True, text=True)
    records = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 0
    assert [r["box"] for r in records] == [[0, 0, 80, 70], [300, 10, 20, 41]]
    assert_equal_to_cuts(program, records, [Image.open(stills[2])] * 2, tmp_path, 1e-5)
    warnings = [line for line in result.stderr.splitlines() if "boxes" in line]
    assert len(warnings) == 1 and "of 8 boxes 6 are passed over: 4 have" in warnings[0] and "2 lie behind" in warnings[0]


def test_targets_are_labels_in_any_case(program, film, tmp_path):
    command = ["tag", film, *WORDS, "--boxes", write_boxes(tmp_path / "boxes.jsonl", by_number())]

    def labels(*options):
        return [record["box_label"] for record in program.records(*command, *options)]

    assert labels("--target", "PERSON") == ["Person", "person"]
    assert labels("--target", "car,bär") == ["car", "BÄR"]
    assert labels("--target", "*") == labels() == [label for _, _, label in FOUND]
    assert labels("--target", "lion") == []


def test_each_input_has_its_own(program, film, stills, tmp_path):
    entries = [
        {"file": film.name, "frame": 0, "box": [0, 0, 10, 10]},
        {"file": str(stills[0]), "box": [1, 1, 10, 10]},
        {"file": stills[1].name, "box": [2, 2, 10, 10]},
        {"start": 0.2, "box": [3, 3, 10, 10]},
        {"file": f"elsewhere/{film.name}", "frame": 0, "box": [4, 4, 10, 10]},
    ]
    listed = write_boxes(tmp_path / "boxes.jsonl", entries)
    command = [program.binary, "tag", film, *stills[:3], "--boxes", listed, *WORDS[:-1]]
    result = subprocess.run(command, capture_output=True, text=True)
    records = [json.loads(line) for line in result.stdout.splitlines()]
    found = {path: [r["box"][0] for r in records if r["file"] == str(path)] for path in (film, *stills[:3])}
    assert list(found.values()) == [[0, 3], [1, 3], [2, 3], [3]]
    assert f"1 boxes are passed over: their files, such as elsewhere/{film.name}" in result.stderr


def test_a_film_s_boxes_say_when(program, film, stills, tmp_path):
    listed = write_boxes(tmp_path / "boxes.jsonl", [{"box": [0, 0, 10, 10]}])
    command = [program.binary, "tag", film, stills[0], "--boxes", listed, *WORDS]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 1
    assert [json.loads(line)["file"] for line in result.stdout.splitlines()] == [str(stills[0])]
    (line,) = result.stderr.splitlines()
    assert str(film) in line and '"start"' in line and '"frame"' in line


def test_a_file_without_lines_asks_for_nothing(program, film, tmp_path):
    assert program.records("tag", film, "--boxes", write_boxes(tmp_path / "boxes.jsonl", []), *WORDS) == []


def test_boxes_are_for_eyes(program, film, tmp_path):
    listed = write_boxes(tmp_path / "boxes.jsonl", by_number())
    command = [program.binary, "tag", film, "--boxes", listed, "--labels", "cat,dog", "--model", "embedded:demo-audio"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (2, "") and "--boxes" in result.stderr
