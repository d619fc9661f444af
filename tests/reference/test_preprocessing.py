"""prepare() against Pillow and transformers, byte by byte."""

import numpy as np
import pytest
from media_probe import Probe
from PIL import Image
from transformers import CLIPImageProcessor, Siglip2ImageProcessor, SiglipImageProcessor

FILTERS = range(6)


@pytest.fixture
def probe(tools, tmp_path):
    return Probe(tools / "media_probe", tmp_path)


def some_pixels(chance, width, height):
    pixels = chance.integers(0, 256, (height, width, 3), dtype=np.uint8)
    # Hard edges make the filters overshoot.
    return np.where(pixels > 127, 255, 0).astype(np.uint8) if chance.random() < 0.4 else pixels


def some_side(chance, limit):
    return int(chance.choice([1, 2, 3, chance.integers(1, 20), chance.integers(1, limit), chance.integers(1, limit)]))


@pytest.mark.parametrize("filter", FILTERS)
def test_squash_is_pillows_resize(probe, filter):
    chance = np.random.default_rng(filter)
    for number in range(60):
        width, height = some_side(chance, 500), some_side(chance, 500)
        new_width = width if number % 9 == 0 else some_side(chance, 300)
        new_height = height if number % 7 == 0 else some_side(chance, 300)
        pixels = some_pixels(chance, width, height)
        order = {"resize": "squash", "resize_width": new_width, "resize_height": new_height, "filter": filter}
        expected = np.asarray(Image.fromarray(pixels).resize((new_width, new_height), filter))
        assert (probe.prepare(pixels, order) == expected).all(), (width, height, new_width, new_height)


def transformers_pixels(processor, pixels):
    """[height, width, 3] of the bytes just before rescaling."""
    values = processor(Image.fromarray(pixels), do_rescale=False, do_normalize=False, return_tensors="np")["pixel_values"][0]
    return values.transpose(1, 2, 0)


@pytest.mark.parametrize("filter", FILTERS)
def test_shortest_edge_and_crop_are_transformers(probe, filter):
    chance = np.random.default_rng(100 + filter)
    for _ in range(40):
        width, height = (int(chance.integers(2, 600)) for _ in range(2))
        edge = int(chance.integers(1, 260))
        crop_height, crop_width = (int(chance.integers(1, 260)) for _ in range(2))
        if chance.random() < 0.5:
            crop_height = crop_width = edge
        crops = bool(chance.random() < 0.8)
        processor = CLIPImageProcessor(
            size={"shortest_edge": edge}, resample=filter, do_center_crop=crops,
            crop_size={"height": crop_height, "width": crop_width},
        )
        order = {"resize": "shortest_edge", "resize_height": edge, "filter": filter, "center_crop": crops,
                 "crop_height": crop_height, "crop_width": crop_width}
        pixels = some_pixels(chance, width, height)
        got, expected = probe.prepare(pixels, order), transformers_pixels(processor, pixels)
        assert got.shape == expected.shape, (width, height, order)
        assert (got == expected).all(), (width, height, order)


def test_patch_budget_is_transformers(probe):
    chance = np.random.default_rng(11)
    for _ in range(60):
        width, height = some_side(chance, 900), some_side(chance, 900)
        patch, limit = int(chance.choice([14, 16, 32])), int(chance.choice([1, 16, 100, 256, 729]))
        processor = Siglip2ImageProcessor(patch_size=patch, max_num_patches=limit)
        pixels = some_pixels(chance, width, height)
        values = processor(
            Image.fromarray(pixels), do_rescale=False, do_normalize=False, return_tensors="np",
            input_data_format="channels_last",
        )
        rows, columns = values["spatial_shapes"][0]
        patches = values["pixel_values"][0][: rows * columns]
        expected = patches.reshape(rows, columns, patch, patch, 3).transpose(0, 2, 1, 3, 4)
        expected = expected.reshape(rows * patch, columns * patch, 3)
        order = {"resize": "patch_budget", "patch_size": patch, "patch_limit": limit, "filter": 2}
        got = probe.prepare(pixels, order)
        assert got.shape == expected.shape, (width, height, order)
        assert (got == expected).all(), (width, height, order)


def test_crop_alone_is_transformers(probe):
    chance = np.random.default_rng(7)
    for _ in range(40):
        width, height, crop_width, crop_height = (int(chance.integers(1, 40)) for _ in range(4))
        width, height = max(width, 4), max(height, 4)
        processor = CLIPImageProcessor(do_resize=False, crop_size={"height": crop_height, "width": crop_width})
        order = {"resize": "none", "center_crop": True, "crop_height": crop_height, "crop_width": crop_width}
        pixels = some_pixels(chance, width, height)
        assert (probe.prepare(pixels, order) == transformers_pixels(processor, pixels)).all()


def test_siglip(probe):
    chance = np.random.default_rng(8)
    for _ in range(20):
        pixels = some_pixels(chance, int(chance.integers(2, 500)), int(chance.integers(2, 500)))
        side = int(chance.choice([224, 256, 384]))
        processor = SiglipImageProcessor(size={"height": side, "width": side})
        order = {"resize": "squash", "resize_height": side, "resize_width": side, "filter": int(processor.resample)}
        assert (probe.prepare(pixels, order) == transformers_pixels(processor, pixels)).all()


def test_photographs(probe, photographs):
    processor = CLIPImageProcessor()
    order = {"resize": "shortest_edge", "resize_height": 224, "filter": 3, "center_crop": True}
    for path in photographs[:20]:
        pixels = np.asarray(Image.open(path).convert("RGB"))
        assert (probe.prepare(pixels, order) == transformers_pixels(processor, pixels)).all(), path


@pytest.mark.parametrize("aspect", [16 / 11, 0.5, 2.0, 64 / 45])
def test_pixels_that_are_not_square_are_resized_once(probe, aspect):
    """The shape as shown decides the size; the pixels are resized from what is stored."""
    chance = np.random.default_rng(9)
    for _ in range(20):
        width, height = (int(chance.integers(16, 400)) for _ in range(2))
        pixels = some_pixels(chance, width, height)
        shown = width * aspect
        size = (64, int(64 * height / shown)) if shown <= height else (int(64 * shown / height), 64)
        order = {"resize": "shortest_edge", "resize_height": 64, "filter": 3}
        expected = np.asarray(Image.fromarray(pixels).resize(size, 3))
        got = probe.prepare(pixels, order, aspect)
        assert got.shape == expected.shape and (got == expected).all()


def test_a_very_long_picture(probe):
    pixels = some_pixels(np.random.default_rng(3), 20000, 2)
    order = {"resize": "shortest_edge", "resize_height": 224, "filter": 3, "center_crop": True}
    got = probe.prepare(pixels, order)
    expected = np.asarray(Image.fromarray(pixels).resize((2240000, 224), 3))
    left = (2240000 - 224) // 2
    assert (got == expected[:, left : left + 224]).all()
