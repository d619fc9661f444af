"""`model list`, `model info` and --precision as a user meets them."""

import json
import re

import pytest


def rows(run):
    header, *lines = run("model", "list").stdout.splitlines()
    starts = [header.index(name) for name in header.split()]
    ends = [*starts[1:], None]
    cells = [[line[a:b].strip() for a, b in zip(starts, ends)] for line in lines]
    return [dict(zip(header.split(), row)) for row in cells]


def test_every_architecture_is_a_full_row(run):
    table = rows(run)
    assert all(all(row.values()) for row in table)
    assert len({row["NAME"] for row in table}) == len(table)
    assert {"pictures", "sounds"} <= {row["SENSES"] for row in table}


def test_a_model_is_of_a_listed_architecture_and_says_what_it_tags(run):
    info = json.loads(run("model", "info", "--format", "json").stdout)
    (row,) = [row for row in rows(run) if row["NAME"] == info["architecture"]]
    assert (info["family"], info["score"]) == (row["FAMILY"], row["SCORE"])
    described = dict(line.split(None, 1) for line in run("model", "info").stdout.splitlines())
    assert "pictures" in run("model", "info").stdout.split("can tag")[1].splitlines()[0]
    assert row["NAME"] in described["family"]


@pytest.mark.parametrize("command", [("model", "info"), ("tag", "--labels", "cat", "x.png")])
def test_a_precision_that_does_not_exist_is_a_usage_error(run, command):
    result = run(*command, "--precision", "fp8")
    assert (result.returncode, result.stdout) == (2, "")
    assert "fp8" in result.stderr and "bf16" in result.stderr


def test_precision_is_told_and_fp32_is_what_nothing_said_means(run, picture):
    def tag(*options):
        result = run("tag", picture, "--labels", "cat,dog", "--format", "jsonl", *options)
        assert result.returncode == 0, result.stderr
        return result.stdout

    assert tag() == tag("--precision", "fp32")
    for name in ("fp32", "bf16", "int8"):
        told = json.loads(run("model", "info", "--format", "json", "--precision", name).stdout)
        assert told["precision"] == name
    exact, *fast = (json.loads(tag("--precision", name)) for name in ("fp32", "bf16", "int8"))
    similarities = [
        {entry["label"]: entry["similarity"] for entry in record["labels"]}
        for record in (exact, *fast)
    ]
    for other in similarities[1:]:
        assert other != similarities[0]
        for label, similarity in similarities[0].items():
            assert other[label] == pytest.approx(similarity, abs=0.02)


def test_auto_tells_what_it_tried(run, picture):
    result = run("tag", picture, "--labels", "cat,dog", "--precision", "auto", "--verbose")
    assert result.returncode == 0, result.stderr
    said = re.search(r"--precision auto: (fp32|bf16); a product took ([\d.]+) ms in fp32, ([\d.]+) ms in bf16", result.stderr)
    exact, fast = float(said[2]), float(said[3])
    assert said[1] == ("bf16" if exact > 1.2 * fast else "fp32") or exact / fast == pytest.approx(1.2, abs=0.05)


@pytest.mark.parametrize(
    "contents", [b"", b"no zip", b"PK\x03\x04 but nothing more"], ids=["empty", "text", "cut"]
)
def test_a_file_that_is_no_torchscript_is_named(run, tmp_path, contents):
    path = tmp_path / "model.pt"
    path.write_bytes(contents)
    result = run("model", "info", path)
    assert (result.returncode, result.stdout) == (3, "")
    assert str(path) in result.stderr and len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "option",
    ["--tokenizer=tokenizer.json", "--logit-scale=5", "--image-size=224", "--normalize=off",
     "--text-length=77", "--sample-rate=44100", "--sample-duration=7s", "--forward-order=text"],
)
def test_options_of_torchscript_files_are_refused_for_others(run, root, option):
    model = root / "models/demo"
    result = run("model", "info", model, option)
    assert (result.returncode, result.stdout) == (3, "")
    assert str(model) in result.stderr and "TorchScript" in result.stderr


def streams(result):
    assert result.returncode == 0, result.stderr
    return [json.loads(line)["stream"] for line in result.stdout.splitlines()]


def test_without_a_model_a_film_is_seen_and_heard(run, film, audio_only):
    both = run("tag", film, "--labels", "cat,tone", "--every", "2s")
    assert streams(both) == ["v:0", "a:0", "v:0"]
    heard = run("tag", film, "--audio-labels", "cat,tone")
    assert streams(heard) == ["a:0"]
    named = run("tag", film, "--model", "embedded:demo-audio", "--labels", "cat,tone")
    assert heard.stdout == named.stdout
    assert streams(run("tag", audio_only, "--labels", "cat,tone")) == ["a:0"]
    assert streams(run("embed", film, "--every", "2s")) == ["v:0", "a:0", "v:0"]


def test_the_embedded_models_have_names(run):
    for name, senses in (("embedded:demo", "pictures"), ("embedded:demo-audio", "sounds")):
        (line,) = [
            line for line in run("model", "info", name).stdout.splitlines() if "can tag" in line
        ]
        assert line.split() == ["can", "tag", senses]
    result = run("model", "info", "embedded:other")
    assert (result.returncode, result.stdout) == (3, "") and "embedded:other" in result.stderr
