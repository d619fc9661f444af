"""Makes sound files of every kind, and asks clipclap what it hears in them."""

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy

from media_probe import ffmpeg


@dataclass
class Hearing:
    """What the library made of one sound."""

    head: dict = field(default_factory=dict)
    windows: list[dict] = field(default_factory=list)
    samples: list[numpy.ndarray] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error: dict | None = None

    @property
    def whole(self) -> numpy.ndarray:
        """Of windows that do not overlap but for the last."""
        parts, end = [], self.windows[0]["start"]
        for window, samples in zip(self.windows, self.samples, strict=True):
            seconds = window["end"] - window["start"]
            known = round((end - window["start"]) / seconds * len(samples))
            parts.append(samples[max(known, 0) :])
            end = window["end"]
        return numpy.concatenate(parts)


class Listener:
    def __init__(self, program: Path, folder: Path):
        self.program = program
        self.folder = folder

    def hear(self, source, stdin: bytes | None = None, **options) -> Hearing:
        target = self.folder / "heard.f32"
        target.unlink(missing_ok=True)
        words = [f"{name}={value}" for name, value in options.items()]
        command = [self.program, "hear", str(source), f"samples={target}", *words]
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=120)
        assert done.returncode in (0, 1), done.stderr.decode(errors="replace")
        assert not done.stderr, "the library printed: " + done.stderr.decode(errors="replace")
        hearing = Hearing()
        for line in map(json.loads, done.stdout.decode().splitlines()):
            if "warning" in line:
                hearing.warnings.append(line["warning"])
            elif "error" in line:
                hearing.error = line
            elif "kind" in line:
                hearing.head = line
            else:
                hearing.windows.append(line)
        rest = numpy.fromfile(target, numpy.float32) if target.exists() else numpy.empty(0)
        for window in hearing.windows:
            hearing.samples.append(rest[: window["count"]])
            rest = rest[window["count"] :]
        assert rest.size == 0
        return hearing


def write_sound(target: Path, samples: numpy.ndarray, rate: int, *options: object) -> Path:
    """`samples` is [count] or [count, channels] within ±1; ffmpeg encodes them by the name."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    source = ["-f", "f32le", "-ar", rate, "-ac", channels, "-i", "-"]
    ffmpeg(*source, *options, target, stdin=samples.astype("<f4").tobytes())
    return target


def music(rate: int, seconds: float, seed: int = 0) -> numpy.ndarray:
    """A few voices and a beat: all bands up to 12 kHz, changing all the time."""
    generator = numpy.random.default_rng(seed)
    time = numpy.arange(round(rate * seconds)) / rate
    sound = numpy.zeros_like(time)
    for _ in range(6):
        pitch, speed = generator.uniform(80, 1500), generator.uniform(0.3, 2)
        for overtone in range(1, 8):
            if pitch * overtone < 12000:
                sound += numpy.sin(2 * numpy.pi * pitch * overtone * time) / overtone * (
                    0.5 + 0.5 * numpy.sin(2 * numpy.pi * speed * time + pitch)
                )
    beat = generator.normal(0, 1, len(time)) * numpy.exp(-20 * (time * 2 % 1))
    sound = sound + beat
    return (0.5 * sound / numpy.abs(sound).max()).astype(numpy.float32)
