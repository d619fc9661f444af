"""From files to embeddings and scores of sound, against ClapModel on the same samples."""

import json
import subprocess

import numpy
import pytest
import torch
from scipy.signal import resample_poly

from clap_checkpoints import fixed_choices, save_checkpoint, spectrograms
from clip_checkpoints import clip_config
from clip_checkpoints import save_checkpoint as save_clip
from comparison import assert_different_inputs_differ, assert_same_scores, cosines
from media_probe import ffmpeg
from program import Program
from sound_files import music, write_sound
from sounds import speech
from test_clap_towers import SMALL_FUSED, SMALL_TEXT, audio_shape, normalized
from transformers import ClapFeatureExtractor

RATE = 48000
LABELS = ["speech", "music", "rain", "a dog"]


class Reference:
    """A checkpoint, and what its own library makes of samples."""

    def __init__(self, folder, audio: dict):
        self.folder = folder
        self.model = save_checkpoint(folder, audio, SMALL_TEXT)
        self.extractor = ClapFeatureExtractor.from_pretrained(folder)

    @torch.no_grad()
    def embed(self, clip: numpy.ndarray) -> numpy.ndarray:
        mel, is_longer = spectrograms(self.extractor, clip[None])
        features = self.model.get_audio_features(input_features=mel, is_longer=is_longer)
        return normalized(features)[0]

    def embed_windows(self, samples: numpy.ndarray, windows: list[dict]) -> numpy.ndarray:
        places = [(round(w["start"] * RATE), round(w["end"] * RATE)) for w in windows]
        return numpy.stack([self.embed(samples[start:end]) for start, end in places])


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> Reference:
    return Reference(tmp_path_factory.mktemp("clap") / "small", audio_shape(24, [2, 2], [2, 4]))


@pytest.fixture(scope="module")
def fused(tmp_path_factory) -> Reference:
    return Reference(tmp_path_factory.mktemp("clap") / "fused", SMALL_FUSED)


@pytest.fixture(scope="module")
def program(clipclap) -> Program:
    return Program(clipclap)


@pytest.fixture(scope="module")
def samples() -> numpy.ndarray:
    """23 s: music, speech, then both, none of it in a studio."""
    spoken = numpy.resize(speech(RATE), 15 * RATE)
    sound = numpy.zeros(23 * RATE, numpy.float32)
    sound[: 12 * RATE] += music(RATE, 12)
    sound[8 * RATE :] += 0.5 * spoken
    return sound / numpy.abs(sound).max() * 0.9


def embed(program: Program, model, *arguments: object) -> tuple[list[dict], numpy.ndarray]:
    records = program.records("embed", "--model", model, *arguments)
    return records, numpy.array([record["embedding"] for record in records])


@pytest.mark.parametrize(
    ("rate", "name", "options", "bar"),
    [(48000, "a.wav", ["-c:a", "pcm_f32le"], 0.99999), (48000, "a.flac", ["-sample_fmt", "s16"], 0.9999),
     (44100, "a.flac", ["-sample_fmt", "s16"], 0.999), (44100, "a.mp3", ["-b:a", "192k"], 0.999),
     (48000, "a.opus", ["-b:a", "128k"], 0.999), (44100, "a.ogg", [], 0.999),
     (48000, "a.m4a", ["-b:a", "192k"], 0.999), (32000, "a.wav", [], 0.999)],
)  # fmt: skip
def test_windows_of_a_file(program, reference, samples, tmp_path, rate, name, options, bar):
    """Of what the file holds: ffmpeg decodes it here too, and scipy resamples it."""
    path = write_sound(tmp_path / name, resample_poly(samples, rate, RATE), rate, *options)
    decoded = numpy.frombuffer(ffmpeg("-i", path, "-f", "f32le", "-c:a", "pcm_f32le", "-"), "<f4")
    held = int(subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "stream=sample_rate", "-of", "csv=p=0", path],
        check=True, capture_output=True, text=True).stdout)  # fmt: skip
    records, found = embed(program, reference.folder, path)
    origin = records[0]["start"]
    windows = [{key: record[key] - origin for key in ("start", "end")} for record in records]
    heard = resample_poly(decoded, RATE, held) if held != RATE else decoded
    expected = reference.embed_windows(heard.astype(numpy.float32), windows)
    assert len(records) == 4
    assert_different_inputs_differ(expected, 0.9999)
    assert cosines(found, expected).min() >= bar


def test_short_sounds_are_repeated(program, reference, samples, tmp_path):
    for seconds in (0.7, 10):
        path = write_sound(tmp_path / "a.wav", samples[: round(seconds * RATE)], RATE, "-c:a", "pcm_f32le")
        (record,), found = embed(program, reference.folder, path)
        assert (record["start"], record["end"]) == (0, seconds)
        assert cosines(found, reference.embed(samples[: round(seconds * RATE)])[None]).min() >= 0.99999


def test_long_windows_are_fused(program, fused, samples, tmp_path):
    """A window that is longer than the model's own goes in as four spectrograms."""
    path = write_sound(tmp_path / "a.wav", samples, RATE, "-c:a", "pcm_f32le")
    records, found = embed(program, fused.folder, path, "--window", "20s", "--hop", "20s")
    assert [record["end"] - record["start"] for record in records] == [20, 20]
    with fixed_choices():
        assert cosines(found, fused.embed_windows(samples, records)).min() >= 0.99999
    records, found = embed(program, fused.folder, path)
    assert cosines(found, fused.embed_windows(samples, records)).min() >= 0.99999


def test_windows_that_would_not_be_heard_are_refused(program, reference, samples, tmp_path):
    path = write_sound(tmp_path / "a.wav", samples, RATE)
    for options in (["--window", "20s"], ["--hop", "11s"], ["--window", "2s", "--hop", "3s"]):
        command = [program.binary, "embed", path, "--model", reference.folder, *options]
        result = subprocess.run(command, capture_output=True, text=True)
        assert (result.returncode, result.stdout) == (1, "") and "heard" in result.stderr


def test_windows_that_would_fill_the_memory_are_refused(program, fused, samples, tmp_path):
    path = write_sound(tmp_path / "a.wav", samples[:RATE], RATE)
    command = [program.binary, "embed", path, "--model", fused.folder, "--window", "30m"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert (result.returncode, result.stdout) == (1, "") and "too long" in result.stderr


def test_scores(program, reference, samples, tmp_path):
    path = write_sound(tmp_path / "a.wav", samples, RATE, "-c:a", "pcm_f32le")
    records = program.records(
        "tag", path, "--model", reference.folder, "--labels", ",".join(LABELS),
        "--template", "the sound of {}",
    )  # fmt: skip
    tokenizer = json.loads(
        program.run("tokenize", "--model", reference.folder, *[
            part for label in LABELS for part in ("--text", f"the sound of {label}")
        ]).join(["[", "]"]).replace("}\n{", "},{")
    )  # fmt: skip
    longest = max(len(row["ids"]) for row in tokenizer)
    ids = torch.ones(len(LABELS), longest, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, text in enumerate(tokenizer):
        ids[row, : len(text["ids"])] = torch.tensor(text["ids"])
        mask[row, : len(text["ids"])] = torch.tensor(text["mask"])
    expected = torch.from_numpy(reference.embed_windows(samples, records)).float()
    with torch.no_grad():
        texts = reference.model.get_text_features(input_ids=ids, attention_mask=mask)
        texts = texts / texts.norm(dim=-1, keepdim=True)
        scale = reference.model.logit_scale_a.exp()
        logits = (scale * expected @ texts.T).numpy()
    scores = torch.from_numpy(logits).softmax(-1).numpy()

    class Scale:
        logit_scale = reference.model.logit_scale_a

    with torch.no_grad():
        assert_same_scores(records, LABELS, Scale, logits, scores)


def test_always_the_same_answer(program, reference, samples, tmp_path):
    path = write_sound(tmp_path / "a.mp3", samples, 44100)
    _, first = embed(program, reference.folder, path)
    for _ in range(9):
        assert numpy.array_equal(embed(program, reference.folder, path)[1], first)
    for options in (["--batch", 1], ["--batch", 3], ["--threads", 1], ["--threads", 2]):
        again = embed(program, reference.folder, path, *options)[1]
        assert numpy.abs(again - first).max() <= 1e-5
    with path.open("rb") as file:
        command = [program.binary, "embed", "--model", reference.folder, "-"]
        piped = subprocess.run(command, stdin=file, capture_output=True, check=True).stdout
    rows = [json.loads(line)["embedding"] for line in piped.splitlines()]
    assert numpy.abs(numpy.array(rows) - first).max() <= 1e-5


def test_silence_is_said(program, reference, samples, tmp_path):
    sound = numpy.concatenate([samples[: 10 * RATE], numpy.zeros(20 * RATE, numpy.float32)])
    path = write_sound(tmp_path / "a.flac", sound, RATE)
    options = ["--model", reference.folder, "--labels", ",".join(LABELS)]
    records = program.records("tag", path, *options)
    assert [record.get("silent", False) for record in records] == [False, False, True, True, True]
    assert [len(record["labels"]) for record in records] == [4, 4, 0, 0, 0]
    records = program.records("tag", path, *options, "--silence-floor", "off")
    assert all(len(record["labels"]) == 4 for record in records)
    assert "silent" in program.run("tag", path, *options, "--format", "table")
    assert program.records("embed", path, *options[:2])[-1]["embedding"] is None


@pytest.fixture(scope="module")
def film(tmp_path_factory, samples):
    folder = tmp_path_factory.mktemp("film")
    sound = write_sound(folder / "a.wav", samples, RATE)
    path = folder / "film.mkv"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=160x120:r=10:d=23", "-i", sound, "-i", sound,
           "-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:v", "libx264", "-preset", "ultrafast",
           "-c:a:0", "flac", "-c:a:1", "libopus", path)  # fmt: skip
    return path


@pytest.fixture(scope="module")
def eyes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip") / "small"
    layers = {"num_hidden_layers": 2}
    save_clip(folder, clip_config(layers, layers), seed=6)
    return folder


def test_sight_and_sound_on_one_timeline(program, reference, eyes, film):
    both = program.records(
        "tag", film, "--model", eyes, "--labels", "bars,noise", "--model", reference.folder,
        "--audio-labels", "speech,music,rain",
    )  # fmt: skip
    seen = program.records("tag", film, "--model", eyes, "--labels", "bars,noise", "--quiet")
    heard = program.records("tag", film, "--model", reference.folder, "--labels", "speech,music,rain")
    assert {record["stream"] for record in seen} == {"v:0"} and len(seen) == 23
    assert {record["stream"] for record in heard} == {"a:0"} and len(heard) == 4
    starts = [record["start"] for record in both]
    assert starts == sorted(starts)
    assert [record for record in both if record["stream"] == "v:0"] == seen
    assert [record for record in both if record["stream"] == "a:0"] == heard


def test_streams_are_chosen(program, reference, eyes, film):
    options = ["--labels", "a,b", "--model", reference.folder]
    records = program.records("tag", film, *options, "--streams", "a:1")
    assert {record["stream"] for record in records} == {"a:1"}
    records = program.records("tag", film, *options, "--streams", "a:0,a:1")
    assert {record["stream"] for record in records} == {"a:0", "a:1"}
    records = program.records("tag", film, *options, "--model", eyes, "--streams", "a:1,v:0")
    assert {record["stream"] for record in records} == {"a:1", "v:0"}


@pytest.mark.parametrize(
    ("streams", "message"),
    [("a:7", "a:7"), ("v:0", "no model sees"), ("x", "names no stream"), ("", "names no stream")],
)
def test_streams_that_cannot_be_are_named(program, reference, film, streams, message):
    command = [program.binary, "tag", film, "--labels", "a", "--model", reference.folder,
               "--streams", streams]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode != 0 and result.stdout == "" and message in result.stderr


def test_two_models_of_one_sense_are_refused(program, reference, film):
    command = [program.binary, "tag", film, "--labels", "a", "--model", reference.folder,
               "--model", reference.folder]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode != 0 and "two models hear" in result.stderr


def test_what_a_model_has_no_sense_for(program, reference, eyes, film, samples, tmp_path):
    """Said once, and no error where the other kind was tagged."""
    sound = write_sound(tmp_path / "a.wav", samples[:RATE], RATE)
    command = [program.binary, "tag", film, film, "--labels", "a,b", "--model", eyes]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0 and result.stderr.count("hear") == 1
    command = [program.binary, "tag", sound, film, "--labels", "a,b", "--model", eyes]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 1 and str(sound) in result.stderr
    assert len(result.stdout.splitlines()) == 23
    both = ["--labels", "a,b", "--model", eyes, "--model", reference.folder]
    assert len(program.records("tag", sound, *both)) == 1
