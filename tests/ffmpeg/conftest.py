"""FFmpeg builds with the filters, and what they are tried on. Each test runs with every build that
`./dev ffmpeg` has made, or with those that CLIPCLAP_FFMPEG names; what may go wrong with memory, with
builds under AddressSanitizer too."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/reference"))
sys.path.insert(0, str(Path(__file__).parent))

from graphs import FOLDER, Build, make  # noqa: E402

NAMED = os.environ.get("CLIPCLAP_FFMPEG", "").split()
BUILDS = sorted(path.parent.name for path in FOLDER.glob("*/ffmpeg") if path.is_file())
BUILDS = [name for name in BUILDS if not NAMED or name in NAMED]


@pytest.fixture(scope="session")
def ffmpeg(request) -> Build:
    if request.param == "none":
        pytest.fail(f"no such FFmpeg with the filters in {FOLDER}: ./dev ffmpeg makes them of 5.1")
    return Build(FOLDER / request.param)


def pytest_generate_tests(metafunc) -> None:
    if "ffmpeg" not in metafunc.fixturenames:
        return
    plain = [name for name in BUILDS if not name.endswith("-asan")]
    sanitized = [name for name in BUILDS if name.endswith("-asan")]
    builds = plain or ([] if sanitized else ["none"])
    if metafunc.definition.get_closest_marker("memory"):
        builds = builds + (sanitized or ([] if NAMED else ["none"]))
    metafunc.parametrize("ffmpeg", builds, indirect=True, scope="session")


@pytest.fixture(scope="session")
def tag(clipclap):
    """What the command line says of a file: its records."""

    def tag_file(path: Path, *options: object) -> list[dict]:
        done = subprocess.run(
            [clipclap, "tag", path, "--format", "jsonl", *map(str, options)],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return tag_file


@pytest.fixture(scope="session")
def material(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("material")


@pytest.fixture(scope="session")
def film(material, photographs):
    """film(pixel_format): 12 photographs, 4 a second, 96×72, as they are in memory."""
    from PIL import Image

    chosen = [path for path in photographs if path.suffix == ".jpg"][:12]
    assert len(chosen) == 12
    pixels = material / "pixels.rgb"
    pixels.write_bytes(
        b"".join(Image.open(path).convert("RGB").resize((96, 72)).tobytes() for path in chosen)
    )

    def film_in(pixel_format: str) -> Path:
        path = material / f"{pixel_format}.nut"
        if not path.exists():
            source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "96x72", "-r", "4", "-i", pixels]
            make(path, *source, "-vf", f"format={pixel_format}", "-c:v", "rawvideo")
        return path

    return film_in


@pytest.fixture(scope="session")
def black_and_white(material) -> Path:
    """Four black frames, a white one and three black ones, one a second."""
    pixels = material / "black_and_white.gray"
    pixels.write_bytes(bytes(4096 * 4) + b"\xff" * 4096 + bytes(4096 * 3))
    return make(material / "black_and_white.nut", "-f", "rawvideo", "-pix_fmt", "gray", "-s", "64x64",
                "-r", "1", "-i", pixels, "-c:v", "rawvideo")  # fmt: skip


@pytest.fixture(scope="session")
def sound(material) -> Path:
    """25 s that change, in 48 kHz stereo; the end is in no whole window."""
    sources = "0.4*sin(2*PI*t*(200+20*floor(t)))+0.1*random(0)*gt(mod(t\\,7)\\,4)"
    return make(material / "sound.wav", "-f", "lavfi", "-i",
                f"aevalsrc={sources}|0.2*sin(2*PI*t*331):d=25.3:s=48000",
                "-c:a", "pcm_f32le")  # fmt: skip


@pytest.fixture(scope="session")
def talkative(material):
    """talkative(size): as options, a TorchScript model that prints how many pictures and texts it is
    given, takes pictures of that size, or of any, and fails at white."""
    import torch
    import torchvision_operators  # noqa: F401 - before transformers
    from clip_checkpoints import save_tokenizer

    class Talkative(torch.nn.Module):
        def __init__(self, size: int):
            super().__init__()
            self.size = size
            self.colours = torch.nn.Linear(3, 16)
            self.words = torch.nn.Embedding(49408, 16)

        def forward(self, image: torch.Tensor, text: torch.Tensor):
            print("given", image.size(0), text.size(0))
            torch._assert(self.size == 0 or image.size(3) == self.size, "another size")
            darkest = image.flatten(1).amin(1)
            torch._assert(bool(darkest.max() < 1.9), "too bright")  # white, as CLIP has it, is
            seen = self.colours(image.mean([2, 3]))
            return seen, self.words(text).mean(1), torch.tensor(10.0)

    folder = material / "talkative"
    folder.mkdir()
    save_tokenizer(folder)

    def options(size: int = 0) -> list[str]:
        path = folder / f"model{size}.pt"
        if not path.exists():
            torch.manual_seed(1)
            torch.jit.script(Talkative(size)).save(path)
        return [f"model={path}", f"tokenizer={folder}/tokenizer.json"]

    return options
