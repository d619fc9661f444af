"""Runs media_probe and makes material for it."""

import json
import subprocess
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np


@dataclass
class Reading:
    """What the library made of one input."""

    head: dict = field(default_factory=dict)
    pictures: list[dict] = field(default_factory=list)
    rgb: list[np.ndarray] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error: dict | None = None

    @property
    def starts(self) -> list[float]:
        return [picture["start"] for picture in self.pictures]

    @property
    def ends(self) -> list[float]:
        return [picture["end"] for picture in self.pictures]


def sort_lines(output: str) -> Reading:
    reading = Reading()
    for line in map(json.loads, output.splitlines()):
        if "warning" in line:
            reading.warnings.append(line["warning"])
        elif "error" in line:
            reading.error = line
        elif "kind" in line:
            reading.head = line
        else:
            reading.pictures.append(line)
    return reading


class Probe:
    def __init__(self, program: Path, folder: Path):
        self.program = program
        self.folder = folder

    def read(self, source, every="1", threads=1, fast=False, stdin=None, cwd=None, timeout=120) -> Reading:
        """Reads `source`; `stdin` is a file whose bytes come through a pipe."""
        rgb = self.folder / "pictures.rgb"
        command = [self.program, "read", str(source), f"every={every}", f"threads={threads}", f"fast={int(fast)}", f"rgb={rgb}"]
        data = Path(stdin).read_bytes() if stdin is not None else None
        done = subprocess.run(command, input=data, capture_output=True, cwd=cwd, timeout=timeout)
        assert done.returncode in (0, 1), done.stderr.decode(errors="replace")
        assert not done.stderr, "the library printed: " + done.stderr.decode(errors="replace")
        reading = sort_lines(done.stdout.decode())
        assert (done.returncode == 1) == (reading.error is not None)
        pixels = np.fromfile(rgb, np.uint8)
        for picture in reading.pictures:
            shape = (picture["height"], picture["width"], 3)
            count = int(np.prod(shape))
            reading.rgb.append(pixels[:count].reshape(shape))
            pixels = pixels[count:]
        assert pixels.size == 0
        return reading

    def picture(self, source, **options) -> np.ndarray:
        """The pixels of an input that is one picture."""
        reading = self.read(source, **options)
        assert reading.error is None, reading.error
        assert len(reading.rgb) == 1
        return reading.rgb[0]

    def prepare(self, pixels: np.ndarray, order: dict, aspect: float = 1.0) -> np.ndarray:
        source, target = self.folder / "source.rgb", self.folder / "target.rgb"
        pixels.tofile(source)
        height, width = pixels.shape[:2]
        command = [self.program, "prepare", source, str(width), str(height), repr(aspect), json.dumps(order), target]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        size = json.loads(done.stdout)
        return np.fromfile(target, np.uint8).reshape(size["height"], size["width"], 3)


def ffmpeg(*arguments, stdin: bytes | None = None) -> bytes:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, arguments)]
    if stdin is not None:
        command.remove("-nostdin")
    return subprocess.run(command, input=stdin, check=True, capture_output=True).stdout


def encode(target, source="testsrc2=s=160x120:r=25:d=4", *options) -> Path:
    ffmpeg("-f", "lavfi", "-i", source, *options, target)
    return Path(target)


X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "12", "-bf", "2", "-threads", "1")


@lru_cache
def frames(source) -> list[dict]:
    """ffprobe's view of the frames of the first film stream."""
    command = ["ffprobe", "-v", "error", "-select_streams", "V:0", "-show_frames", "-of", "json", str(source)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["frames"]


def frame_times(source) -> list[float]:
    return [float(frame["best_effort_timestamp_time"]) for frame in frames(source)]
