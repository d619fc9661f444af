"""The results as a page."""

from pathlib import Path


def tower_rows(results: dict) -> list[str]:
    rows = [
        "| picture tower, float32 | batch | clipclap | transformers | ratio | products alone |",
        "|---|---|---|---|---|---|",
    ]
    for row in results["towers"]:
        sides = [
            "{pictures_per_second:.1f} ({lowest:.1f}–{highest:.1f})".format(**row[side])
            for side in ("clipclap", "transformers", "ceiling")
        ]
        ratio = "{ratio:.2f} ({lowest_ratio:.2f}–{highest_ratio:.2f})".format(**row)
        cells = [row["model"], str(row["batch"]), *sides[:2], ratio]
        rows.append(f"| {' | '.join(cells)} | {sides[2]}: {row['of_ceiling']:.0%} |")
    return rows


def sound_rows(results: dict) -> list[str]:
    rows = [
        "| sound tower, HTSAT-tiny, windows of 10 s a second | clipclap | transformers | ratio "
        "| beside their tower alone | products alone | of it log-mel | an hour, times realtime |",
        "|---|---|---|---|---|---|---|---|",
    ]
    sounds = results["sounds"]
    shown = "{median:.1f} ({lowest:.1f}–{highest:.1f})".format
    for precision, row in sounds["clipclap"].items():
        cells = [
            precision, shown(**row["rate"]), shown(**sounds["transformers"]["whole"]),
            "{median:.2f} ({lowest:.2f}–{highest:.2f})".format(**row["ratio"]),
            "{median:.2f} ({lowest:.2f}–{highest:.2f})".format(**row["tower_ratio"]),
            shown(**row["ceiling"]), "{median:.1%}".format(**row["log_mel"]),
            f"{sounds['hour'][precision]:.0f}",
        ]  # fmt: skip
        rows.append(f"| {' | '.join(cells)} |")
    memory = (
        "| peak memory, sound, demo model | 10 min | longer | growth |\n|---|---|---|---|\n"
        "| {seconds:.0f} s for the longer | {short_mib:.0f} MiB | {hours} h: {long_mib:.0f} MiB "
        "| {growth:+.1%} |"
    )
    return [*rows, "", memory.format(**sounds["memory"])]


def start_rows(results: dict) -> list[str]:
    rows = ["| start to the first result, one picture, ViT-B/32 | seconds |", "|---|---|"]
    for side, row in results["start"].items():
        rows.append("| {} | {seconds:.2f} ({lowest:.2f}–{highest:.2f}) |".format(side, **row))
    return rows


def memory_rows(results: dict) -> list[str]:
    rows = [
        "| peak memory | 10 s of video | longer | growth |",
        "|---|---|---|---|",
    ]
    for row in results["memory"]:
        rows.append(
            "| {model}, --every {every} | {ten_seconds_mib:.0f} MiB | {minutes} min: "
            "{long_mib:.0f} MiB | {growth:+.1%} |".format(**row)
        )
    return rows


def write_report(results: dict, path: Path) -> str:
    machine = results["machine"]
    lines = [
        "# Measured by `./dev bench`",
        "",
        f"{machine['processor']}, {results['threads']} threads, {machine['capability']};"
        f" torch {machine['torch']}, transformers {machine['transformers']};"
        f" load before: {machine['load_before']}.",
        f"Medians of {results['rounds']} rounds with the lowest and highest; both sides take turns."
        " Pictures a second, higher is better; the ratio is taken round by round.",
        "*Products alone* is the machine's ceiling: the tower's matrix products at the rate LibTorch's"
        " packed linear reaches here, and how much of it clipclap reaches.",
        "",
        *tower_rows(results),
        "",
        *sound_rows(results),
        "",
        *start_rows(results),
        "",
        *memory_rows(results),
    ]
    text = "\n".join(lines) + "\n"
    path.write_text(text, "utf-8")
    return text
