"""What can be named as an input, and what is said of what cannot be read."""

import os
import random
import shutil
import subprocess

import numpy as np
import pytest
from media_probe import X264, Probe, encode, ffmpeg, frame_times, frames
from PIL import Image

CLIP = "testsrc2=s=160x120:r=25:d=4"


@pytest.fixture
def probe(tools, tmp_path):
    return Probe(tools / "media_probe", tmp_path)


@pytest.fixture
def png(tmp_path):
    path = tmp_path / "picture.png"
    pixels = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def pixels_of(path):
    return np.asarray(Image.open(path).convert("RGB"))


AWKWARD_NAMES = [
    "a:b.png", "http:x.png", "%03d.png", "%d.png", "with space.png", "-dash.png", "a*b?.png", "[1].png",
    "{a,b}.png", "#x?y.png", "naïve ☃.png", "concat:a|b.png", "pipe:0", "no_extension", "quote'\".png", "50%.png",
]


@pytest.mark.parametrize("name", AWKWARD_NAMES)
def test_a_path_that_exists_is_that_file(probe, png, tmp_path, name):
    shutil.copy(png, tmp_path / name)
    assert (probe.picture(name, cwd=tmp_path) == pixels_of(png)).all()
    assert (probe.picture(tmp_path / name) == pixels_of(png)).all()


def test_a_video_in_a_file_with_a_protocol_in_its_name(probe, tmp_path):
    video = encode(tmp_path / "v.mp4", CLIP, *X264)
    video.rename(tmp_path / "a:b.mp4")
    assert len(probe.read("a:b.mp4", cwd=tmp_path).pictures) == 100


@pytest.mark.parametrize("pattern", ["%03d.png", "%d.png", "n%02d.png"])
def test_numbered_pictures(probe, tmp_path, pattern):
    folder = tmp_path / "a:folder"
    folder.mkdir()
    pictures = np.random.default_rng(2).integers(0, 256, (4, 12, 16, 3), dtype=np.uint8)
    for number, picture in enumerate(pictures, start=2):
        Image.fromarray(picture).save(folder / (pattern % number))
    reading = probe.read(folder / pattern)
    assert reading.head["kind"] == "video"
    assert (np.array(reading.rgb) == pictures).all()
    assert reading.starts == pytest.approx([0, 0.04, 0.08, 0.12])
    assert probe.read(pattern, cwd=folder).starts == reading.starts


def test_urls(probe, png, tmp_path):
    assert (probe.picture(f"file:{png}") == pixels_of(png)).all()
    part = encode(tmp_path / "a.ts", CLIP, *X264)
    assert len(probe.read(f"concat:{part}|{part}").pictures) == 200
    assert probe.read(f"subfile,,start,0,end,0,,:{png}").error is None


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif", ".gif", ".webp", ".ppm", ".tga"])
def test_pictures_through_a_pipe(probe, png, tmp_path, suffix):
    path = tmp_path / f"x{suffix}"
    Image.open(png).save(path)
    from_file = probe.read(path)
    assert from_file.error is None and from_file.head["kind"] == "image"
    if suffix == ".tga":  # known by its name only
        assert probe.read("-", stdin=path).error["error"] == "invalid_data"
        return
    from_pipe = probe.read("-", stdin=path)
    assert from_pipe.error is None and from_pipe.head["kind"] == "image"
    assert (from_pipe.rgb[0] == from_file.rgb[0]).all()


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_large_pictures_need_no_name(probe, tmp_path, suffix):
    pixels = np.random.default_rng(3).integers(0, 256, (1200, 1600, 3), dtype=np.uint8)
    named, nameless = tmp_path / f"x{suffix}", tmp_path / "x"
    Image.fromarray(pixels).save(named, **({"quality": 97} if suffix == ".jpg" else {}))
    shutil.copy(named, nameless)
    expected = probe.picture(named)
    for reading in (probe.read(nameless), probe.read("-", stdin=named)):
        assert reading.error is None and reading.head["kind"] == "image"
        assert (reading.rgb[0] == expected).all()


def test_pictures_one_after_another_through_a_pipe(probe, tmp_path):
    expected = np.random.default_rng(3).integers(0, 256, (3, 12, 16, 3), dtype=np.uint8)
    with open(tmp_path / "all", "wb") as all_pictures:
        for picture in expected:
            Image.fromarray(picture).save(all_pictures, format="png")
    reading = probe.read("-", stdin=tmp_path / "all")
    assert reading.head["kind"] == "video"
    assert (np.array(reading.rgb) == expected).all()


@pytest.mark.parametrize("suffix, options", [(".ts", ()), (".mkv", ()), (".mp4", ("-movflags", "faststart"))])
def test_video_through_a_pipe(probe, tmp_path, suffix, options):
    video = encode(tmp_path / f"v{suffix}", CLIP, *X264, *options)
    from_pipe, from_file = probe.read("-", stdin=video), probe.read(video)
    assert from_pipe.error is None
    assert from_pipe.pictures == from_file.pictures
    assert all((a == b).all() for a, b in zip(from_pipe.rgb, from_file.rgb))


def test_a_redirected_file_can_be_sought_in(probe, tmp_path):
    video = encode(tmp_path / "v.mp4", CLIP, *X264)
    with open(video, "rb") as stdin:
        done = subprocess.run([probe.program, "read", "-", "every=1s"], stdin=stdin, capture_output=True, text=True)
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 5


def test_an_mp4_whose_index_is_behind_a_pipe(probe, tmp_path):
    video = encode(tmp_path / "v.mp4", CLIP, *X264)
    reading = probe.read("-", stdin=video)
    assert reading.error is not None or reading.pictures == probe.read(video).pictures


def test_one_picture_or_many(probe, tmp_path):
    frames_ = [Image.fromarray(np.full((8, 8, 3), value, np.uint8)) for value in (0, 120, 250)]
    for suffix in (".gif", ".png"):
        still, moving = tmp_path / f"still{suffix}", tmp_path / f"moving{suffix}"
        frames_[0].save(still)
        frames_[0].save(moving, save_all=True, append_images=frames_[1:], duration=200)
        assert probe.read(still).head["kind"] == "image"
        reading = probe.read(moving)
        assert reading.head["kind"] == "video" and len(reading.rgb) == 3
        assert reading.starts == pytest.approx([0, 0.2, 0.4])
    assert probe.read(still).pictures[0]["start"] == probe.read(still).pictures[0]["end"] == 0
    assert probe.read(still, every="keyframes").head["kind"] == "image"
    one_frame = encode(tmp_path / "one.mp4", "testsrc2=s=64x64:r=25:d=0.04", *X264)
    assert probe.read(one_frame).head["kind"] == "video"


def test_cover_art_is_no_video(probe, png, tmp_path):
    video = encode(tmp_path / "v.mp4", CLIP, *X264)
    with_cover = tmp_path / "cover.mp4"
    ffmpeg("-i", png, "-i", video, "-map", "0", "-map", "1", "-c:v:0", "png", "-c:v:1", "copy", "-disposition:v:0", "attached_pic", with_cover)
    streams = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream_disposition=attached_pic", "-of", "csv=p=0", with_cover], check=True, capture_output=True, text=True).stdout.split()
    assert sorted(streams) == ["0", "1"]
    reading = probe.read(with_cover)
    assert reading.head["stream"] == f"v:{streams.index('0')}"
    assert len(reading.pictures) == 100
    sound = tmp_path / "sound.mp3"
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-i", png, "-map", "0", "-map", "1", "-c:v", "png", "-disposition:v:0", "attached_pic", sound)
    error = probe.read(sound).error
    assert error["error"] == "unsupported" and "cover" in error["message"]


def test_the_best_video_stream_is_ffmpegs(probe, tmp_path):
    both = tmp_path / "both.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=5:d=1", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=5:d=1",
           "-map", "0", "-map", "1", "-c:v", "ffv1", "-disposition:v:1", "default", "-disposition:v:0", "0", both)
    reading = probe.read(both)
    assert reading.head["stream"] == "v:1" and reading.pictures[0]["width"] == 160


# Bad input.


def expect_error(reading, code, *words):
    assert reading.error is not None, reading
    assert reading.error["error"] == code, reading.error
    assert "\n" not in reading.error["message"]
    assert reading.error["context"]
    for word in words:
        assert word in reading.error["message"], reading.error
    return reading


def test_missing_files(probe, tmp_path):
    for name in ("missing.mp4", "a:b.mp4", "no/such/folder/x.png", "x\\y.mp4"):
        expect_error(probe.read(name, cwd=tmp_path), "not_found", "no such file")
    expect_error(probe.read("missing%03d.png", cwd=tmp_path), "not_found", "pattern")
    expect_error(probe.read("nosuchprotocol://host/x.mp4"), "unsupported", "protocol")
    expect_error(probe.read(f"file:{tmp_path}/none.mp4"), "not_found")
    expect_error(probe.read("x" * 5000), "not_found")


def test_what_is_no_media(probe, tmp_path):
    (tmp_path / "empty.mp4").write_bytes(b"")
    expect_error(probe.read(tmp_path / "empty.mp4"), "invalid_data", "empty")
    expect_error(probe.read("-", stdin=tmp_path / "empty.mp4"), "invalid_data", "empty")
    for name in ("notes.txt", "notes.mp4", "notes", "notes.nfo"):
        (tmp_path / name).write_text("These are only words.\n" * 200)
        assert probe.read(tmp_path / name).error["error"] in ("invalid_data", "unsupported")
    (tmp_path / "words.png").write_text("These are only words.\n" * 200)
    expect_error(probe.read(tmp_path / "words.png"), "invalid_data")
    (tmp_path / "noise.bin").write_bytes(random.Random(1).randbytes(100_000))
    assert probe.read(tmp_path / "noise.bin").error["error"] in ("invalid_data", "unsupported")
    expect_error(probe.read(tmp_path), "invalid_argument", "folder")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(probe, png):
    png.chmod(0)
    expect_error(probe.read(png), "io")


def test_sound_alone(probe, tmp_path):
    ffmpeg("-f", "lavfi", "-i", "sine=d=1", tmp_path / "s.wav")
    expect_error(probe.read(tmp_path / "s.wav"), "unsupported", "no video stream", "does not hear")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp", ".tif", ".gif", ".ppm", ".tga"])
def test_cut_pictures_are_refused_as_pillow_refuses_them(probe, photographs, tmp_path, suffix):
    whole = tmp_path / f"whole{suffix}"
    Image.open(photographs[0]).convert("RGB").resize((160, 120)).save(whole)
    data = whole.read_bytes()
    for kept in (0.1, 0.5, 0.9, 0.99):
        cut = tmp_path / f"cut{suffix}"
        cut.write_bytes(data[: int(len(data) * kept)])
        try:
            Image.open(cut).convert("RGB")
            refused = False
        except Exception:
            refused = True
        if not refused:
            continue
        expect_error(probe.read(cut), "invalid_data")
        if suffix != ".tga":
            expect_error(probe.read("-", stdin=cut), "invalid_data")


def test_pictures_cut_within_the_last_bytes(probe, photographs, tmp_path):
    """A JPEG without its end mark is refused by Pillow too; a PNG lacks nothing without IEND."""
    for suffix in (".jpg", ".png"):
        whole = tmp_path / f"whole{suffix}"
        Image.open(photographs[0]).convert("RGB").resize((160, 120)).save(whole)
        for missing in (1, 2, 3, 12):
            cut = tmp_path / f"cut{suffix}"
            cut.write_bytes(whole.read_bytes()[:-missing])
            try:
                expected = np.asarray(Image.open(cut).convert("RGB"))
            except Exception:
                expect_error(probe.read(cut), "invalid_data")
            else:
                got = probe.read(cut)
                assert got.error is not None or np.abs(got.rgb[0].astype(int) - expected).mean() < 2


def test_progressive_jpeg_cut_between_scans(probe, photographs, tmp_path):
    path = tmp_path / "p.jpg"
    Image.open(photographs[0]).convert("RGB").save(path, progressive=True)
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"\xff\xda")])
    expect_error(probe.read(path), "invalid_data", "ends before")


def test_an_mp4_without_its_index(probe, tmp_path):
    video = encode(tmp_path / "v.mp4", CLIP, *X264)
    (tmp_path / "cut.mp4").write_bytes(video.read_bytes()[:20000])
    expect_error(probe.read(tmp_path / "cut.mp4"), "invalid_data", "moov")


@pytest.mark.parametrize("kept", [0.3, 0.61, 0.98])
@pytest.mark.parametrize("name, options", [
    ("v.mp4", ("-movflags", "faststart")), ("v.mkv", ()), ("v.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime")),
    ("v.mov", ("-movflags", "faststart")), ("v.avi", ("-c:v", "mjpeg")),
])
@pytest.mark.parametrize("pipe", [False, True])
def test_a_cut_video_gives_what_is_there_and_says_where_it_broke(probe, tmp_path, name, options, kept, pipe):
    video = encode(tmp_path / name, CLIP, *(X264 if "-c:v" not in options else ()), *options)
    whole = probe.read(video)
    assert whole.error is None and len(whole.rgb) == 100
    cut = tmp_path / f"cut_{name}"
    cut.write_bytes(video.read_bytes()[: int(video.stat().st_size * kept)])
    reading = probe.read("-", stdin=cut) if pipe else probe.read(cut)
    expect_error(reading, "invalid_data", "cut off")
    count = len(reading.rgb)
    assert 0.3 * kept * 100 < count < 100
    # Frames that are stored behind those they stand before may be missing just before the cut.
    assert reading.starts[:-3] == whole.starts[: count - 3] and reading.starts == sorted(reading.starts)
    by_time = dict(zip(whole.starts, whole.rgb))
    assert all((by_time[start] == rgb).all() for start, rgb in zip(reading.starts, reading.rgb))
    assert f"after {reading.ends[-1]:.3f} s" in reading.error["message"]


def test_damage_within_a_video_is_passed_over(probe, tmp_path):
    video = encode(tmp_path / "v.ts", CLIP, *X264)
    data = bytearray(video.read_bytes())
    for position in range(len(data) // 3, len(data) // 3 + 3000):
        if position % 188 > 12:
            data[position] ^= 0x5A
    (tmp_path / "damaged.ts").write_bytes(data)
    reading = probe.read(tmp_path / "damaged.ts")
    assert reading.error is None
    assert len(reading.pictures) > 80
    assert reading.starts[-1] == pytest.approx(frame_times(video)[-1], abs=0.001)


def test_a_video_of_which_nothing_decodes(probe, tmp_path):
    video = encode(tmp_path / "v.mkv", "testsrc2=s=64x48:r=25:d=1", "-c:v", "mpeg2video", "-g", "1")
    data = video.read_bytes()
    body = data[2000:]
    (tmp_path / "damaged.mkv").write_bytes(data[:2000] + body.replace(b"\x00\x00\x01", b"\x00\x07\x01"))
    reading = probe.read(tmp_path / "damaged.mkv")
    assert reading.error is not None or len(reading.pictures) <= len(frames(tmp_path / "damaged.mkv"))


def test_a_video_stream_without_frames(probe, tmp_path):
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", "-frames:v", "0", *X264, tmp_path / "none.mp4")
    reading = probe.read(tmp_path / "none.mp4")
    assert reading.error["error"] in ("invalid_data", "unsupported")


def test_an_unknown_codec(probe, tmp_path):
    video = encode(tmp_path / "v.avi", "testsrc2=s=64x48:r=25:d=1", "-c:v", "mpeg4", "-vtag", "xvid")
    (tmp_path / "unknown.avi").write_bytes(video.read_bytes().replace(b"xvid", b"q?!x"))
    expect_error(probe.read(tmp_path / "unknown.avi"), "unsupported", "codec")


def test_a_picture_that_would_fill_the_memory(probe, tmp_path):
    path = tmp_path / "bomb.png"
    Image.new("1", (30000, 20000)).save(path)
    expect_error(probe.read(path), "invalid_data", "size")


def test_unreadable_sampling(probe, png):
    for text in ("0", "0s", "-1", "1x", "s", "", "1.5", "1e3s", " 1s", "1s ", "nan", "inf", ".5s", "5.s", "0x1s", "99999999999"):
        done = subprocess.run([probe.program, "read", png, f"every={text}"], capture_output=True, text=True)
        assert '"error":"invalid_argument"' in done.stdout, text


@pytest.mark.parametrize("name", ["p.png", "p.jpg", "v.mp4", "v.mkv", "v.ts", "p.webp", "p.gif", "p.tif"])
def test_random_damage_gives_pictures_or_an_error(probe, photographs, tmp_path, name):
    whole = tmp_path / name
    if name.startswith("p"):
        Image.open(photographs[0]).convert("RGB").resize((64, 48)).save(whole)
    else:
        encode(whole, "testsrc2=s=64x48:r=25:d=1", *X264)
    data = whole.read_bytes()
    chance = random.Random(name)
    for number in range(40):
        damaged = bytearray(data)
        if number % 2:
            del damaged[chance.randrange(len(damaged)):]
        for _ in range(chance.choice([0, 1, 10, 100]) if number % 2 else chance.choice([1, 10, 100])):
            if damaged:
                damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        path = tmp_path / f"damaged_{name}"
        path.write_bytes(damaged)
        reading = probe.read(path, every=chance.choice(["1", "0.2s", "keyframes"]), timeout=60)
        assert reading.error is not None or reading.pictures
