"""Runs filter graphs and reads what they say."""

import json
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("CLIPCLAP_BUILD", ROOT / "build")) / "ffmpeg"
WORDS = ["face", "ankle boot", "fruit"]
LABELS = "labels='" + ",".join(WORDS) + "'"


def make(path: Path, *arguments: object) -> Path:
    """By Debian's ffmpeg, which has none of the filters."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, arguments), str(path)]
    subprocess.run(command, check=True)
    return path


class Build:
    """An ffmpeg and its ffprobe."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.version = folder.name.removesuffix("-asan")

    def attempt(self, *arguments: object, **options) -> subprocess.CompletedProcess:
        command = [self.folder / "ffmpeg", "-nostdin", "-hide_banner", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, timeout=300, check=False, **options)
        assert b"Sanitizer" not in done.stderr, done.stderr.decode()
        return done

    def run(self, *arguments: object, **options) -> str:
        """What it writes to standard output."""
        done = self.attempt("-v", "warning", *arguments, **options)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def refuse(self, *arguments: object) -> str:
        """The lines in which it says why it fails; a crash is no refusal."""
        done = self.attempt("-v", "error", *arguments)
        assert done.returncode > 0, done.returncode
        return done.stderr.decode()

    def told_by(self, name: str, *arguments: object) -> list[str]:
        """What the filter itself says of why it fails."""
        own = rf"\[Parsed_{name}_\d @ \w+\] (?!Failed to configure|Query format failed)"
        return [line for line in self.refuse(*arguments).splitlines() if re.match(own, line)]

    def frames(self, path: Path, graph: str, *options: object, before: tuple = ()) -> list[dict]:
        """Of each frame behind the graph, `pts_time` and its metadata."""
        prints = "ametadata" if "aclipclap" in graph else "metadata"
        kind = "-af" if prints == "ametadata" else "-vf"
        text = self.run(*before, "-i", path, kind, f"{graph},{prints}=print:file=-", *options,
                        "-f", "null", "-")  # fmt: skip
        return read_metadata(text)

    def boxes(self, path: Path, graph: str) -> list[list[dict]]:
        """Of each frame, the detection boxes with their classifications, as `showinfo` has them."""
        done = self.attempt("-v", "info", "-i", path, "-vf", f"{graph},showinfo", "-f", "null", "-")
        assert done.returncode == 0, done.stderr.decode()
        return read_boxes(done.stderr.decode())

    def checksums(self, path: Path, graph: str, *options: object) -> list[str]:
        kind = "-af" if "aclipclap" in graph or graph == "anull" else "-vf"
        return self.run("-i", path, kind, graph, *options, "-f", "framemd5", "-").splitlines()

    def probe(self, graph: str, entries: str) -> dict:
        done = subprocess.run(
            [self.folder / "ffprobe", "-v", "error", "-f", "lavfi", "-show_entries", entries,
             "-of", "json", graph], capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def read_metadata(text: str) -> list[dict]:
    frames = []
    for line in text.split("\n"):
        if head := re.match(r"frame:\d+ +pts:\S+ +pts_time:(\S+)", line):
            frames.append({"pts_time": head[1]})
        elif line and not line.startswith("given "):  # what a model of conftest.py says
            key, value = line.split("=", 1)
            assert frames and key not in frames[-1]
            frames[-1][key] = value
    return frames


def read_boxes(text: str) -> list[list[dict]]:
    frames: list[list[dict]] = []
    for line in text.splitlines():
        if re.search(r"\] n: *\d+ pts:", line):
            frames.append([])
        elif box := re.search(
            r"index: (\d+),\s*region: \((-?\d+), (-?\d+)\) -> \((-?\d+), (-?\d+)\), label: (.*), "
            r"confidence: ", line):  # fmt: skip
            number, x, y, right, bottom = map(int, box.groups()[:5])
            assert number == len(frames[-1])
            frames[-1].append({"region": (x, y, right - x, bottom - y), "label": box[6],
                               "classified": []})  # fmt: skip
        elif found := re.search(r"classify: +label: (.*), confidence: (\d+)/(\d+)", line):
            score = int(found[2]) / int(found[3])
            frames[-1][-1]["classified"].append((found[1], score))
    return frames


def labels_of(frame: dict, key: str) -> list[dict]:
    """By rank, as in a record of the command line."""
    count = int(frame[f"{key}.count"])
    labels = [
        {
            "label": frame[f"{key}.{rank}.label"],
            "score": float(frame[f"{key}.{rank}.score"]),
            "similarity": float(frame[f"{key}.{rank}.similarity"]),
        }
        for rank in range(count)
    ]
    assert f"{key}.{count}.label" not in frame
    return labels


def assert_same_labels(labels: list[dict], record: list[dict], tolerance: float = 1e-6) -> None:
    assert [entry["label"] for entry in labels] == [entry["label"] for entry in record]
    for mine, theirs in zip(labels, record, strict=True):
        for number in ("score", "similarity"):
            assert abs(mine[number] - theirs[number]) <= tolerance, (mine, theirs)
