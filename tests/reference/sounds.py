"""Sounds of every kind that a front end meets, and the door to the parts that hear."""

import subprocess
from functools import cache
from pathlib import Path

import numpy

SPEECH = "The quick brown fox jumps over the lazy dog, while a train whistles in the distance."


@cache
def speech(rate: int) -> numpy.ndarray:
    """Spoken by flite, which Debian's ffmpeg holds."""
    source = f"flite=text='{SPEECH.replace(',', '')}'"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-ar", str(rate), "-ac", "1"]
    output = subprocess.run([*command, "-f", "f32le", "-"], capture_output=True, check=True)
    return numpy.frombuffer(output.stdout, dtype=numpy.float32)


def sounds(rate: int, seconds: float) -> dict[str, numpy.ndarray]:
    """float32 within ±1, all of the same length, no two alike: steady noise would fill all bands as
    evenly as the buzz does, and a tower would hardly tell them apart."""
    count = round(rate * seconds)
    generator = numpy.random.default_rng(5)
    time = numpy.arange(count) / rate
    clicks = numpy.zeros(count)
    clicks[:: rate // 23] = 1.0
    clicks[rate // 7 :: rate // 50] = -0.5
    kinds = {
        "bursts of noise": generator.uniform(-0.5, 0.5, count) * (3 * time % 1 < 0.6),
        "faint noise": generator.normal(0, 1e-3, count),
        "tone": 0.9 * numpy.sin(2 * numpy.pi * 1000 * time),
        "low buzz": 2 * (61.7 * time % 1) - 1,
        "rising tone": 0.5 * numpy.sin(2 * numpy.pi * (100 + 700 * time) * time),
        "silence": numpy.zeros(count),
        "clicks": clicks,
        "speech": numpy.resize(speech(rate), count),
    }
    return {name: sound.astype(numpy.float32) for name, sound in kinds.items()}


class SoundProbe:
    def __init__(self, tools: Path):
        self.binary = tools / "sound_probe"

    def run(self, command: str, model: Path, clips: numpy.ndarray, *options: object):
        """`clips` is [count, samples]; the answer is flat."""
        arguments = [self.binary, command, model, clips.shape[1], *options]
        result = subprocess.run(
            [str(argument) for argument in arguments],
            input=numpy.ascontiguousarray(clips, dtype=numpy.float32).tobytes(),
            capture_output=True,
        )
        assert result.returncode == 0, result.stderr.decode()
        return numpy.frombuffer(result.stdout, dtype=numpy.float32)

    def spectrograms(self, model: Path, clips: numpy.ndarray, mel_count: int) -> numpy.ndarray:
        """[clips, spectrograms · frames, mels]."""
        return self.run("spectrograms", model, clips).reshape(len(clips), -1, mel_count)

    def embed(self, model: Path, clips: numpy.ndarray, *options: object) -> numpy.ndarray:
        """[clips, dimension]."""
        rows = self.run("embed", model, clips, *options).reshape(len(clips), -1)
        return rows.astype(numpy.float64)

    def failure(self, model: Path, clips: numpy.ndarray) -> str:
        """What it says where it must refuse."""
        result = subprocess.run(
            [str(self.binary), "embed", str(model), str(clips.shape[1])],
            input=clips.astype(numpy.float32).tobytes(),
            capture_output=True,
        )
        assert result.returncode == 1, result.stderr.decode()
        return result.stderr.decode()
