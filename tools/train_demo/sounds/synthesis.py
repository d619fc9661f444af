"""Sounds that are computed: silence, noises, tones; ten seconds of float samples at 48 kHz."""

import numpy as np
from scipy.signal import butter, chirp, sosfilt

RATE = 48000
SAMPLES = 10 * RATE


def coloured(rng: np.random.Generator, slope: float) -> np.ndarray:
    """Noise whose power falls with frequency to the power `slope`."""
    spectrum = np.fft.rfft(rng.standard_normal(SAMPLES))
    frequency = np.fft.rfftfreq(SAMPLES, 1 / RATE)
    frequency[0] = frequency[1]
    spectrum *= np.maximum(frequency, 20.0) ** (-slope / 2)
    return np.fft.irfft(spectrum, SAMPLES)


def level(samples: np.ndarray, decibels: float) -> np.ndarray:
    return samples * (10 ** (decibels / 20) / max(1e-9, np.sqrt(np.mean(samples ** 2))))


def slow(rng: np.random.Generator, rate_hz: float, low: float) -> np.ndarray:
    """A curve between `low` and 1 that wanders at about `rate_hz`."""
    points = rng.uniform(low, 1, int(10 * rate_hz) + 3)
    return np.interp(np.linspace(0, len(points) - 1, SAMPLES), np.arange(len(points)), points)


def seconds() -> np.ndarray:
    return np.arange(SAMPLES) / RATE


def gate(rng: np.random.Generator, period: float, share: float) -> np.ndarray:
    """On for `share` of each period, with soft edges."""
    phase = (seconds() / period + rng.uniform()) % 1
    return np.clip(np.minimum(phase, share - phase) * period / 0.003, 0, 1)


def wave(rng: np.random.Generator, hertz: float, shape: str) -> np.ndarray:
    phase = hertz * seconds() + rng.uniform()
    if shape == "sine":
        return np.sin(2 * np.pi * phase)
    if shape == "square":
        return np.sign(np.sin(2 * np.pi * phase))
    return 2 * (phase % 1) - 1


def silence(rng):
    kind = rng.random()
    if kind < 0.3:
        return np.zeros(SAMPLES)
    if kind < 0.4:
        return np.full(SAMPLES, rng.uniform(-0.01, 0.01))
    return level(coloured(rng, rng.uniform(0, 1.5)), rng.uniform(-105, -72))


def hum(rng):
    mains = float(rng.choice([50, 60])) * rng.uniform(0.99, 1.01)
    parts = sum(wave(rng, mains * k, "sine") * rng.uniform(0, 1) / k for k in range(1, 12))
    return level(parts, 0) + level(coloured(rng, 1), rng.uniform(-50, -20))


def dial_tones(rng):
    if rng.random() < 0.3:  # a line's own tone: two steady frequencies, whole or interrupted
        low, high = ((350, 440), (440, 480), (480, 620), (425, 450))[rng.integers(4)]
        whole = wave(rng, low, "sine") + wave(rng, high, "sine")
        return whole * (gate(rng, rng.uniform(0.5, 4), 0.5) if rng.random() < 0.7 else 1)
    result, period = np.zeros(SAMPLES), rng.uniform(0.12, 0.5)
    length = int(period * rng.uniform(0.4, 0.9) * RATE)
    for start in range(0, SAMPLES - length, int(period * RATE)):
        low, high = rng.choice([697, 770, 852, 941]), rng.choice([1209, 1336, 1477, 1633])
        time = np.arange(length) / RATE
        result[start:start + length] = np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * high * time)
    return result


def siren(rng):
    low, high = rng.uniform(400, 700), rng.uniform(900, 1700)
    speed = rng.uniform(0.15, 4)
    turn = np.sin(2 * np.pi * speed * seconds())
    frequency = np.where(turn > 0, low, high) if rng.random() < 0.4 else low + (high - low) * (0.5 + 0.5 * turn)
    phase = np.cumsum(frequency) / RATE
    tone = np.sin(2 * np.pi * phase)
    return tone if rng.random() < 0.5 else np.tanh(3 * tone)


def sweep(rng):
    length = rng.choice([1, 2, 5, 10])
    ends = np.exp(rng.uniform(np.log(60), np.log(14000), 2))
    one = chirp(np.arange(int(length * RATE)) / RATE, ends[0], length, ends[1], method=str(rng.choice(["linear", "logarithmic"])))
    return np.tile(one, 10 // int(length))


def click(rng):
    result, period = np.zeros(SAMPLES), rng.uniform(0.15, 1.2)
    grain = np.exp(-np.arange(2400) / rng.uniform(20, 300)) * rng.standard_normal(2400)
    if rng.random() < 0.5:
        grain = np.exp(-np.arange(2400) / rng.uniform(50, 400)) * np.sin(2 * np.pi * rng.uniform(800, 6000) * np.arange(2400) / RATE)
    steady = rng.random() < 0.7
    moment = rng.uniform(0, period)
    while moment < 9.9:
        start = int(moment * RATE)
        result[start:start + 2400] += grain
        moment += period if steady else rng.exponential(period) + 0.05
    return result + level(coloured(rng, 1), rng.uniform(-90, -60))


def crackle(rng):
    result = np.zeros(SAMPLES)
    for start in rng.integers(0, SAMPLES - 500, rng.integers(150, 2500)):
        width = rng.integers(3, 60)
        result[start:start + width] += rng.standard_normal(width) * rng.exponential(1)
    return result + level(coloured(rng, 1), rng.uniform(-60, -35))


def wind(rng):
    bands = butter(2, [rng.uniform(60, 200), rng.uniform(400, 1500)], "bandpass", fs=RATE, output="sos")
    return sosfilt(bands, coloured(rng, 0.7)) * slow(rng, rng.uniform(0.3, 2), 0.1) ** 2


def band_noise(rng):
    low = np.exp(rng.uniform(np.log(100), np.log(6000)))
    bands = butter(4, [low, min(20000, low * rng.uniform(1.5, 6))], "bandpass", fs=RATE, output="sos")
    return sosfilt(bands, rng.standard_normal(SAMPLES))


def tone(rng, shapes: list[str]) -> np.ndarray:
    hertz = np.exp(rng.uniform(np.log(80), np.log(9000 if shapes == ["sine"] else 2500)))
    return wave(rng, hertz, str(rng.choice(shapes)))


MAKERS = {
    "silence": silence, "hum": hum, "dial tones": dial_tones, "siren": siren, "sweep": sweep, "click": click, "crackle": crackle,
    "wind": wind, "band noise": band_noise,
    "white noise": lambda rng: rng.standard_normal(SAMPLES) if rng.random() < 0.5 else rng.uniform(-1, 1, SAMPLES),
    "pink noise": lambda rng: coloured(rng, rng.uniform(0.8, 1.2)),
    "brown noise": lambda rng: coloured(rng, rng.uniform(1.7, 2.3)),
    "hiss": lambda rng: coloured(rng, rng.uniform(-2.2, -0.7)),
    "sine tone": lambda rng: tone(rng, ["sine"]),
    "square tone": lambda rng: tone(rng, ["square", "saw"]),
    "beep": lambda rng: tone(rng, ["sine", "sine", "square"]) * gate(rng, rng.uniform(0.1, 1.5), rng.uniform(0.2, 0.8)),
}


def make(key: str, rng: np.random.Generator) -> np.ndarray:
    """All but silence at a level from faint to full; a part of them shorter than the window and repeated."""
    samples = MAKERS[key](rng)
    if key == "silence":
        return samples
    return np.clip(level(samples, rng.uniform(-50, -6)), -1, 1)
