"""The results as a page."""

import os
from pathlib import Path

from goals import B32, DECODING, HTSAT, Rows, goals, median, quotient
from results import ROOT


def shown(value: dict | None, form: str = ".1f") -> str:
    """The median, and what it lies between."""
    if value is None:
        return "–"
    return f"{value['median']:{form}} ({value['lowest']:{form}}–{value['highest']:{form}})"


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["", *(f"| {' | '.join(cells)} |" for cells in lines)]


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def tower_rows(rows: list[dict], measured: Rows) -> list[str]:
    head = ["tower", "batch", "side", "precision", "items a second", "× transformers fp32",
            "of the products", "least cosine", "same nearest", "MiB"]  # fmt: skip
    cells = [
        [
            row["model"], str(row["batch"]), row["side"], row["precision"],
            shown(row["items_per_second"]), shown(row["beside_transformers"], ".2f"),
            percent(measured.tower_share(row)),
            f"{row['least_cosine']:.5f}" if "least_cosine" in row else "–",
            percent(row.get("top1_agreement")), f"{row['peak_mib']:.0f}",
        ]
        for row in rows
    ]  # fmt: skip
    return table(head, cells)


def work_rows(rows: list[dict], measured: Rows) -> list[str]:
    head = ["work", "side", "items a second", "× realtime", "ratio", "beside", "of the products",
            "median cosine", "scores differ by", "same label", "MiB"]  # fmt: skip
    cells = [
        [
            row["work"], row["side"], shown(row["items_per_second"]),
            shown(row.get("times_realtime")), shown(row["ratio"], ".2f"), row["beside"],
            percent(share_of(row, measured)),
            f"{row['median_cosine']:.5f}" if "median_cosine" in row else "–",
            f"{row['score_difference']:.4f}" if "score_difference" in row else "–",
            f"{row['same_label']:.1%}" if "same_label" in row else "–",
            f"{row['peak_mib']:.0f}",
        ]
        for row in rows
    ]  # fmt: skip
    return table(head, cells)


def share_of(row: dict, measured: Rows) -> float | None:
    """Of a whole job: what its items' products would take alone, over what it took."""
    if row["side"] == DECODING:
        return None
    model = HTSAT if "sound" in row["work"] else B32
    precision = next((word for word in row["side"].split() if word in ("bf16", "int8")), "fp32")
    return quotient(median(row, "items_per_second"), measured.products(model, precision))


def part_rows(measured: Rows) -> list[str]:
    """A frame a second: what decoding and the tower take, each alone, over what both took."""
    cells = []
    for precision in ("fp32", "bf16", "int8"):
        if seconds := measured.a_frame_a_second(precision):
            *alone, took = seconds
            shown_seconds = [f"{value:.1f}" for value in seconds]
            cells.append([precision, *shown_seconds, f"{took / sum(alone):.0%}"])
    head = ["a frame a second, seconds", "decoding alone", "tower alone", "clipclap", "of their sum"]
    return table(head, cells) if cells else []


def start_rows(rows: list[dict]) -> list[str]:
    cells = [[row["side"], shown(row["seconds"], ".2f")] for row in rows]
    return table(["start to the first result, one picture, ViT-B/32", "seconds"], cells)


def memory_rows(rows: list[dict]) -> list[str]:
    cells = []
    for row in rows:
        growth = row["long_mib"]["median"] / row["short_mib"]["median"] - 1
        cells.append([row["work"], shown(row["short_mib"], ".0f"), shown(row["long_mib"], ".0f"), f"{growth:+.1%}"])  # fmt: skip
    return table(["peak MiB", "short", "6 to 60 times as long", "growth"], cells)


def copy_rows(rows: list[dict]) -> list[str]:
    head = ["tower", "precision", "pictures a second", "batches copied", "page-locked", "streams",
            "of the copies' time beside another's products", "the GPU at work"]  # fmt: skip
    cells = [
        [
            row["model"], row["precision"], f"{row['items_per_second']:.0f}", str(row["copies"]),
            str(row["page_locked"]), str(row["streams"]), percent(row["beside_products"]),
            percent(row["busy"]),
        ]
        for row in rows
    ]  # fmt: skip
    return table(head, cells)


def goal_rows(results: dict) -> list[str]:
    cells = [
        [
            goal.what, f"{'at most ' if goal.at_most else ''}{goal.bar:{goal.form}}",
            f"{goal.measured:{goal.form}}", "yes" if goal.reached else "no",
            f"{goal.limit:{goal.form}}" if goal.limit else "–",
        ]
        for goal in goals(results)
    ]  # fmt: skip
    return table(["goal", "bar", "measured", "reached", "products alone"], cells) if cells else []


DEVICE_NOTE = (
    "From page-locked memory of the processor and back to it: copies count. Ours come as bytes, theirs"
    " as pixels that are normalised and rounded to their precision already; sounds as samples."
)
COPIES_NOTE = (
    "Pictures pushed into a session of the library by one thread, seen by torch's profiler: how much of"
    " the time that batches were copied the other stream computed meanwhile."
)
WORKS = ("whole_film", "film", "proposal", "folder", "sound", "fixed_camera", "filter")


def write_report(results: dict, path: Path) -> None:
    machine = results["machine"]
    device = f"{machine['device']}; " if "device" in machine else ""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    lines = [
        "# Measured by `./dev bench`",
        "",
        f"{device}{machine['processor']}, {machine['cores']} cores, {machine['capability']}; {versions};"
        f" load before: {machine['load_before']}.",
        "",
        "Medians over rounds, with the lowest and the highest. All sides of a row take turns, in the"
        " same minutes on the same cores, and ratios are taken round by round. *Of the products*: how"
        " long the tower's matrix products take alone, in a batch of 16 packed as they are for clipclap's"
        " tower of that precision, over what all of it took; above 100 % where someone else's products"
        " are faster or similar frames are left out. *Cosine*, *scores* and *same label*, the best of"
        " some: of towers beside transformers' float32 of the same input, of whole jobs beside the side"
        " that ratios are to. *Same nearest*: photographs or sounds whose nearest other one is the same."
        " The weights are random, seeded, in the shapes of the published checkpoints.",
    ]
    measured = Rows(results)
    if "towers" in results:
        lines += ["", "## Towers", "", "Batch 1 one after the other, larger ones as many at once as suits the"
                  " side."]  # fmt: skip
        if device:
            lines += [DEVICE_NOTE]
        lines += tower_rows(results["towers"], measured)
    if "copies" in results:
        lines += ["", "## Copies to the GPU", "", COPIES_NOTE]
        lines += copy_rows(results["copies"])
    if device:
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return
    lines += ["", "## Whole jobs", "", "Ours from the start of the program to its end, others' without"
              " the loading of libraries and weights; ViT-B/32 and HTSAT-tiny, others in batches of 16."]  # fmt: skip
    lines += work_rows([row for part in WORKS for row in results.get(part, [])], measured)
    lines += part_rows(measured)
    if "start" in results:
        lines += start_rows(results["start"])
    if "memory" in results:
        lines += memory_rows(results["memory"])
    limits = os.path.relpath(ROOT / "docs/decisions/speed-limits.md", path.parent)
    lines += ["", "## Goals", "", "*Products alone*: what it would be if nothing but the matrix"
              " products took time. Where a goal is not reached,"
              f" [speed limits]({limits}) says where the time goes and what was tried."]  # fmt: skip
    lines += goal_rows(results)
    path.write_text("\n".join(lines) + "\n", "utf-8")
