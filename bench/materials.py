"""What is measured on: checkpoints with seeded weights, photographs, films, sounds."""

import subprocess
import sys
from pathlib import Path

import numpy
from PIL import Image
from results import ROOT

PHOTOGRAPHS = Path("/usr/share/doc/opencv-doc/examples/data")
sys.path.insert(0, str(ROOT / "tests/reference"))
import torchvision_operators  # noqa: E402, F401  (before transformers)

import clap_checkpoints  # noqa: E402
import clip_checkpoints  # noqa: E402
import siglip_checkpoints  # noqa: E402
from sound_files import music, write_sound  # noqa: E402
from sounds import speech  # noqa: E402

B16 = {"patch_size": 16}
L14 = {"patch_size": 14, "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24,
       "num_attention_heads": 16}  # fmt: skip
L14_TEXT = {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12}
SIGLIP_B16 = {"image_size": 224, "patch_size": 16}


def clip(folder: Path, vision: dict, text: dict, projection: int = 512) -> None:
    config = clip_checkpoints.clip_config(vision, {"eos_token_id": 2, **text}, projection)
    clip_checkpoints.save_checkpoint(folder, config)


#: The names of the results, the folders, and what writes them: shapes of published checkpoints.
CHECKPOINTS = {
    "CLIP ViT-B/32": ("vit-b-32", lambda folder: clip(folder, {}, {})),
    "CLIP ViT-B/16": ("vit-b-16", lambda folder: clip(folder, B16, {})),
    "CLIP ViT-L/14": ("vit-l-14", lambda folder: clip(folder, L14, L14_TEXT, 768)),
    "SigLIP B/16": ("siglip-b-16", lambda folder: siglip_checkpoints.save_checkpoint(
        folder, SIGLIP_B16, {"vocab_size": 32000})),
    "CLAP HTSAT-tiny": ("htsat-tiny", lambda folder: clap_checkpoints.save_checkpoint(folder, {}, {})),
}  # fmt: skip


def checkpoint(work: Path, name: str) -> Path:
    folder = work / CHECKPOINTS[name][0]
    if not (folder / "tokenizer.json").exists():
        print(f"writing {folder}", file=sys.stderr)
        CHECKPOINTS[name][1](folder)
    return folder


def make_photographs(work: Path, count: int, side: int = 1280) -> Path:
    """Cuts out of opencv-doc's photographs, as JPEGs such as cameras write them."""
    folder = work / f"photographs-{count}"
    if len(list(folder.glob("*.jpg"))) == count:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    chance = numpy.random.default_rng(5)
    paths = sorted(PHOTOGRAPHS.glob("*.jpg"))
    for number in range(count):
        picture = Image.open(paths[number % len(paths)]).convert("RGB")
        width, height = picture.size
        share = chance.uniform(0.5, 1)
        left, top = chance.uniform(0, 1 - share, 2)
        box = (left * width, top * height, (left + share) * width, (top + share) * height)
        size = (side, round(side * height / width)) if number % 4 else (round(side * width / height), side)
        picture.resize(size, Image.BICUBIC, box=box).save(folder / f"{number:04}.jpg", quality=90)
    return folder


def ffmpeg(*arguments: object) -> None:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True)


def make_film(work: Path) -> Path:
    """A minute of 1080p30 in H.264 with x264's defaults: photographs that are slowly passed over."""
    path = work / "minute.mp4"
    if path.exists():
        return path
    print(f"writing {path}", file=sys.stderr)
    scenes = work / "scenes"
    scenes.mkdir(exist_ok=True)
    names = ("baboon.jpg", "fruits.jpg", "home.jpg", "building.jpg", "lena.jpg", "board.jpg")
    chosen = [PHOTOGRAPHS / name for name in names if (PHOTOGRAPHS / name).exists()]
    inputs, filters = [], []
    for number, photograph in enumerate(chosen):
        inputs += ["-loop", "1", "-framerate", "30", "-t", str(60 / len(chosen)), "-i", photograph]
        filters.append(
            f"[{number}]scale=2880:-2,crop=2400:min(1350\\,ih),"
            f"zoompan=z='1.1+0.2*sin(on/40)':x='(iw-iw/zoom)*(0.5+0.5*sin(on/50))':"
            f"y='(ih-ih/zoom)*(0.5+0.5*cos(on/70))':d=1:s=1920x1080:fps=30,"
            f"noise=alls=6:allf=t,setsar=1[v{number}]"
        )
    joined = "".join(f"[v{number}]" for number in range(len(chosen)))
    graph = ";".join(filters) + f";{joined}concat=n={len(chosen)}"
    ffmpeg(*inputs, "-filter_complex", graph, "-c:v", "libx264", "-pix_fmt", "yuv420p", path)
    return path


def make_plain_film(work: Path) -> Path:
    """Twenty seconds of people walking, coded as a small build of ffmpeg decodes it."""
    path = work / "walking.mp4"
    if not path.exists():
        ffmpeg("-i", PHOTOGRAPHS / "vtest.avi", "-t", 20, "-c:v", "mpeg4", "-q:v", 3, path)
    return path


def repeat(source: Path, target: Path, seconds: int) -> Path:
    """The same again and again; copied, not coded anew."""
    if not target.exists():
        ffmpeg("-stream_loop", "-1", "-i", source, "-t", seconds, "-c", "copy", target)
    return target


def make_sound(work: Path, minutes: int) -> Path:
    """A minute of music and a minute of speech in turn."""
    path = work / f"{minutes}-minutes.flac"
    if not path.exists():
        rate = 48000
        pair = [music(rate, 60), numpy.resize(speech(rate), 60 * rate)]
        samples = numpy.concatenate((pair * (minutes // 2 + 1))[:minutes])
        write_sound(path, samples, rate, "-sample_fmt", "s16")
    return path
