"""YUV to RGB, against the formulas of the standards in floating point."""

import numpy as np
import pytest
from media_probe import Probe, ffmpeg

#: Kr and Kb: ITU-R BT.601-7, BT.709-6, BT.2020-2; SMPTE 240M; FCC.
LUMA = {"smpte170m": (0.299, 0.114), "bt470bg": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020nc": (0.2627, 0.0593),
        "smpte240m": (0.212, 0.087), "fcc": (0.30, 0.11)}


@pytest.fixture
def probe(tools, tmp_path):
    return Probe(tools / "media_probe", tmp_path)


def to_rgb(planes, matrix, full, depth):
    """planes: [3, ...] of whole numbers."""
    kr, kb = LUMA[matrix]
    scale = 1 << (depth - 8)
    y, u, v = planes.astype(float)
    if full:
        top = (1 << depth) - 1
        y, u, v = y / top, (u - 128 * scale) / top, (v - 128 * scale) / top
    else:
        y, u, v = (y - 16 * scale) / (219 * scale), (u - 128 * scale) / (224 * scale), (v - 128 * scale) / (224 * scale)
    red = y + 2 * (1 - kr) * v
    blue = y + 2 * (1 - kb) * u
    green = (y - kr * red - kb * blue) / (1 - kr - kb)
    return np.clip(np.stack([red, green, blue], -1) * 255, 0, 255)


def legal_planes(full, depth, height=64, width=80, seed=0):
    """Colours whose RGB is mostly in range, so that clipping hides nothing."""
    chance = np.random.default_rng(seed)
    scale = 1 << (depth - 8)
    y = chance.integers(16 * scale if not full else 0, 236 * scale, (height, width))
    u, v = (chance.integers(70 * scale, 190 * scale, (height, width)) for _ in range(2))
    return np.stack([y, u, v])


def write_video(path, planes, pixel_format, depth, matrix=None, full=None, extra=()):
    raw = planes.astype("<u2" if depth > 8 else np.uint8).tobytes()
    height, width = planes.shape[1:]
    tags = []
    if matrix is not None:
        tags += ["-colorspace", matrix]
    if full is not None:
        tags += ["-color_range", "pc" if full else "tv"]
    ffmpeg(*tags, "-f", "rawvideo", "-pix_fmt", pixel_format, "-s", f"{width}x{height}", "-i", "-", *tags, *extra, "-c:v", "ffv1", path, stdin=raw)


@pytest.mark.parametrize("matrix", LUMA)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("depth", [8, 10, 12])
def test_tagged_material(probe, tmp_path, matrix, full, depth):
    planes = legal_planes(full, depth)
    path = tmp_path / "v.mkv"
    write_video(path, planes, "yuv444p" if depth == 8 else f"yuv444p{depth}le", depth, matrix, full)
    difference = np.abs(probe.read(path).rgb[0] - to_rgb(planes, matrix, full, depth))
    assert difference.max() < 2 and difference.mean() < 0.6, (difference.max(), difference.mean())


@pytest.mark.parametrize("height, matrix", [(480, "smpte170m"), (718, "smpte170m"), (720, "bt709"), (1080, "bt709")])
def test_untagged_material(probe, tmp_path, height, matrix):
    planes = legal_planes(False, 8, height=height, width=16)
    path = tmp_path / "v.mkv"
    write_video(path, planes, "yuv444p", 8)
    difference = np.abs(probe.read(path).rgb[0] - to_rgb(planes, matrix, False, 8))
    assert difference.max() < 2


@pytest.mark.parametrize("depth", [8, 10, 12, 16])
@pytest.mark.parametrize("full", [False, True, None])
def test_grey(probe, tmp_path, depth, full):
    top = 1 << depth
    values = np.random.default_rng(0).integers(top // 16, top * 235 // 256, (1, 33, 47))
    path = tmp_path / "v.mkv"
    write_video(path, values, "gray" if depth == 8 else f"gray{depth}le", depth, None, full)
    expected = values[0] / top * 256 if full is not False else (values[0] * 256 / top - 16) * 255 / 219
    got = probe.read(path).rgb[0]
    assert np.abs(got - expected[..., None]).max() <= 1
    assert (got[..., :1] == got).all()


@pytest.mark.parametrize("pixel_format", ["rgb24", "bgr24", "rgba", "bgra", "argb", "0rgb", "bgr0", "gbrp"])
def test_rgb_is_untouched(probe, tmp_path, pixel_format):
    pixels = np.random.default_rng(0).integers(0, 256, (37, 53, 3), dtype=np.uint8)
    path = tmp_path / "v.nut"
    codec = "ffv1" if pixel_format == "gbrp" else "rawvideo"
    if pixel_format == "gbrp":
        path = tmp_path / "v.mkv"
    ffmpeg("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "53x37", "-i", "-", "-pix_fmt", pixel_format, "-c:v", codec, path, stdin=pixels.tobytes())
    assert (probe.read(path).rgb[0] == pixels).all()


@pytest.mark.parametrize("pixel_format, depth", [("gbrp10le", 10), ("gbrp12le", 12), ("rgb48le", 16), ("rgb48be", 16)])
def test_deep_rgb_is_cut(probe, tmp_path, pixel_format, depth):
    values = np.random.default_rng(0).integers(0, 1 << depth, (3, 21, 35))
    order = values[[1, 2, 0]] if pixel_format.startswith("gbr") else values.transpose(1, 2, 0)
    raw = order.astype(">u2" if pixel_format.endswith("be") else "<u2").tobytes()
    path = tmp_path / "v.nut"
    ffmpeg("-f", "rawvideo", "-pix_fmt", pixel_format, "-s", "35x21", "-i", "-", "-c:v", "rawvideo", path, stdin=raw)
    assert (probe.read(path).rgb[0] == (values >> (depth - 8)).transpose(1, 2, 0)).all()




@pytest.mark.parametrize("location, offset_x, offset_y", [("left", 0, 0.5), ("center", 0.5, 0.5), ("topleft", 0, 0)])
@pytest.mark.parametrize("size", [(160, 120), (101, 67), (35, 33)])
def test_chroma_location(probe, tmp_path, location, offset_x, offset_y, size):
    """Chroma that is a plane in space must come out on that plane wherever its samples stand."""
    width, height = size
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    chroma_u = lambda x, y: 90 + 70 * x / width + 10 * y / height
    chroma_v = lambda x, y: 160 - 60 * y / height
    cx, cy = np.meshgrid(np.arange((width + 1) // 2) * 2 + offset_x, np.arange((height + 1) // 2) * 2 + offset_y)
    luma = np.full((height, width), 120)
    raw = b"".join(np.rint(plane).astype(np.uint8).tobytes() for plane in (luma, chroma_u(cx, cy), chroma_v(cx, cy)))
    path = tmp_path / "v.mkv"
    tags = ["-colorspace", "bt709", "-color_range", "tv", "-chroma_sample_location", location]
    ffmpeg("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", *tags, "-i", "-", *tags, "-c:v", "ffv1", path, stdin=raw)
    expected = to_rgb(np.stack([luma, chroma_u(x, y), chroma_v(x, y)]), "bt709", False, 8)
    inner = np.s_[4:-4, 4:-4]
    assert np.abs(probe.read(path).rgb[0][inner] - expected[inner]).max() < 2.5
    assert np.abs(probe.read(path).rgb[0][inner] - expected[inner]).mean() < 0.8


#: Chroma shifts, whether chroma is interleaved, bytes a sample, alpha.
LAYOUTS = {"yuv420p": (1, 1, False, 1, False), "yuv422p": (1, 0, False, 1, False), "yuv440p": (0, 1, False, 1, False),
           "yuv411p": (2, 0, False, 1, False), "yuv410p": (2, 2, False, 1, False), "nv12": (1, 1, True, 1, False),
           "yuva420p": (1, 1, False, 1, True), "yuv420p10le": (1, 1, False, 2, False)}


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (1, 9), (9, 1), (101, 67), (3001, 3), (17, 1025), (33, 31)])
@pytest.mark.parametrize("pixel_format", LAYOUTS)
def test_odd_sizes_of_one_colour(probe, tmp_path, size, pixel_format):
    """A flat picture stays flat up to its last row and column."""
    (width, height), (shift_x, shift_y, interleaved, sample, alpha) = size, LAYOUTS[pixel_format]
    color, scale = (110, 150, 100), 4 if sample == 2 else 1
    chroma = (-(-width >> shift_x)) * (-(-height >> shift_y))
    planes = [np.full(width * height, color[0]), np.full(chroma, color[1]), np.full(chroma, color[2])]
    if interleaved:
        planes = [planes[0], np.stack(planes[1:], 1).ravel()]
    if alpha:
        planes.append(np.zeros(width * height, int))
    raw = b"".join((plane * scale).astype("<u2" if sample == 2 else np.uint8).tobytes() for plane in planes)
    path = tmp_path / "v.nut"
    ffmpeg("-f", "rawvideo", "-pix_fmt", pixel_format, "-s", f"{width}x{height}", "-i", "-", "-c:v", "rawvideo", path, stdin=raw)
    reading = probe.read(path)
    assert reading.error is None, reading.error
    assert reading.rgb[0].shape == (height, width, 3)
    matrix = "smpte170m" if height < 720 else "bt709"
    expected = to_rgb(np.array(color).reshape(3, 1, 1), matrix, False, 8)
    assert np.abs(reading.rgb[0] - expected).max() < 2


def test_full_range_by_name(probe, tmp_path):
    """yuvj444p, as a motion JPEG gives it."""
    video = tmp_path / "v.avi"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=5:d=0.2", "-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj444p", video)
    raw = np.frombuffer(ffmpeg("-i", video, "-f", "rawvideo", "-pix_fmt", "yuvj444p", "-"), np.uint8)
    expected = to_rgb(raw[: 3 * 48 * 64].reshape(3, 48, 64), "bt470bg", True, 8)
    assert np.abs(probe.read(video).rgb[0] - expected).max() < 2


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_high_dynamic_range_warns_once(probe, tmp_path, transfer):
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:r=5:d=1", "-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-x265-params", "log-level=error",
           "-color_trc", transfer, "-colorspace", "bt2020nc", "-color_primaries", "bt2020", tmp_path / "v.mp4")
    reading = probe.read(tmp_path / "v.mp4")
    assert len(reading.rgb) == 5
    assert len([warning for warning in reading.warnings if "dynamic range" in warning]) <= 1
