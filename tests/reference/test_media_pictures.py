"""Pixels of picture files and their orientation, against Pillow."""

import struct
import zlib

import numpy as np
import pytest
from media_probe import Probe, encode, ffmpeg, frames
from PIL import Image, ImageOps, PngImagePlugin

ORIENTATION = 0x0112


@pytest.fixture
def probe(tools, tmp_path):
    return Probe(tools / "media_probe", tmp_path)


def noise(width, height, channels=3, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8).squeeze()


def reference(path):
    return np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))


def photograph(photographs, size=(162, 121)):
    return Image.open(photographs[0]).convert("RGB").resize(size)


SIZES = [(1, 1), (2, 1), (1, 2), (3, 3), (17, 5), (101, 67), (640, 3), (3, 640), (5000, 1), (333, 334)]
LOSSLESS = {
    ".png": {}, ".bmp": {}, ".tif": {}, ".ppm": {}, ".tga": {}, ".webp": {"lossless": True}, ".qoi": {},
    "lzw.tif": {"compression": "tiff_lzw"}, "zip.tif": {"compression": "tiff_adobe_deflate"},
}


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_lossless_files_are_exact(probe, tmp_path, suffix):
    for size in SIZES:
        path = tmp_path / f"x{suffix}"
        Image.fromarray(noise(*size).reshape(size[1], size[0], 3)).save(path, **LOSSLESS[suffix])
        reading = probe.read(path)
        assert reading.error is None, reading.error
        assert reading.head["kind"] == "image"
        assert (reading.rgb[0] == reference(path)).all(), size
        assert reading.pictures[0]["pixel_aspect"] == 1


def modes():
    grey, rgb, alpha = noise(37, 23, 1), noise(37, 23), noise(37, 23, 1, seed=3)
    palette = Image.fromarray(rgb).quantize(200)
    few = Image.fromarray(rgb).quantize(3)
    yield "L", Image.fromarray(grey)
    yield "1", Image.fromarray(grey).convert("1")
    yield "P", palette
    yield "P of 3 colours", few
    yield "LA", Image.merge("LA", [Image.fromarray(grey), Image.fromarray(alpha)])
    yield "RGBA", Image.fromarray(np.dstack([rgb, alpha]))


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp", ".gif", ".webp"])
@pytest.mark.parametrize("name, image", list(modes()), ids=lambda value: value if isinstance(value, str) else "")
def test_modes_are_exact(probe, tmp_path, suffix, name, image):
    path = tmp_path / f"x{suffix}"
    if (suffix, name) in {(".bmp", "LA"), (".gif", "LA"), (".gif", "RGBA"), (".webp", "1")}:
        pytest.skip("the format has no such mode: Pillow would convert it")
    image.save(path, **({"lossless": True, "exact": True} if suffix == ".webp" else {}))
    assert (probe.picture(path) == reference(path)).all()


def test_transparency_is_dropped_not_composed(probe, tmp_path):
    rgba = np.dstack([noise(9, 9), np.zeros((9, 9), np.uint8)])
    Image.fromarray(rgba).save(tmp_path / "clear.png")
    assert (probe.picture(tmp_path / "clear.png") == rgba[..., :3]).all()
    image = Image.fromarray(noise(9, 9)).quantize(20)
    image.save(tmp_path / "key.png", transparency=3)
    assert (probe.picture(tmp_path / "key.png") == reference(tmp_path / "key.png")).all()


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_16(path, pixels):
    """A 16-bit PNG, which Pillow cannot write in colour."""
    height, width = pixels.shape[:2]
    color = {1: 0, 2: 4, 3: 2, 4: 6}[pixels.shape[2]]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 16, color, 0, 0, 0))
        + png_chunk(b"IDAT", zlib.compress(rows)) + png_chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_sixteen_bit_png(probe, tmp_path, channels):
    pixels = np.random.default_rng(1).integers(0, 65536, (19, 23, channels), dtype=np.uint16)
    png_16(tmp_path / "x.png", pixels)
    upper = (pixels >> 8).astype(np.uint8)
    expected = upper[..., :3] if channels >= 3 else np.repeat(upper[..., :1], 3, axis=2)
    assert (probe.picture(tmp_path / "x.png") == expected).all()
    if channels >= 3:
        assert (expected == reference(tmp_path / "x.png")).all()


@pytest.mark.parametrize("subsampling", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_is_near(probe, photographs, tmp_path, subsampling, progressive):
    """libjpeg's and libavcodec's inverse transforms and chroma filters differ in the last bits."""
    for number, path in enumerate(photographs[:10]):
        jpeg = tmp_path / f"{number}.jpg"
        Image.open(path).convert("RGB").save(jpeg, quality=92, subsampling=subsampling, progressive=progressive)
        difference = np.abs(probe.picture(jpeg).astype(int) - reference(jpeg))
        limit = 0.5 if subsampling == "4:4:4" else 1.2
        assert difference.mean() < limit, (path, difference.mean())


def test_photographs_as_they_are(probe, photographs):
    for path in photographs:
        got, expected = probe.picture(path), reference(path)
        assert got.shape == expected.shape, path
        difference = np.abs(got.astype(int) - expected)
        assert difference.mean() < (1.2 if path.suffix == ".jpg" else 0.001), (path, difference.mean())


def test_grey_and_cmyk_jpeg(probe, photographs, tmp_path):
    image = photograph(photographs)
    for mode, limit in (("L", 0.5), ("CMYK", 2.0)):
        path = tmp_path / f"{mode}.jpg"
        image.convert(mode).save(path, quality=95, subsampling=0)
        difference = np.abs(probe.picture(path).astype(int) - reference(path))
        assert difference.mean() < limit, (mode, difference.mean())


@pytest.mark.parametrize("orientation", range(0, 10))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
@pytest.mark.parametrize("pipe", [False, True])
def test_exif_orientation(probe, photographs, tmp_path, suffix, orientation, pipe):
    path = tmp_path / f"x{suffix}"
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[ORIENTATION] = orientation
    photograph(photographs).save(path, exif=exif, **({"lossless": True} if suffix == ".webp" else {}))
    assert Image.open(path).getexif().get(ORIENTATION) == orientation
    expected = reference(path)
    got = probe.picture("-", stdin=path) if pipe else probe.picture(path)
    assert got.shape == expected.shape
    assert np.abs(got.astype(int) - expected).mean() < (1.5 if suffix == ".jpg" else 0.001)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_in_big_endian_exif_and_xmp(probe, tmp_path, orientation):
    image = Image.fromarray(noise(31, 17))
    tiff = b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", ORIENTATION, 3, 1, orientation, 0) + b"\0\0\0\0"
    image.save(tmp_path / "big.png", exif=b"Exif\0\0" + tiff)
    assert (probe.picture(tmp_path / "big.png") == reference(tmp_path / "big.png")).all()
    for number, form in enumerate(('<x tiff:Orientation="{}"/>', "<tiff:Orientation>{}</tiff:Orientation>")):
        xmp = form.format(orientation)
        info = PngImagePlugin.PngInfo()
        info.add_itxt("XML:com.adobe.xmp", xmp)
        path = tmp_path / f"xmp{number}.png"
        image.save(path, pnginfo=info)
        assert (probe.picture(path) == reference(path)).all()
        image.save(tmp_path / "xmp.webp", xmp=xmp.encode(), lossless=True)
        assert (probe.picture(tmp_path / "xmp.webp") == reference(tmp_path / "xmp.webp")).all()
        image.save(tmp_path / "xmp.jpg", xmp=xmp.encode(), quality=100, subsampling=0)
        assert probe.picture(tmp_path / "xmp.jpg").shape == reference(tmp_path / "xmp.jpg").shape


def test_damaged_exif_is_passed_over(probe, tmp_path):
    image = Image.fromarray(noise(31, 17))
    for number, exif in enumerate([b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"garbage" * 9]):
        path = tmp_path / f"{number}.png"
        image.save(path, exif=exif)
        assert (probe.picture(path) == np.asarray(image)).all()


def matrix_of(turn, mirror):
    """A display matrix, as the mp4 track header stores it."""
    cosine, sine = [(1, 0), (0, 1), (-1, 0), (0, -1)][turn // 90]
    flip = -1 if mirror else 1
    return [flip * cosine, flip * sine, -sine, cosine]


def set_track_matrix(path, values):
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    a, b, c, d = (value * 65536 for value in values)
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("mirror", [False, True])
def test_display_matrix_is_applied_as_ffmpeg_does(probe, tmp_path, turn, mirror):
    video = encode(tmp_path / "v.mov", "testsrc2=s=64x36:r=5:d=0.6,setsar=4/3", "-c:v", "png", "-pix_fmt", "rgb24")
    set_track_matrix(video, matrix_of(turn, mirror))
    reading = probe.read(video)
    picture = reading.pictures[0]
    assert (picture["width"], picture["height"]) == ((36, 64) if turn % 180 else (64, 36))
    assert picture["pixel_aspect"] == pytest.approx(3 / 4 if turn % 180 else 4 / 3)
    raw = np.frombuffer(ffmpeg("-i", video, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"), np.uint8)
    assert (np.concatenate([rgb.ravel() for rgb in reading.rgb]) == raw).all()


@pytest.mark.parametrize("name", ["density.jpg", "density.png"])
def test_density_of_stills_is_no_pixel_shape(probe, photographs, tmp_path, name):
    photograph(photographs).save(tmp_path / name, dpi=(72, 144))
    assert probe.read(tmp_path / name).pictures[0]["pixel_aspect"] == 1


def test_mjpeg_video_frames_keep_their_orientation_once(probe, photographs, tmp_path):
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    for number in range(3):
        photograph(photographs).save(tmp_path / f"n{number}.jpg", exif=exif)
    reading = probe.read(tmp_path / "n%d.jpg")
    expected = reference(tmp_path / "n0.jpg")
    assert [rgb.shape for rgb in reading.rgb] == [expected.shape] * 3
    assert np.abs(reading.rgb[0].astype(int) - expected).mean() < 1.5


@pytest.mark.parametrize("aspect", ["16/11", "1/1", "8/9", "0/1"])
@pytest.mark.parametrize("name, codec", [("v.mp4", "libx264"), ("v.mkv", "ffv1"), ("v.ts", "mpeg2video"), ("v.avi", "mpeg4")])
def test_pixel_aspect(probe, tmp_path, aspect, name, codec):
    video = encode(tmp_path / name, f"testsrc2=s=64x48:r=25:d=0.4,setsar={aspect}", "-c:v", codec)
    numerator, denominator = map(int, frames(video)[0].get("sample_aspect_ratio", "1:1").split(":"))
    assert probe.read(video).pictures[0]["pixel_aspect"] == pytest.approx(numerator / denominator)


def test_gif_frames_are_whole_pictures(probe, tmp_path):
    pictures = [Image.fromarray(noise(20, 16, seed=seed)).quantize(50) for seed in range(4)]
    path = tmp_path / "a.gif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=[100, 200, 50, 300])
    image = Image.open(path)
    reading = probe.read(path)
    assert reading.starts == pytest.approx([0, 0.1, 0.3, 0.35]) and reading.ends[-1] == pytest.approx(0.65)
    for number, rgb in enumerate(reading.rgb):
        image.seek(number)
        assert (rgb == np.asarray(image.convert("RGB"))).all()


def test_animated_webp_is_a_video_or_a_clear_error(probe, tmp_path):
    pictures = [Image.fromarray(noise(20, 16, seed=seed)) for seed in range(3)]
    path = tmp_path / "a.webp"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100, lossless=True)
    reading = probe.read(path)
    if reading.error is None:
        assert reading.head["kind"] == "video" and len(reading.rgb) == 3
    else:
        assert reading.error["error"] == "unsupported" and "animated WebP" in reading.error["message"]


def test_avif(probe, photographs, tmp_path):
    path = tmp_path / "x.avif"
    ffmpeg("-i", photographs[0], "-frames:v", "1", "-c:v", "libaom-av1", "-cpu-used", "8", "-still-picture", "1", "-vf", "scale=128:96", path)
    reading = probe.read(path)
    assert reading.error is None and reading.head["kind"] == "image"
    assert np.abs(reading.rgb[0].astype(int) - np.asarray(Image.open(path).convert("RGB"))).mean() < 2
