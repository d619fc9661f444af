"""From YUV to the tower's size in one pass, against the long way and Pillow."""

import json
import subprocess

import numpy
import pytest
from media_probe import Probe, encode, ffmpeg, sort_lines
from PIL import Image

CROPPED = {"resize": "shortest_edge", "resize_height": 224, "center_crop": True}
ORDERS = {
    "cropped": CROPPED,
    "squashed": {"resize": "squash", "resize_height": 192, "resize_width": 256},
    "padded": {"resize": "longest_edge", "resize_height": 200, "resize_width": 200, "center_crop": True, "fill": 128},
    "bilinear": {**CROPPED, "filter": 2},
    "lanczos": {**CROPPED, "filter": 1, "torchvision": True},
    "larger": {"resize": "shortest_edge", "resize_height": 700, "center_crop": True, "crop_height": 640, "crop_width": 640},
}


class Preparing(Probe):
    def prepared(self, source, order, every="1") -> numpy.ndarray:
        rgb = self.folder / "prepared.rgb"
        command = [self.program, "read", str(source), f"every={every}", f"rgb={rgb}", "prepare=" + json.dumps(order)]
        done = subprocess.run(command, capture_output=True, check=True)
        pictures = sort_lines(done.stdout.decode()).pictures
        shape = (len(pictures), pictures[0]["height"], pictures[0]["width"], 3)
        return numpy.fromfile(rgb, numpy.uint8).reshape(shape)


@pytest.fixture
def probe(tools, tmp_path) -> Preparing:
    return Preparing(tools / "media_probe", tmp_path)


def differences(ours, reference):
    """Mean, and the share of values that are off by more than 2 levels."""
    difference = numpy.abs(ours.astype(int) - reference.astype(int))
    return difference.mean(), (difference > 2).mean()


def test_photographs_are_pillow_s(probe, photographs):
    found = []
    for path in photographs:
        image = Image.open(path)
        if image.mode != "RGB" or path.suffix != ".jpg" or min(image.size) < 224:
            continue
        reference = probe.prepare(numpy.asarray(image), CROPPED)
        found.append(differences(probe.prepared(path, CROPPED)[0], reference))
    mean, off = numpy.mean(found, axis=0)
    assert len(found) >= 20
    assert mean <= 0.27 and off <= 0.006, (mean, off)


@pytest.mark.parametrize("name", ORDERS)
def test_films_are_the_long_way_s(probe, photographs, name):
    film = photographs[0].parent / "vtest.avi"
    whole = probe.read(film, every="10s").rgb
    reference = numpy.stack([probe.prepare(picture, ORDERS[name]) for picture in whole])
    mean, off = differences(probe.prepared(film, ORDERS[name], "10s"), reference)
    assert mean <= 0.4 and off <= 0.025, (mean, off)


#: Colours well inside RGB, so that nothing is clipped on the way.
PASTEL = "testsrc2=s=400x300:r=5:d=1,lutyuv=u='128+(val-128)/4':v='128+(val-128)/4':y='90+val/4'"
FORMATS = ["yuv420p", "yuv422p", "yuv444p", "yuv440p", "yuv411p", "yuv410p", "yuvj420p", "nv12", "nv21", "yuv420p10le", "p010le", "yuv444p12le", "yuva420p"]


@pytest.mark.parametrize("size", ["400x300", "401x299", "1201x77"])
@pytest.mark.parametrize("pixel_format", FORMATS)
def test_layouts_depths_and_odd_sizes(probe, tmp_path, pixel_format, size):
    path = tmp_path / "v.nut"
    ffmpeg("-f", "lavfi", "-i", PASTEL + f",scale={size.replace('x', ':')},setsar=1", "-pix_fmt", pixel_format, "-c:v", "rawvideo", path)
    reference = numpy.stack([probe.prepare(picture, CROPPED) for picture in probe.read(path).rgb])
    mean, off = differences(probe.prepared(path, CROPPED), reference)
    assert mean <= 0.5 and off <= 0.003, (mean, off)


@pytest.mark.parametrize("matrix", ["bt709", "smpte170m", "bt2020nc", "smpte240m", "fcc"])
@pytest.mark.parametrize("colour_range", ["tv", "pc"])
def test_matrices_and_ranges(probe, tmp_path, matrix, colour_range):
    path = tmp_path / "v.mkv"
    tags = ["-colorspace", matrix, "-color_range", colour_range]
    ffmpeg("-f", "lavfi", "-i", PASTEL, *tags, "-pix_fmt", "yuv420p", "-c:v", "ffv1", path)
    reference = numpy.stack([probe.prepare(picture, CROPPED) for picture in probe.read(path).rgb])
    mean, off = differences(probe.prepared(path, CROPPED), reference)
    assert mean <= 0.4 and off <= 0.003, (mean, off)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_and_mirrored(probe, photographs, tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.jpg"
    image = Image.open(photographs[0]).convert("RGB").resize((501, 380))
    image.save(path, exif=exif, subsampling=2)
    order = {**CROPPED, "resize_height": 225}  # an odd difference, so that the crop is off the middle
    reference = probe.prepare(probe.picture(path), order)
    mean, off = differences(probe.prepared(path, order)[0], reference)
    assert mean <= 0.8 and off <= 0.06, (mean, off)


def test_pixels_that_are_not_square(probe, tmp_path):
    path = encode(tmp_path / "v.mkv", PASTEL + ",setsar=16/11", "-c:v", "ffv1")
    whole = probe.read(path)
    reference = probe.prepare(whole.rgb[0], CROPPED, whole.pictures[0]["pixel_aspect"])
    mean, off = differences(probe.prepared(path, CROPPED)[0], reference)
    assert mean <= 0.4 and off <= 0.003, (mean, off)


def pillow_draft(path, divisor: int) -> numpy.ndarray:
    """What Pillow makes of a JPEG that libjpeg decoded small, at CROPPED."""
    image = Image.open(path)
    width, height = image.size
    image.draft(image.mode, (width // divisor, height // divisor))
    assert image.size == (-(-width // divisor), -(-height // divisor))
    short = min(width, height)
    size = (224 * width // short, 224 * height // short)
    small = image.convert("RGB").resize(size, Image.BICUBIC, box=(0, 0, width / divisor, height / divisor))
    left, top = (size[0] - 224) // 2, (size[1] - 224) // 2
    return numpy.asarray(small.crop((left, top, left + 224, top + 224)))


LARGE = {
    "half": ((2001, 1865), 2, {}),
    "quarter": ((4001, 3601), 4, {}),
    "eighth": ((7301, 7171), 8, {}),
    "tall": ((1865, 3001), 2, {}),
    "progressive": ((3999, 3701), 4, {"progressive": True}),
    "4:4:4": ((3701, 3999), 4, {"subsampling": 0}),
    "4:2:2": ((4601, 4999), 4, {"subsampling": 1}),
    "grey": ((3701, 3999), 4, {}),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_jpeg_far_larger_is_decoded_small(probe, photographs, tmp_path, name):
    """As Pillow's draft mode does it, byte for byte; and near to all of it."""
    size, divisor, options = LARGE[name]
    path = tmp_path / "large.jpg"
    photograph = next(path for path in photographs if path.name == "aloeL.jpg")
    image = Image.open(photograph).convert("L" if name == "grey" else "RGB")
    image.resize(size, Image.BICUBIC).save(path, quality=92, **options)
    found = probe.prepared(path, CROPPED)[0]
    assert (found == pillow_draft(path, divisor)).all()
    reference = probe.prepare(numpy.asarray(Image.open(path).convert("RGB")), CROPPED)
    mean, off = differences(found, reference)
    assert mean <= 0.27 and off <= 0.006, (mean, off)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_large_one_is_turned_too(probe, photographs, tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.jpg"
    Image.open(photographs[0]).convert("RGB").resize((2199, 1877)).save(path, exif=exif)
    order = {**CROPPED, "resize_height": 225}
    reference = probe.prepare(probe.picture(path), order)
    mean, off = differences(probe.prepared(path, order)[0], reference)
    assert mean <= 0.5 and off <= 0.03, (mean, off)


def test_a_flaw_in_a_large_one_is_found(probe, photographs, tmp_path):
    path = tmp_path / "flawed.jpg"
    Image.open(photographs[0]).convert("RGB").resize((2199, 1877)).save(path)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 40] = b"\xff\xd9" * 20
    path.write_bytes(content)
    command = [probe.program, "read", path, "every=1", "prepare=" + json.dumps(CROPPED)]
    prepared = sort_lines(subprocess.run(command, capture_output=True, text=True).stdout)
    assert prepared.error and prepared.error == probe.read(path).error
