"""The embedded demo model that hears: as good as its card says, and the same in C++ as in Python."""

import subprocess
from pathlib import Path

import numpy
import pytest
import torch
from transformers import ClapModel, ClapProcessor

from comparison import assert_same_embeddings, cosines
from instruments import FAMILIES, RATE, family_slots, play
from media_probe import ffmpeg
from program import Program
from sound_files import write_sound

STAMPS = Path("/usr/share/tuxpaint/stamps")
UNHEARD_VOICES = ("nl", "da", "lt")  # speakers that were never trained on
KINDS = ["speech", "music", "noise", "silence"]
NOISES = ["white", "pink", "brown", "blue", "violet", "velvet"]


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


@pytest.fixture(scope="module")
def folder(root) -> Path:
    return root / "models/demo-audio"


@pytest.fixture(scope="module")
def reference(folder):
    model = ClapModel.from_pretrained(folder, dtype=torch.float32).eval()
    return model, ClapProcessor.from_pretrained(folder)


@pytest.fixture(scope="module")
def instruments(tmp_path_factory) -> tuple[list[Path], list[str]]:
    """Sound files and their families."""
    target = tmp_path_factory.mktemp("instruments")
    slots, families = family_slots()
    paths = [
        write_sound(target / f"{number:03}.flac", samples, RATE)
        for number, samples in enumerate(play(target, slots))
    ]
    return paths, families


def guesses(program, paths, labels, *options):
    """The best label of each file's only window."""
    records = program.records(
        "tag", *paths, "--audio-labels", ",".join(labels), "--top", 1, "--silence-floor", "off",
        *options,
    )  # fmt: skip
    assert [record["file"] for record in records] == [str(path) for path in paths]
    return [record["labels"][0]["label"] for record in records]


def mean_over_classes(named, wanted) -> float:
    named, wanted = numpy.array(named), numpy.array(wanted)
    parts = {name: (named[wanted == name] == name).mean() for name in dict.fromkeys(wanted)}
    print(", ".join(f"{name} {share:.0%}" for name, share in parts.items()))
    return float(numpy.mean(list(parts.values())))


@pytest.mark.parametrize("template", ["{}", "the sound of a {}", "this is a recording of {}."])
def test_names_instruments_of_a_font_it_never_heard(program, instruments, template):
    paths, families = instruments
    named = guesses(program, paths, list(FAMILIES), "--audio-template", template)
    share = mean_over_classes(named, families)
    print(f"eleven families, {len(paths)} clips, {template!r}: {share:.1%}")
    assert share >= 0.70


@pytest.fixture(scope="module")
def kinds(instruments, tmp_path_factory) -> tuple[list[Path], list[str]]:
    """Voices, noises and silences that were never trained on, and the instruments."""
    target = tmp_path_factory.mktemp("kinds")
    paths, wanted = list(instruments[0]), ["music"] * len(instruments[0])
    for code in UNHEARD_VOICES:
        found = sorted(STAMPS.rglob(f"*_desc_{code}.ogg"))
        assert len(found) >= 20, "tuxpaint-stamps-default is not installed"
        paths += found[:: len(found) // 20][:20]
        wanted += ["speech"] * 20
    for seed, color in enumerate(NOISES):
        for amplitude in (0.02, 0.3):
            source = f"anoisesrc=color={color}:amplitude={amplitude}:seed={seed}:duration=10"
            paths.append(target / f"{color}-{amplitude}.flac")
            ffmpeg("-f", "lavfi", "-i", source, "-ar", RATE, paths[-1])
            wanted.append("noise")
    for number, level in enumerate([0, 0, 1e-5, 5e-5]):
        hiss = level * numpy.random.default_rng(number).standard_normal(10 * RATE)
        paths.append(write_sound(target / f"silence-{number}.wav", hiss, RATE, "-c:a", "pcm_f32le"))
        wanted.append("silence")
    return paths, wanted


@pytest.mark.parametrize("template", ["{}", "the sound of {}"])
def test_tells_speech_music_noise_and_silence(program, kinds, template):
    named = guesses(program, kinds[0], KINDS, "--audio-template", template)
    share = mean_over_classes(named, kinds[1])
    print(f"speech, music, noise, silence, {len(named)} clips, {template!r}: {share:.1%}")
    assert share >= 0.95


def normalized(rows: torch.Tensor) -> numpy.ndarray:
    return (rows / rows.norm(dim=-1, keepdim=True)).numpy().astype(numpy.float64)


@torch.no_grad()
def test_texts_are_those_of_transformers(program, reference, folder):
    texts = [f"the sound of a {name}" for name in FAMILIES]
    texts += ["", "Someone speaking English", "Ünïcödé 東京 🗼", "many words " * 60]
    model, processor = reference
    batch = processor.tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
    assert_same_embeddings(
        program.embed_texts(folder, texts), normalized(model.get_text_features(**batch))
    )


def decoded_mean(path: Path) -> numpy.ndarray:
    """The mean of the channels; ffmpeg's own -ac 1 would round it to the file's 16 bits."""
    channels = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "stream=channels", "-of", "csv=p=0", path],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    samples = ffmpeg("-i", path, "-ar", RATE, "-f", "f32le", "-")
    return numpy.frombuffer(samples, numpy.float32).reshape(-1, int(channels)).mean(axis=1)


@torch.no_grad()
def test_sounds_are_those_of_transformers(program, reference, folder, kinds):
    animals = [path for path in sorted(STAMPS.rglob("animals/**/*.ogg")) if "_" not in path.stem]
    assert len(animals) >= 40
    paths = kinds[0][::9] + animals[::2]
    records = program.records(
        "embed", "--model", folder, "--silence-floor", "off", "--hop", "10s", *paths
    )
    model, processor = reference
    for path, record in zip(paths, records, strict=True):
        samples = decoded_mean(path)
        batch = processor.feature_extractor(
            samples[: 10 * RATE], sampling_rate=RATE, return_tensors="pt"
        )
        wanted = normalized(model.get_audio_features(**batch))
        # The stamps are of 44.1 kHz, which two resamplers make 48 of.
        least = 0.9999 if path.suffix in (".flac", ".wav") else 0.999
        assert cosines(numpy.array([record["embedding"]]), wanted).min() >= least, path


def test_the_embedded_copy_is_the_folder(program, folder, kinds):
    paths = kinds[0][::50]
    from_folder = program.records("embed", "--model", folder, *paths)
    embedded = program.records("embed", "--model", "embedded:demo-audio", *paths)
    assert [record["embedding"] for record in embedded] == [
        record["embedding"] for record in from_folder
    ]
    assert program.records("embed", *paths) == embedded
