"""What is not decoded, or not decoded whole, changes at most one label in a hundred."""

import numpy
import pytest
from label_sets import LABEL_SETS
from media_probe import X264, ffmpeg
from PIL import Image
from program import Program

MODEL = "embedded:demo"


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


@pytest.fixture(scope="module")
def labels(program):
    """The best label of each embedding in each of the sets, [sets, embeddings]."""
    texts = [program.embed_texts(MODEL, words.split(",")) for words in LABEL_SETS]

    def choose(embeddings) -> numpy.ndarray:
        return numpy.array([(embeddings @ rows.T).argmax(axis=1) for rows in texts])

    return choose


@pytest.fixture(scope="module")
def film(photographs, tmp_path_factory):
    """People walking, with frames that others refer to and frames that none does."""
    path = tmp_path_factory.mktemp("film") / "walking.mp4"
    ffmpeg("-i", photographs[0].parent / "vtest.avi", *X264, "-bf", 3, "-x264-params", "b-pyramid=normal", path)
    return path


def embed_frames(program, film, *options) -> dict[float, numpy.ndarray]:
    """By where they start."""
    records = program.records("embed", film, "--model", MODEL, *options)
    return {record["start"]: numpy.array(record["embedding"]) for record in records}


@pytest.fixture(scope="module")
def looked_at(program, film):
    """Every frame."""
    return embed_frames(program, film, "--every", 1)


def test_sets_tell_frames_apart(looked_at, labels):
    """Otherwise nothing below could fail."""
    shares = [numpy.bincount(row).max() / row.size for row in labels(numpy.array(list(looked_at.values())))]
    assert min(shares) < 0.8


@pytest.mark.parametrize("options", ["--every 0.3s", "--every 0.3s --fast", "--every 2s --fast", "--keyframes"])
def test_frames_keep_their_labels(program, film, looked_at, labels, options):
    """At the times that the records say."""
    taken = embed_frames(program, film, *options.split())
    assert 39 <= len(taken) < 0.4 * len(looked_at)
    same = numpy.array([looked_at[start] for start in taken])
    differ = labels(same) != labels(numpy.array(list(taken.values())))
    assert differ.mean(axis=1).max() <= 0.01


def test_jpegs_decoded_small_keep_their_labels(program, photographs, labels, tmp_path):
    """Beside all that Pillow decodes of them. The demo model takes a half, a quarter or an eighth."""
    chance = numpy.random.default_rng(11)
    sources = [image for image in map(Image.open, photographs) if image.mode == "RGB" and min(image.size) > 200]
    small, whole = [], []
    for number in range(200):
        image = sources[number % len(sources)]
        share = chance.uniform(0.4, 1)
        width, height = (round(share * side) for side in image.size)
        left, top = (int(chance.integers(0, side - part + 1)) for side, part in zip(image.size, (width, height)))
        factor = chance.uniform(230, 1400) / min(width, height)
        size = (round(width * factor), round(height * factor))
        cut = image.resize(size, Image.BICUBIC, box=(left, top, left + width, top + height))
        small.append(tmp_path / f"{number:03}.jpg")
        cut.save(small[-1], quality=90)
        whole.append(tmp_path / f"{number:03}.ppm")
        Image.open(small[-1]).save(whole[-1])
    found, expected = (program.embed_pictures(MODEL, paths) for paths in (small, whole))
    assert (found != expected).any(axis=1).sum() >= 190  # another way was taken
    assert (labels(found) != labels(expected)).mean(axis=1).max() <= 0.01
