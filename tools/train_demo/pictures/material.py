"""The pictures: Fashion-MNIST, stamps composed on varied grounds, and drawn patterns, all as 70 x 70 bytes."""

import gzip
import io
import subprocess
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from . import vocabulary
from .vocabulary import COLOURS, PATTERNS, SHAPE_COLOURS, SHAPES, Vocabulary

SIZE = 70
FASHION_FOLDER = Path("/usr/share/datasets/fashion-mnist")
STAMP_FOLDER = Path("/usr/share/tuxpaint/stamps")
FONT_FOLDER = Path("/usr/share/fonts/truetype/dejavu")


def load_fashion(part: str) -> tuple[np.ndarray, np.ndarray]:
    """`part` is "train" or "t10k"; pictures are (N, 28, 28) bytes."""
    with gzip.open(FASHION_FOLDER / f"{part}-images-idx3-ubyte.gz") as file:
        pictures = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(FASHION_FOLDER / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return pictures, labels.astype(np.int64)


def enlarge(pictures: np.ndarray) -> np.ndarray:
    """The resize of CLIPImageProcessor, so that training sees what a user's 28 x 28 file becomes."""
    return np.stack([np.asarray(Image.fromarray(p).resize((SIZE, SIZE), Image.BICUBIC)) for p in pictures])


def list_stamps() -> list[tuple[str, str]]:
    """(path below the stamp folder, first line of its description); a drawing that exists as SVG and PNG counts once."""
    found: dict[str, Path] = {}
    for file in sorted(STAMP_FOLDER.rglob("*.svg")) + sorted(STAMP_FOLDER.rglob("*.png")):
        found[str(file.relative_to(STAMP_FOLDER).with_suffix(""))] = file
    result = []
    for key, file in sorted(found.items()):
        if key.endswith("_mirror"):
            continue
        text = file.with_suffix(".txt")
        line = text.read_text(errors="replace").splitlines()[0] if text.exists() else ""
        result.append((str(file.relative_to(STAMP_FOLDER)), line.removeprefix("en=")))
    return result


def load_stamp(path: str) -> Image.Image:
    file = STAMP_FOLDER / path
    if file.suffix == ".svg":
        command = ["ffmpeg", "-v", "error", "-i", str(file), "-vf", "format=rgba", "-frames:v", "1", "-c:v", "png", "-f", "image2pipe", "-"]
        picture = Image.open(io.BytesIO(subprocess.run(command, check=True, capture_output=True).stdout))
    else:
        picture = Image.open(file)
    picture = picture.convert("RGBA")
    box = picture.getchannel("A").getbbox()
    picture = picture.crop(box) if box else picture
    picture.thumbnail((200, 200), Image.LANCZOS)
    return picture


def random_colour(rng: np.random.Generator) -> tuple[int, int, int]:
    return tuple(int(v) for v in rng.integers(0, 256, 3))


def gradient(rng: np.random.Generator, size: int) -> Image.Image:
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    ramp = np.clip((x * np.cos(angle) + y * np.sin(angle)) + 0.5, 0, 1)[..., None]
    if rng.random() < 0.2:
        ramp = np.clip(np.hypot(x, y) * 1.6, 0, 1)[..., None]
    first, second = np.array(random_colour(rng)), np.array(random_colour(rng))
    return Image.fromarray((first * (1 - ramp) + second * ramp).astype(np.uint8))


def noise(rng: np.random.Generator, size: int) -> Image.Image:
    cell = int(rng.choice([1, 1, 2, 3, 5]))
    small = -(-size // cell)
    shape = (small, small, 3) if rng.random() < 0.5 else (small, small, 1)
    values = rng.normal(rng.uniform(60, 190), rng.uniform(30, 90), shape).clip(0, 255)
    picture = Image.fromarray(np.broadcast_to(values, (small, small, 3)).astype(np.uint8))
    return picture.resize((cell * small,) * 2, Image.NEAREST).crop((0, 0, size, size))


def ground(rng: np.random.Generator, size: int) -> Image.Image:
    kind = rng.random()
    if kind < 0.3:
        return Image.new("RGB", (size, size), (255, 255, 255))
    if kind < 0.4:
        return Image.new("RGB", (size, size), (0, 0, 0))
    if kind < 0.65:
        return Image.new("RGB", (size, size), random_colour(rng))
    if kind < 0.85:
        return gradient(rng, size)
    soft = noise(rng, size).filter(ImageFilter.GaussianBlur(float(rng.uniform(0, 6))))
    return Image.blend(soft, Image.new("RGB", (size, size), random_colour(rng)), float(rng.uniform(0.2, 0.8)))


def finish(picture: Image.Image, rng: np.random.Generator) -> np.ndarray:
    """The marks that cameras and video leave, then the model's own size."""
    if rng.random() < 0.5:
        picture = ImageEnhance.Brightness(picture).enhance(float(rng.uniform(0.7, 1.25)))
        picture = ImageEnhance.Color(picture).enhance(float(rng.uniform(0.5, 1.4)))
        picture = ImageEnhance.Contrast(picture).enhance(float(rng.uniform(0.75, 1.25)))
    picture = picture.resize((SIZE, SIZE), Image.BICUBIC)
    if rng.random() < 0.2:
        picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.0))))
    if rng.random() < 0.3:
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=int(rng.integers(30, 95)))
        picture = Image.open(buffer).convert("RGB")
    return np.asarray(picture)


def compose(stamp: Image.Image, rng: np.random.Generator) -> np.ndarray:
    size = 140
    canvas = ground(rng, size)
    longest = size * rng.uniform(0.45, 1.05)
    ratio = longest / max(stamp.size)
    stretch = rng.uniform(0.88, 1.14)
    picture = stamp.resize((max(4, int(stamp.width * ratio * stretch)), max(4, int(stamp.height * ratio))), Image.BILINEAR)
    if rng.random() < 0.5:
        picture = picture.transpose(Image.FLIP_LEFT_RIGHT)
    if rng.random() < 0.4:
        picture = picture.rotate(float(rng.uniform(-18, 18)), Image.BILINEAR, expand=True)
    if rng.random() < 0.05:
        grey = picture.convert("LA")
        picture = grey.convert("RGBA")
    spread = max(6, (size - longest) / 2)
    left = (size - picture.width) / 2 + rng.uniform(-spread, spread)
    top = (size - picture.height) / 2 + rng.uniform(-spread, spread)
    canvas.paste(picture, (int(left), int(top)), picture)
    return finish(canvas, rng)


def stamp_ground(key: str, rng: np.random.Generator) -> Image.Image:
    if key == "gradient":
        return gradient(rng, SIZE)
    if key == "noise":
        return noise(rng, SIZE)
    base = np.array(COLOURS[key.removeprefix("plain ")]) + rng.normal(0, 14, 3)
    return Image.new("RGB", (SIZE, SIZE), tuple(int(v) for v in base.clip(0, 255)))


def draw_pattern(key: str, rng: np.random.Generator) -> Image.Image:
    first, second = random_colour(rng), random_colour(rng)
    if rng.random() < 0.4:
        first, second = (0, 0, 0), (255, 255, 255)
    picture = Image.new("RGB", (140, 140), first)
    pen = ImageDraw.Draw(picture)
    step = int(rng.integers(10, 36))
    if key == "color bars":
        bars = [(255, 255, 255), (255, 255, 0), (0, 255, 255), (0, 255, 0), (255, 0, 255), (255, 0, 0), (0, 0, 255), (0, 0, 0)]
        level = rng.uniform(0.6, 1.0)
        for number, colour in enumerate(bars):
            pen.rectangle((number * 17.5, 0, number * 17.5 + 18, 140), fill=tuple(int(v * level) for v in colour))
        if rng.random() < 0.5:
            pen.rectangle((0, int(rng.integers(90, 120)), 140, 140), fill=(20, 20, 40))
        return picture
    for a in range(-step, 141, step):
        if key == "stripes":
            pen.rectangle((a, -10, a + step // 2, 150), fill=second)
        elif key == "grid":
            pen.line((a, 0, a, 140), fill=second, width=max(2, step // 9))
            pen.line((0, a, 140, a), fill=second, width=max(2, step // 9))
        for b in range(-step, 141, step):
            if key == "dots":
                pen.ellipse((a, b, a + step * 0.6, b + step * 0.6), fill=second)
            elif key == "checkerboard" and (a // step + b // step) % 2:
                pen.rectangle((a, b, a + step - 1, b + step - 1), fill=second)
    if key == "stripes":
        picture = picture.rotate(float(rng.choice([0, 45, 90, 135])), Image.BICUBIC).crop((20, 20, 120, 120))
    return picture


def draw_shape(key: str, rng: np.random.Generator) -> Image.Image:
    colour, shape = key.split()
    fill = tuple(int(v) for v in (np.array(COLOURS[colour]) + rng.normal(0, 10, 3)).clip(0, 255))
    while True:
        back = (0, 0, 0) if rng.random() < 0.3 else (255, 255, 255) if rng.random() < 0.5 else random_colour(rng)
        if np.abs(np.array(back) - fill).sum() > 150:
            break
    picture = Image.new("RGB", (140, 140), back)
    pen = ImageDraw.Draw(picture)
    r = rng.uniform(25, 60)
    x, y = rng.uniform(r, 140 - r, 2)
    corners = {"square": 4, "triangle": 3, "diamond": 4}
    turn = rng.uniform(-0.2, 0.2)
    if shape in corners:
        start = turn + (np.pi / 4 if shape == "square" else np.pi / 2)
        angles = start + np.arange(corners[shape]) * 2 * np.pi / corners[shape]
        slim = 0.7 if shape == "diamond" else 1.0
        pen.polygon([(x + slim * r * np.cos(a), y - r * np.sin(a)) for a in angles], fill=fill)
    elif shape == "circle":
        pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)
    elif shape == "ring":
        pen.ellipse((x - r, y - r, x + r, y + r), outline=fill, width=int(rng.uniform(0.15, 0.4) * r))
    elif shape == "rectangle":
        slim = rng.uniform(0.4, 0.6)
        wide, high = (r, r * slim) if rng.random() < 0.6 else (r * slim, r)
        pen.rectangle((x - wide, y - high, x + wide, y + high), fill=fill)
    elif shape == "cross":
        t = r * rng.uniform(0.15, 0.35)
        pen.rectangle((x - r, y - t, x + r, y + t), fill=fill)
        pen.rectangle((x - t, y - r, x + t, y + r), fill=fill)
    else:
        a = rng.uniform(0, np.pi)
        pen.line((x - r * np.cos(a), y - r * np.sin(a), x + r * np.cos(a), y + r * np.sin(a)), fill=fill, width=int(rng.integers(3, 9)))
    return picture


def draw_writing(key: str, rng: np.random.Generator) -> Image.Image:
    fonts = sorted(FONT_FOLDER.glob("*.ttf"))
    picture = ground(rng, 140)
    dark = np.asarray(picture).mean() > 127
    ink = tuple(int(v) for v in (rng.integers(0, 70, 3) if dark else rng.integers(185, 256, 3)))
    pen = ImageDraw.Draw(picture)
    letters = [chr(c) for c in range(97, 123)] + [chr(c) for c in range(65, 91)]
    if key == "wide text":
        font = ImageFont.truetype(str(fonts[rng.integers(len(fonts))]), int(rng.integers(14, 32)))
        for row in range(int(rng.integers(1, 5))):
            line = "".join(rng.choice(letters + [" "] * 8, int(rng.integers(5, 16))))
            pen.text((int(rng.integers(2, 20)), 8 + row * 32), line, ink, font)
        return picture
    glyph = str(rng.choice(letters)) if key == "wide letter" else str(vocabulary.DIGITS.index(key.split()[1]))
    font = ImageFont.truetype(str(fonts[rng.integers(len(fonts))]), int(rng.integers(50, 130)))
    pen.text(tuple(70 + rng.uniform(-20, 20, 2)), glyph, ink, font, anchor="mm")
    return picture


def draw(key: str, rng: np.random.Generator) -> np.ndarray:
    if key.startswith("plain ") or key in vocabulary.EMPTIES:
        return finish(stamp_ground(key, rng), rng) if rng.random() < 0.4 else np.asarray(stamp_ground(key, rng))
    if key in PATTERNS:
        return finish(draw_pattern(key, rng), rng)
    if key.split()[-1] in SHAPES and key.split()[0] in SHAPE_COLOURS:
        return finish(draw_shape(key, rng), rng)
    return finish(draw_writing(key, rng), rng)


def _compose_many(task: tuple[str, int, int, int]) -> tuple[int, np.ndarray]:
    path, leaf, count, seed = task
    rng = np.random.default_rng([seed, leaf])
    stamp = load_stamp(path)
    return leaf, np.stack([compose(stamp, rng) for _ in range(count)])


def _draw_many(task: tuple[str, int, int, int]) -> tuple[int, np.ndarray]:
    key, leaf, count, seed = task
    rng = np.random.default_rng([seed, leaf])
    return leaf, np.stack([draw(key, rng) for _ in range(count)])


def _pool(worker, tasks: list, file: Path, workers: int) -> tuple[np.ndarray, np.ndarray]:
    if not file.exists():
        with ProcessPoolExecutor(workers) as executor:
            parts = list(executor.map(worker, tasks, chunksize=4))
        pictures = np.concatenate([p for _, p in parts])
        leaves = np.concatenate([np.full(len(p), leaf, np.int64) for leaf, p in parts])
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(file, pictures=pictures, leaves=leaves)
    data = np.load(file)
    return data["pictures"], data["leaves"]


def stamp_pool(words: Vocabulary, cache: Path, held_out: bool, copies: int, seed: int, workers: int = 2) -> tuple[np.ndarray, np.ndarray]:
    tasks = []
    for path, leaf in words.stamp_leaves.items():
        if vocabulary.is_held_out(path) == held_out:
            # 160 stamps are single letters; they need no more room than a few animals.
            tasks.append((path, leaf, max(8, copies // 6) if "alphabets" in path else copies, seed))
    return _pool(_compose_many, tasks, cache / f"stamps-{'held' if held_out else 'train'}-{copies}-{seed}.npz", workers)


def drawn_pool(words: Vocabulary, cache: Path, copies: int, seed: int, workers: int = 2) -> tuple[np.ndarray, np.ndarray]:
    tasks = []
    for key, leaf in words.drawn.items():
        shape = key.split()[-1] in SHAPES and key.split()[0] in SHAPE_COLOURS
        tasks.append((key, leaf, copies // 2 if shape else copies, seed))
    return _pool(_draw_many, tasks, cache / f"drawn-{copies}-{seed}.npz", workers)


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser(description="Render the pools of pictures once.")
    parser.add_argument("--cache", type=Path, default=Path("cache"))
    options = parser.parse_args()
    vocabulary_now = Vocabulary(list_stamps())
    for held_out, copies, seed in ((False, 64, 1), (True, 20, 2)):
        print("stamps", held_out, stamp_pool(vocabulary_now, options.cache, held_out, copies, seed)[0].shape)
    for copies, seed in ((120, 3), (12, 4)):
        print("drawn", drawn_pool(vocabulary_now, options.cache, copies, seed)[0].shape)
