"""Plays instruments of a sound font that the demo model never heard: TimGM6mb, through FluidSynth."""

import subprocess
from pathlib import Path

import mido
import numpy
from scipy.io import wavfile

FONT = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
RATE = 48_000
SECONDS = 10
TICKS_PER_SECOND = 960  # of mido's 480 a beat, at 120 beats a minute
DRUM_CHANNEL = 9

# General MIDI's programs; what is no member of its family by ear is left out: timpani among the
# strings, the orchestra hit. String ensembles are strings, voices are a choir.
FAMILIES = {
    "piano": [*range(0, 8)],
    "chromatic percussion": [*range(8, 16)],
    "organ": [*range(16, 24)],
    "guitar": [*range(24, 32)],
    "bass": [*range(32, 40)],
    "strings": [*range(40, 47), *range(48, 52)],
    "choir": [52, 53, 54],
    "brass": [*range(56, 64)],
    "reed": [*range(64, 72)],
    "flute": [*range(72, 80)],
    "drums": [],
}
LOW = {*range(32, 40), 42, 43, 57, 58, 67, 70}  # what plays two octaves below the rest
SCALE = [0, 2, 4, 5, 7, 9, 11, 12, 11, 9, 7, 5, 4, 2]
TUNE = [0, 4, 7, 12, 7, 9, 5, 2, 7, 11, 12, 0]


def tune_notes(program: int, kind: int):
    """(start, seconds, pitch) of one of three phrases: a scale, a tune, chords."""
    root = (36 if program in LOW else 60) + 2 * kind
    if kind == 0:
        return [(0.5 * n, 0.45, root + SCALE[n % len(SCALE)]) for n in range(19)]
    if kind == 2:
        chords = [(0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7), (-3, 0, 4)]
        return [(1.9 * n, 1.8, root + p) for n, chord in enumerate(chords) for p in chord]
    return [(0.3 * n, 0.28, root + TUNE[n % len(TUNE)]) for n in range(31)]


def drum_notes(kind: int):
    step = 0.11 + 0.02 * kind
    beats = [(8, 0, 36), (8, 4, 38), (2, 0, 42), (16, 11, 36), (32, 30, 45 + kind % 5), (64, 0, 49)]
    return [
        (step * n, 0.1, drum)
        for n in range(int(9.5 / step))
        for every, at, drum in beats
        if n % every == at
    ]


def write_midi(path: Path, slots) -> None:
    """`slots` is a list of (channel, program, notes), each given twelve seconds."""
    events = []
    for slot, (channel, program, notes) in enumerate(slots):
        begin = 12.0 * slot
        events.append((begin, 0, mido.Message("control_change", channel=channel, control=120)))
        events.append(
            (begin, 1, mido.Message("program_change", channel=channel, program=program))
        )
        for start, seconds, pitch in notes:
            key = {"channel": channel, "note": pitch}
            events.append((begin + start, 3, mido.Message("note_on", velocity=96, **key)))
            events.append((begin + start + seconds, 2, mido.Message("note_off", **key)))
    track, now = mido.MidiTrack(), 0
    for moment, _, message in sorted(events, key=lambda event: event[:2]):
        tick = round(moment * TICKS_PER_SECOND)
        track.append(message.copy(time=tick - now))
        now = tick
    file = mido.MidiFile()
    file.tracks.append(track)
    file.save(path)


def play(folder: Path, slots) -> list[numpy.ndarray]:
    """Ten seconds of each slot, [count, 2] within ±1."""
    midi, sound = folder / "notes.mid", folder / "notes.wav"
    write_midi(midi, slots)
    options = ["-niq", "-z", "1024", "-T", "wav", "-O", "s16", "-r", str(RATE)]
    command = ["fluidsynth", *options, "-F", sound, FONT, midi]
    subprocess.run(command, check=True, capture_output=True)
    samples = wavfile.read(sound)[1].astype(numpy.float32) / 32768
    missing = max(0, 12 * len(slots) * RATE - len(samples))
    samples = numpy.pad(samples, ((0, missing), (0, 0)))
    return [samples[12 * n * RATE :][: SECONDS * RATE] for n in range(len(slots))]


def family_slots() -> tuple[list, list[str]]:
    """Every program of the eleven families in two phrases, and as many drums; their families."""
    slots, families = [], []
    for family, programs in FAMILIES.items():
        for program in programs:
            kinds = (0, 1 + program % 2)
            slots += [(0, program, tune_notes(program, kind)) for kind in kinds]
            families += [family] * len(kinds)
    slots += [(DRUM_CHANNEL, 0, drum_notes(kind)) for kind in range(10)]
    return slots, families + ["drums"] * 10
