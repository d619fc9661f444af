"""What the records say, against ffprobe, NumPy and each other."""

import json
import subprocess

import numpy
import pytest

LABELS = ["sandal", "shirt", "bag", "dog", "test pattern"]


@pytest.fixture(scope="module")
def tagged(run, clip):
    result = run("tag", clip, "--labels", ",".join(LABELS))
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def tag(run, *arguments):
    result = run("tag", "-q", "--labels", ",".join(LABELS), *arguments)
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_keys_stand_in_order(tagged):
    for record in tagged:
        assert list(record) == ["file", "stream", "kind", "start", "end", "labels"]
        for label in record["labels"]:
            assert list(label) == ["label", "score", "similarity"]


def test_all_labels_come_best_first_and_sum_to_one(tagged):
    for record in tagged:
        scores = [label["score"] for label in record["labels"]]
        assert scores == sorted(scores, reverse=True)
        assert sum(scores) == pytest.approx(1, abs=1e-5)
        assert {label["label"] for label in record["labels"]} == set(LABELS)


def test_times_have_six_decimals_and_are_those_of_ffprobe(run, clip):
    probe = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "frame=pts_time"]
    told = subprocess.run([*probe, "-of", "csv=p=0", clip], capture_output=True, text=True).stdout
    expected = [line.strip(",") for line in told.splitlines() if line.strip(",")]
    lines = run("tag", clip, "--labels", "cat", "--every", "1", "-q").stdout.splitlines()
    assert [line.split('"start":')[1].split(",")[0] for line in lines] == expected
    ends = [json.loads(line)["end"] for line in lines]
    assert [f"{end:.6f}" for end in ends[:-1]] == expected[1:]


def test_numbers_are_float32_in_the_fewest_digits(run, clip):
    line = run("embed", clip, "-q").stdout.splitlines()[0]
    digits = line.split('"embedding":[')[1].rstrip("]}\n").split(",")
    for text in digits:
        value = numpy.float32(text)
        shortest = numpy.format_float_scientific(value, unique=True, trim="-")
        count = len(shortest.split("e")[0].lstrip("-").replace(".", "").rstrip("0"))
        assert len(text.split("e")[0].lstrip("-0.").replace(".", "").rstrip("0")) == count, text
    assert numpy.linalg.norm(numpy.array(digits, dtype=numpy.float32)) == pytest.approx(1, abs=1e-5)


def test_similarities_are_dot_products_and_scores_their_softmax(run, picture, clip):
    info = json.loads(run("model", "info", "--format", "json").stdout)
    words = [json.loads(line) for line in run("embed", "-q", "--text", *LABELS).stdout.splitlines()]
    texts = {word["text"]: numpy.array(word["embedding"]) for word in words}
    seen = [json.loads(line) for line in run("embed", "-q", picture, clip).stdout.splitlines()]
    for temperature in (1, 7.5):
        tags = tag(run, picture, clip, "--temperature", str(temperature))
        assert len(tags) == len(seen)
        for record, embedded in zip(tags, seen, strict=True):
            assert {key: record[key] for key in list(record)[:5]} == {
                key: embedded[key] for key in list(embedded)[:5]
            }
            cosines = numpy.array(
                [texts[label["label"]] @ embedded["embedding"] for label in record["labels"]]
            )
            told = numpy.array([label["similarity"] for label in record["labels"]])
            assert numpy.abs(told - cosines).max() < 1e-5
            powers = numpy.exp((cosines - cosines.max()) * info["logit_scale"] / temperature)
            scores = numpy.array([label["score"] for label in record["labels"]])
            assert numpy.abs(scores - powers / powers.sum()).max() < 1e-3


def test_top_and_threshold_keep_what_they_say(run, clip, tagged):
    for kept, record in zip(tag(run, clip, "--top", "2"), tagged, strict=True):
        assert kept["labels"] == record["labels"][:2]
    assert tag(run, clip, "--top", "99") == tagged
    for kept, record in zip(tag(run, clip, "--threshold", "0.2"), tagged, strict=True):
        assert kept["labels"] == [label for label in record["labels"] if label["score"] >= 0.2]


def test_the_batch_changes_nothing_that_matters(run, clip):
    def embeddings(*options):
        lines = run("embed", clip, "-q", "--every", "1", *options).stdout.splitlines()
        return numpy.array([json.loads(line)["embedding"] for line in lines])

    whole = embeddings()
    for batch in ("1", "7", "64"):
        assert numpy.abs(embeddings("--batch", batch) - whole).max() < 1e-5
    assert numpy.abs(embeddings("--threads", "1") - whole).max() < 1e-5


def test_several_templates_are_averaged(run, picture):
    templates = ["a photo of a {}", "a drawing of a {}"]
    options = [part for text in templates for part in ("--template", text)]
    (record,) = tag(run, picture, *options)
    (seen,) = [json.loads(line) for line in run("embed", "-q", picture).stdout.splitlines()]
    for label in record["labels"]:
        texts = [text.replace("{}", label["label"]) for text in templates]
        lines = run("embed", "-q", "--text", *texts).stdout.splitlines()
        mean = numpy.mean([json.loads(line)["embedding"] for line in lines], axis=0)
        expected = mean @ seen["embedding"] / numpy.linalg.norm(mean)
        assert label["similarity"] == pytest.approx(expected, abs=1e-5)


def test_model_info(run):
    told = json.loads(run("model", "info", "--format", "json").stdout)
    (line,) = run("embed", "-q", "--text", "cat").stdout.splitlines()
    assert told["embedding_dimension"] == len(json.loads(line)["embedding"])
    table = run("model", "info")
    assert table.returncode == 0
    assert f"{told['parameters']:,}" in table.stdout
    assert told["architecture"] in table.stdout
