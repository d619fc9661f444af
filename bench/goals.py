"""What was to be reached, and what was measured of it."""

from collections.abc import Iterator
from dataclasses import dataclass

B32, L14, HTSAT = "CLIP ViT-B/32", "CLIP ViT-L/14", "CLAP HTSAT-tiny"
DECODING = "ffmpeg, decoding alone"


@dataclass
class Goal:
    what: str
    bar: float
    measured: float | None  #: none where its rows are not among the results
    form: str = ".2f"
    at_most: bool = False
    limit: float | None = None  #: what it would be if the products of the towers took all the time

    @property
    def reached(self) -> bool:
        return self.measured <= self.bar if self.at_most else self.measured >= self.bar


def median(row: dict, key: str) -> float | None:
    return row[key]["median"] if row.get(key) else None


def quotient(value: float | None, other: float | None) -> float | None:
    return value / other if value and other else None


class Rows:
    """By what names them; an empty one where there is none."""

    def __init__(self, results: dict):
        self.towers = {
            (row["model"], row["side"], row["precision"]): row
            for row in results.get("towers", [])
            if row["batch"] > 1
        }
        parts = ("whole_film", "film", "proposal", "fixed_camera")
        self.works = [row for part in parts for row in results.get(part, [])]
        self.others = [*results.get("start", []), *results.get("memory", [])]

    def tower(self, model: str, precision: str, side: str = "clipclap") -> dict:
        return self.towers.get((model, side, precision), {})

    def rate(self, model: str, precision: str, side: str = "clipclap") -> float | None:
        return median(self.tower(model, precision, side), "items_per_second")

    def products(self, model: str, precision: str) -> float | None:
        """Items a second if the tower's matrix products took all the time."""
        share = median(self.tower(model, precision), "roofline_share")
        return quotient(self.rate(model, precision), share)

    def tower_share(self, row: dict) -> float | None:
        """Of the products of the largest batch; round by round where they took turns with the row."""
        share = median(row, "roofline_share")
        rate = median(row, "items_per_second")
        return share or quotient(rate, self.products(row["model"], row["precision"]))

    def limit(self, row: dict, precision: str) -> float | None:
        """Of a film's ratio."""
        slower = quotient(self.products(B32, precision), median(row, "items_per_second"))
        return slower and median(row, "ratio") * slower

    def a_frame_a_second(self, precision: str) -> list[float]:
        """Seconds of a film: decoding alone, the tower alone, and what both took."""
        work = "film, 1 frame a second of"
        row = self.work(work, f"clipclap {precision}")
        decoding = median(self.work(work, DECODING), "items_per_second")
        rates = (decoding, self.rate(B32, precision), median(row, "items_per_second"))
        return [row["items"] / rate for rate in rates] if all(rates) else []

    def openvino(self, model: str, precision: str) -> float | None:
        sides = ("openvino", "openvino-streams")
        return max((self.rate(model, precision, side) or 0 for side in sides)) or None

    def work(self, beginning: str, side: str) -> dict:
        fitting = (r for r in self.works if r["work"].startswith(beginning) and r["side"] == side)
        return next(fitting, {})


def tower_goals(rows: Rows) -> Iterator[Goal]:
    bars = {(B32, "fp32"): 2.3, (B32, "bf16"): 4.4, (HTSAT, "fp32"): 2.5, (HTSAT, "bf16"): 4}
    for (model, precision), bar in bars.items():
        row = rows.tower(model, precision)
        measured = median(row, "beside_transformers")
        limit = quotient(measured, median(row, "roofline_share"))
        yield Goal(f"{model}, {precision}, × transformers fp32", bar, measured, limit=limit)
    for precision, theirs, bar in (("fp32", "fp32", 1), ("bf16", "bf16", 1), ("int8", "bf16", 1.4)):
        measured = quotient(rows.rate(B32, precision), rows.openvino(B32, theirs))
        yield Goal(f"{B32}, {precision}, × OpenVINO {theirs} at its better setting", bar, measured)
    for precision, bar in (("bf16", 0.999), ("int8", 0.995)):
        measured = rows.tower(B32, precision).get("least_cosine")
        yield Goal(f"{B32}, {precision}, cosine with float32", bar, measured, ".4f")
    for model in (B32, L14):
        for precision in ("fp32", "bf16"):
            measured = median(rows.tower(model, precision), "roofline_share")
            yield Goal(f"{model}, {precision}, of the products", 0.85, measured, ".0%")


def film_goals(rows: Rows) -> Iterator[Goal]:
    for how, side, bar in (
        ("every frame", "fp32", 3), ("every frame", "bf16", 5.5), ("1 frame a second", "fp32", 2),
        ("1 frame a second", "bf16", 2), ("1 frame a second", "fp32 --fast", 4),
        ("1 frame a second", "bf16 --fast", 4),
    ):  # fmt: skip
        row = rows.work(f"film, {how} of", f"clipclap {side}")
        limit = rows.limit(row, side) if how == "every frame" else None
        what = f"film, {how}, {side}, × PyAV + transformers"
        yield Goal(what, bar, median(row, "ratio"), limit=limit)
    for precision in ("fp32", "bf16"):
        *alone, took = rows.a_frame_a_second(precision) or [0, 0, None]
        share = quotient(took, sum(alone))
        what = f"film, 1 frame a second, {precision}, of decoding and tower, each alone"
        yield Goal(what, 1.15, share, ".0%", at_most=True)
    for labels, bars in ((10, (20, 35)), (100, (130, 230))):
        for precision, bar in zip(("fp32", "bf16"), bars, strict=True):
            row = rows.work(f"film, every frame, {labels} labels", f"clipclap {precision}")
            what = f"film, every frame, {labels} labels, {precision}, × the proposal's loop"
            yield Goal(what, bar, median(row, "ratio"), ".0f", limit=rows.limit(row, precision))


def other_goals(rows: Rows) -> Iterator[Goal]:
    for row in rows.works:
        if row["side"].endswith("--skip-similar"):
            yield Goal(f"{row['work']}, --skip-similar, × without", 5, median(row, "ratio"), ".1f")
    for row in rows.others:
        if "long_mib" in row and "film" in row["work"]:
            growth = median(row, "long_mib") / median(row, "short_mib") - 1
            yield Goal(f"{row['work']}, memory of 10 min over 10 s", 0.05, growth, "+.1%", at_most=True)
        elif row.get("side") == "clipclap":
            what = "start to the first label, one picture, seconds"
            yield Goal(what, 1, median(row, "seconds"), at_most=True)


def goals(results: dict) -> list[Goal]:
    rows = Rows(results)
    found = [*tower_goals(rows), *film_goals(rows), *other_goals(rows)]
    return [goal for goal in found if goal.measured is not None]
