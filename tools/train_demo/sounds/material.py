"""The pools: log-mels of every class of sounds, (N, 1001, 64) float16 with their leaves and voices, one file a group."""

import argparse
import subprocess
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import torch
from scipy.signal import resample_poly
from transformers import ClapFeatureExtractor

from . import music, synthesis
from .synthesis import RATE, SAMPLES
from .vocabulary import LANGUAGES, STAMPS_LEFT_OUT, SYNTHETIC, Vocabulary, is_held_out

STAMP_FOLDER = Path("/usr/share/tuxpaint/stamps")
ASTERISK_FOLDER = Path("/usr/share/asterisk/sounds")
ASTERISK_VOICES = {"en_US_f_Allison": "en", "es_MX_f_Allison": "es", "fr_CA_f_June": "fr", "it_IT_m_Carlo": "it", "ru_RU_f_IvrvoiceRU": "ru"}
TEST_VOICES = ["nl", "da", "lt"]  # the stamps' speakers of these languages are never trained on
ESPEAK_VARIANTS = ["", "+m1", "+m2", "+m3", "+m4", "+m5", "+f1", "+f2", "+f3", "+f4"]
TEST_VARIANTS = ["+m7", "+f5"]
ESPEAK_LANGUAGES = ["en-us", "en-gb", "es", "fr", "it", "ru", "de", "pt", "el", "ro"]


@cache
def front_end() -> tuple[torch.Tensor, torch.Tensor]:
    extractor = ClapFeatureExtractor()
    return torch.hann_window(extractor.fft_window_size), torch.from_numpy(extractor.mel_filters_slaney).float()


def log_mel(samples: np.ndarray) -> np.ndarray:
    """What ClapFeatureExtractor makes of ten seconds at 48 kHz, many times faster."""
    window, filters = front_end()
    spectrum = torch.stft(torch.from_numpy(np.ascontiguousarray(samples, np.float32)), 1024, 480, window=window, pad_mode="reflect", return_complex=True)
    power = spectrum.abs().square().transpose(-1, -2) @ filters
    return (10 * power.clamp(min=1e-10).log10()).half().numpy()


def repeat(samples: np.ndarray) -> np.ndarray:
    """The extractor's repeatpad: whole repeats, then zeros; longer sounds are cut."""
    samples = samples[:SAMPLES]
    whole = np.tile(samples, SAMPLES // max(1, len(samples)))
    return np.pad(whole, (0, SAMPLES - len(whole))).astype(np.float32)


def vary(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A quarter becomes a short file, repeated as users' short files are."""
    if rng.random() < 0.25:
        length = int(rng.uniform(1, 6) * RATE)
        start = int(rng.integers(0, SAMPLES - length)) if rng.random() < 0.5 else 0
        cut = repeat(samples[start:start + length])
        return cut if loudness(cut) > -55 else samples
    return samples


def loudness(samples: np.ndarray) -> float:
    return 20 * np.log10(np.sqrt(np.mean(samples ** 2)) + 1e-9)


def read(file: Path) -> np.ndarray:
    samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    samples = samples.mean(axis=1)
    return samples if rate == RATE else resample_poly(samples, RATE, rate).astype(np.float32)


def list_stamps() -> list[str]:
    """Stamps' own sounds, not their descriptions; paths below the stamp folder."""
    found = (str(file.relative_to(STAMP_FOLDER)) for file in sorted(STAMP_FOLDER.rglob("*.ogg")))
    return [path for path in found if "_desc" not in path and not path.startswith(STAMPS_LEFT_OUT)]


Clips = list[tuple[np.ndarray, str]]


def render(task: tuple[str, list[str], int, bool]) -> Clips:
    font, keys, seed, lively = task
    rng, clips = np.random.default_rng([seed, 7]), []
    for samples, key in zip(music.render(font, keys, seed, lively), keys):
        if loudness(samples) <= -55:
            continue
        if lively and rng.random() < 0.6:  # another size of instrument
            speed = rng.uniform(0.88, 1.13)
            moved = np.interp(np.arange(0, SAMPLES - 1, speed), np.arange(SAMPLES), samples).astype(np.float32)
            samples = repeat(moved) if len(moved) >= SAMPLES else np.pad(moved, (0, SAMPLES - len(moved)))
        clips.append((vary(samples, rng), key))
    return clips


def music_tasks(font: str, path: str, copies: int, seed: int, lively: bool = False) -> list:
    tasks, shared = [], music.SHARED_WITH_TEST_FONT.get(font, set())
    for number in range(copies):
        programs = [p for p in range(120) if p < 80 or number % 3 == 0]
        keys = [f"program {p}" for p in programs if p not in shared] + (["drums"] * 8 + ["band"] * 5 if "drums" not in shared else [])
        tasks.append((path, keys, seed + number, lively))
    return tasks


def speak(task: tuple[str, list[Path], int, int]) -> Clips:
    """Clips of one voice: one phrase repeated, or phrases in a row with pauses."""
    key, files, copies, seed = task
    rng, clips = np.random.default_rng([seed, len(files)]), []
    for _ in range(copies):
        if rng.random() < 0.3:
            clips.append((repeat(read(files[rng.integers(len(files))])), key))
            continue
        parts, length = [np.zeros(int(rng.uniform(0, 1) * RATE), np.float32)], 0
        while length < SAMPLES:
            parts += [read(files[rng.integers(len(files))]), np.zeros(int(rng.uniform(0, 0.7) * RATE), np.float32)]
            length = sum(map(len, parts))
        clips.append((vary(np.concatenate(parts)[:SAMPLES], rng), key))
    return [(samples, key) for samples, key in clips if loudness(samples) > -55]


def recorded_voices(held_out: bool, copies: int) -> list:
    tasks = []
    for folder, code in ASTERISK_VOICES.items():
        files = [f for f in sorted((ASTERISK_FOLDER / folder).rglob("*.wav")) if is_held_out(f.stem) == held_out and "silence" not in str(f)]
        tasks.append((f"speech {code}", files, copies, 11))
    by_language: dict[str, list[Path]] = {}
    for file in sorted(STAMP_FOLDER.rglob("*_desc*.ogg")):
        code = file.stem.partition("_desc")[2].strip("_") or "en"
        by_language.setdefault(code, []).append(file)
    for code, files in by_language.items():
        key = f"speech {code}" if code in LANGUAGES else "speech"
        held = files if code in TEST_VOICES else [f for f in files if is_held_out(f.stem.partition("_desc")[0])]
        chosen = held if held_out else [f for f in files if f not in set(held)]
        if len(chosen) >= 5:
            tasks.append((key, chosen, min(copies, 4 * len(chosen)), 12))
    return tasks


def sentences(code: str) -> list[str]:
    """The stamps' descriptions in one language."""
    found = []
    for file in sorted(STAMP_FOLDER.rglob("*.txt")):
        lines = file.read_text(errors="replace").splitlines()
        found += lines[:1] if code == "en" else [line.split("=", 1)[1] for line in lines if line.startswith(f"{code}.utf8=")]
    return [text.removeprefix("en=") for text in found if text and not is_held_out(text)]


def synthesize_speech(task: tuple[str, list[str], int, int]) -> Clips:
    language, variants, copies, seed = task
    rng, code = np.random.default_rng([seed, sum(language.encode())]), language.split("-")[0]
    lines, clips = sentences(code), []
    for variant in variants:
        for _ in range(copies):
            text = ". ".join(rng.choice(lines, 4))
            command = ["espeak-ng", "-v", language + variant, "-s", str(int(rng.integers(110, 210))), "-p", str(int(rng.integers(20, 80))), "--stdout", text]
            sound = subprocess.run(command, check=True, capture_output=True).stdout
            samples = np.frombuffer(sound[44:], "<i2").astype(np.float32) / 32768
            samples = resample_poly(samples, RATE, 22050).astype(np.float32)
            clips.append((vary(repeat(samples), rng), f"speech {code}"))
    return clips


def stamp(task: tuple[str, int, int]) -> Clips:
    """One short sound at other speeds, places and levels."""
    path, copies, seed = task
    rng, sound, clips = np.random.default_rng([seed, len(path)]), read(STAMP_FOLDER / path), []
    for number in range(copies):
        speed = 1.0 if number == 0 else rng.uniform(0.85, 1.18)
        places = np.arange(0, len(sound) - 1, speed)
        moved = np.interp(places, np.arange(len(sound)), sound).astype(np.float32)
        if rng.random() < 0.5 or number == 0:
            clips.append((repeat(moved), f"stamp {path}"))
            continue
        whole, moment = np.zeros(SAMPLES, np.float32), int(rng.uniform(0, 2) * RATE)
        while moment < SAMPLES - RATE // 2:
            part = moved[:SAMPLES - moment]
            whole[moment:moment + len(part)] += part
            moment += len(part) + int(rng.uniform(0.05, 3) * RATE)
        clips.append((whole, f"stamp {path}"))
    return clips


def synthesize(task: tuple[str, int, int]) -> Clips:
    key, copies, seed = task
    rng = np.random.default_rng([seed, *key.encode()])
    made = []
    for _ in range(copies):
        samples = synthesis.make(key, rng).astype(np.float32)
        made.append((vary(samples, rng) if key != "silence" else samples, key))
    return made


WORKERS = {"music": render, "voices": speak, "espeak": synthesize_speech, "stamps": stamp, "synthetic": synthesize}


def mels_of(task: tuple[str, tuple]) -> tuple[np.ndarray, list[str]]:
    torch.set_num_threads(1)
    worker, rest = task
    clips = WORKERS[worker](rest)
    if not clips:
        return np.zeros((0, 1001, 64), np.float16), []
    return np.concatenate([log_mel(np.nan_to_num(samples)[None]) for samples, _ in clips]), [key for _, key in clips]


def plan(held_out: bool) -> dict[str, list]:
    """Group: its tasks. The held-out groups are other phrases, voices, stamps, seeds, and the test font."""
    stamps = [path for path in list_stamps() if is_held_out(Path(path).stem) == held_out]
    if held_out:
        return {"test-voices": [("voices", t) for t in recorded_voices(True, 20)],
                "test-espeak": [("espeak", (language, TEST_VARIANTS, 5, 92)) for language in ESPEAK_LANGUAGES],
                "test-font": [("music", t) for t in music_tasks("test", music.TEST_FONT, 8, 9000)],
                "test-stamps": [("stamps", (path, 6, 93)) for path in stamps],
                "test-synthetic": [("synthetic", (key, 20, 94)) for key in SYNTHETIC]}
    groups = {}
    for number, (name, path) in enumerate(music.FONTS.items()):
        groups[f"font-{name}"] = [("music", t) for t in music_tasks(name, path, 14, 1000 * number)]
        groups[f"lively-{name}"] = [("music", t) for t in music_tasks(name, path, 16, 1000 * number + 500, lively=True)]
    return {"voices": [("voices", t) for t in recorded_voices(False, 120)],
            "espeak": [("espeak", (language, ESPEAK_VARIANTS, 8, 2)) for language in ESPEAK_LANGUAGES],
            "stamps": [("stamps", (path, 24, 3)) for path in stamps],
            "synthetic": [("synthetic", (key, 120, 4)) for key in SYNTHETIC], **groups}


def pool(words: Vocabulary, group: str, tasks: list, folder: Path, workers: int) -> tuple[np.ndarray, np.ndarray]:
    """(N, 1001, 64) log-mels and their leaves; rendered once."""
    file = folder / f"{group}.npz"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with ProcessPoolExecutor(workers) as executor:
            parts = list(executor.map(mels_of, tasks))
        keys = [key for _, names in parts for key in names]
        np.savez(folder / f"{group}.new.npz", mels=np.concatenate([mels for mels, _ in parts]), keys=np.array(keys))
        (folder / f"{group}.new.npz").rename(file)
    data = np.load(file)
    return data["mels"], np.array([words.leaf_of[key] for key in data["keys"]])


def pools(words: Vocabulary, held_out: bool, folder: Path, workers: int = 2) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {group: pool(words, group, tasks, folder, workers) for group, tasks in plan(held_out).items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Render the pools of sounds once.")
    parser.add_argument("--cache", type=Path, default=Path("cache"))
    options = parser.parse_args()
    vocabulary = Vocabulary(list_stamps())
    for held in (False, True):
        for group, tasks in plan(held).items():
            print(group, pool(vocabulary, group, tasks, options.cache, 2)[0].shape, flush=True)
