"""--categories: every unit against NumPy over the texts' own embeddings; what is refused."""

import json

import numpy
import pytest
from media_files import make_media

UNITS = {
    "what is worn": {
        "shoe": ["a shoe", "a photo of a sandal", "an ankle boot"],
        "top": ["a shirt"],
        "nothing": ["a dog", "a test pattern"],
    },
    "Farbe": {"bunt, grell": ["many colours", "a rainbow"], "gr\"au": ["grey"]},
}


def write_units(path, units):
    lines = ["# made by a test"]
    for unit, categories in units.items():
        lines.append(f"[{unit}]")
        for category, prompts in categories.items():
            lines += [f"({category})", *prompts, ""]
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.fixture(scope="module")
def categories(tmp_path_factory):
    return write_units(tmp_path_factory.mktemp("categories") / "units.txt", UNITS)


def records(result):
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def softmax(logits):
    powers = numpy.exp(logits - logits.max())
    return powers / powers.sum()


@pytest.fixture(scope="module")
def texts(run):
    prompts = [text for unit in UNITS.values() for texts in unit.values() for text in texts]
    lines = records(run("embed", "-q", "--text", *prompts))
    return {line["text"]: numpy.array(line["embedding"]) for line in lines}


@pytest.fixture(scope="module")
def seen(run, clip):
    return [numpy.array(line["embedding"]) for line in records(run("embed", "-q", clip))]


@pytest.fixture(scope="module")
def scale(run):
    return json.loads(run("model", "info", "--format", "json").stdout)["logit_scale"]


def expected_means(picture, texts, scale):
    """Name to (score, similarity) of each unit: softmax over the means of the prompts."""
    for unit, categories in UNITS.items():
        means = numpy.array([numpy.mean([texts[p] for p in ps], 0) for ps in categories.values()])
        cosines = means @ picture / numpy.linalg.norm(means, axis=1)
        scores = softmax(scale * cosines)
        yield unit, dict(zip(categories, zip(scores, cosines, strict=True), strict=True))


def expected_sums(picture, texts, scale):
    """The same with the softmax over prompts, and a category the sum of its own."""
    for unit, categories in UNITS.items():
        cosines = [numpy.array([texts[p] @ picture for p in ps]) for ps in categories.values()]
        scores = softmax(scale * numpy.concatenate(cosines))
        ends = numpy.cumsum([len(part) for part in cosines])[:-1]
        sums = [part.sum() for part in numpy.split(scores, ends)]
        means = [part.mean() for part in cosines]
        yield unit, dict(zip(categories, zip(sums, means, strict=True), strict=True))


@pytest.mark.parametrize(
    "options, expected", [([], expected_means), (["--sum-prompts"], expected_sums)]
)
@pytest.mark.parametrize("given", [None, 7.5])
def test_scores_are_those_of_numpy(run, clip, categories, texts, seen, scale, options, expected, given):
    scaling = ["--logit-scale", str(given)] if given else []
    tagged = records(run("tag", "-q", clip, "--categories", categories, *options, *scaling))
    assert len(tagged) == len(seen) > 1
    for record, picture in zip(tagged, seen, strict=True):
        rest = record["labels"]
        for unit, values in expected(picture, texts, given or scale):
            labels, rest = rest[: len(values)], rest[len(values) :]
            assert {label["unit"] for label in labels} == {unit}
            assert sum(label["score"] for label in labels) == pytest.approx(1, abs=1e-5)
            assert labels == sorted(labels, key=lambda label: -label["score"])
            for label in labels:
                score, similarity = values[label["label"]]
                assert label["similarity"] == pytest.approx(similarity, abs=1e-5)
                assert label["score"] == pytest.approx(score, abs=1e-3)
        assert rest == []


def labels_by_name(record):
    return {(label["unit"], label["label"]): label["score"] for label in record["labels"]}


def test_more_prompts_change_a_sum_but_not_a_mean(run, picture, tmp_path, categories):
    more = {unit: dict(parts) for unit, parts in UNITS.items()}
    more["what is worn"]["shoe"] = UNITS["what is worn"]["shoe"] * 3
    longer = write_units(tmp_path / "longer.txt", more)

    def scores(path, *options):
        (record,) = records(run("tag", "-q", picture, "--categories", path, *options))
        return labels_by_name(record)

    assert scores(longer) == pytest.approx(scores(categories), abs=1e-6)
    before, after = scores(categories, "--sum-prompts"), scores(longer, "--sum-prompts")
    shoe = ("what is worn", "shoe")
    odds = before[shoe] / (1 - before[shoe])
    assert after[shoe] / (1 - after[shoe]) == pytest.approx(3 * odds, rel=1e-3)


def test_a_category_of_one_prompt_is_a_label(run, picture, tmp_path):
    words = ["sandal", "shirt", "a dog"]
    path = write_units(tmp_path / "units.txt", {"unit": {word: [word] for word in words}})
    (by_category,) = records(run("tag", "-q", picture, "--categories", path))
    (by_label,) = records(run("tag", "-q", picture, "--labels", ",".join(words)))
    for one, other in zip(by_category["labels"], by_label["labels"], strict=True):
        assert one.pop("unit") == "unit"
        assert one["label"] == other["label"]
        assert one["score"] == pytest.approx(other["score"], abs=1e-5)
        assert one["similarity"] == pytest.approx(other["similarity"], abs=1e-5)


def test_top_and_threshold_hold_for_each_unit(run, clip, categories):
    whole = records(run("tag", "-q", clip, "--categories", categories))
    best = records(run("tag", "-q", clip, "--categories", categories, "--top", "1"))
    sure = records(run("tag", "-q", clip, "--categories", categories, "--threshold", "0.4"))
    for all_of_them, first, above in zip(whole, best, sure, strict=True):
        labels = all_of_them["labels"]
        assert first["labels"] == [labels[0], labels[3]]
        assert above["labels"] == [label for label in labels if label["score"] >= 0.4]


def test_sound_may_have_words_of_its_own(run, film, categories):
    options = ["-q", film, "--every", "2s", "--categories", categories]
    units = {record["stream"]: {label.get("unit") for label in record["labels"]}
             for record in records(run("tag", *options))}  # fmt: skip
    assert units == {"v:0": set(UNITS), "a:0": set(UNITS)}
    found = records(run("tag", *options, "--audio-labels", "tone,speech", "--template", "a {}"))
    heard = [record for record in found if record["stream"] == "a:0"]
    assert heard and all(
        sorted(label["label"] for label in record["labels"]) == ["speech", "tone"]
        and all("unit" not in label for label in record["labels"])
        for record in heard
    )


def test_similar_frames_agree_in_every_unit(run, media, categories):
    still = make_media(media / "still.mp4", "color=gray:d=20:r=5:s=64x64", "-c:v", "mpeg4")
    options = ["-q", still, "--categories", categories, "--every", "1"]
    one = records(run("tag", *options, "--top", "1"))
    other = records(run("tag", *options, "--top", "1", "--skip-similar"))
    assert [[label["label"] for label in record["labels"]] for record in one] == [
        [label["label"] for label in record["labels"]] for record in other
    ]


def test_a_table_has_a_line_a_unit(run, picture, categories):
    lines = run("tag", "-q", picture, "--categories", categories, "--format", "table").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["what", "Farbe"]
    assert lines[1].index("%") == lines[2].index("%")


@pytest.mark.parametrize(
    "contents, expected",
    [
        (b"", "holds no unit"),
        (b"[u]\n(a)\nx\n", "line 1: "),
        (b"[u]\n(a)\nx\n(b)\n\xe4\n", "line 5, byte 1"),
        (b"[u]\n(a)\nx\n(a)\ny\n", "line 4: category \"a\" is already at line 2"),
        (b"x\n[u]\n", "line 1: "),
    ],
)
def test_wrong_files_are_usage_errors(run, tmp_path, contents, expected):
    path = tmp_path / "units.txt"
    path.write_bytes(contents)
    result = run("tag", "none.mp4", "--categories", path)
    assert (result.returncode, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"clipclap: --categories: {path}: ") and expected in line


@pytest.mark.parametrize(
    "options, expected",
    [
        (["--labels", "cat,dog"], "--labels and --categories exclude each other"),
        (["--template", "a {}"], "--template is for --labels"),
        (["--audio-template", "a {}"], "--template is for --labels"),
    ],
)
def test_what_does_not_go_with_categories(run, categories, options, expected):
    result = run("tag", "none.mp4", "--categories", categories, *options)
    assert (result.returncode, result.stdout) == (2, "")
    assert expected in result.stderr


def test_sums_need_categories(run):
    result = run("tag", "none.mp4", "--labels", "cat", "--sum-prompts")
    assert (result.returncode, result.stdout) == (2, "")
    assert "--sum-prompts is for --categories" in result.stderr


def test_the_scale_of_labels_can_be_given_for_any_model(run, root, picture):
    options = ["-q", picture, "--labels", "cat,dog,sandal", "--logit-scale", "5"]
    for model in ([], ["--model", root / "models/demo"]):
        (record,) = records(run("tag", *options, *model))
        cosines = numpy.array([label["similarity"] for label in record["labels"]])
        scores = [label["score"] for label in record["labels"]]
        assert scores == pytest.approx(list(softmax(5 * cosines)), abs=1e-5)
