"""Makes the demo's clip: make_clip.py OUTPUT.mp4

Two seconds a scene of scenes.txt, each picture drifting slowly over a plain ground. Needs ffmpeg and
Python's standard library.
"""

import gzip
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

STAMPS = Path("/usr/share/tuxpaint/stamps")
CLOTHING = Path("/usr/share/datasets")
SCENE_SECONDS = 2
RATE = 25
WIDTH, HEIGHT = 640, 360


class Scene(NamedTuple):
    name: str
    ground: str
    picture: str


def read_scenes() -> list[Scene]:
    lines = (Path(__file__).parent / "scenes.txt").read_text("utf-8").splitlines()
    return [
        Scene(*(part.strip() for part in line.split("|")))
        for line in lines
        if line and not line.startswith("#")
    ]


def find_in_datasets(name: str) -> bytes:
    found = sorted(CLOTHING.rglob(name))
    if not found:
        sys.exit(f"{CLOTHING}: {name} is missing: install dataset-fashion-mnist")
    return gzip.decompress(found[0].read_bytes())


def write_clothing(of_class: int, path: Path) -> None:
    """The first test picture of a class as PGM. The IDX headers are 16 and 8 bytes long."""
    labels = find_in_datasets("t10k-labels-idx1-ubyte.gz")[8:]
    pixels = find_in_datasets("t10k-images-idx3-ubyte.gz")[16:]
    start = labels.index(of_class) * 28 * 28
    path.write_bytes(b"P5 28 28 255\n" + pixels[start : start + 28 * 28])


def picture_file(scene: Scene, folder: Path) -> Path:
    if scene.picture.startswith("clothing "):
        of_class = int(scene.picture.split()[1])
        path = folder / f"clothing-{of_class}.pgm"
        write_clothing(of_class, path)
        return path
    path = STAMPS / scene.picture
    if not path.is_file():
        sys.exit(f"{path} is missing: install tuxpaint-stamps-default")
    return path


def filter_graph(scenes: list[Scene]) -> str:
    box = HEIGHT * 4 // 5
    chains = []
    for index, scene in enumerate(scenes):
        ground = f"color={scene.ground}:{WIDTH}x{HEIGHT}:r={RATE}:d={SCENE_SECONDS}[g{index}]"
        picture = (
            f"[{index}:v]format=rgba,scale={box}:{box}:flags=bicubic"
            f":force_original_aspect_ratio=decrease[p{index}]"
        )
        overlay = (
            f"[g{index}][p{index}]overlay=x='(W-w)/2+12*(t-1)':y='(H-h)/2':shortest=0[s{index}]"
        )
        chains += [ground, picture, overlay]
    inputs = "".join(f"[s{index}]" for index in range(len(scenes)))
    chains.append(f"{inputs}concat=n={len(scenes)},format=yuv420p[clip]")
    return ";".join(chains)


def main(output: str) -> None:
    scenes = read_scenes()
    with tempfile.TemporaryDirectory() as folder:
        inputs = []
        for scene in scenes:
            inputs += ["-i", str(picture_file(scene, Path(folder)))]
        command = ["ffmpeg", "-v", "error", "-y", *inputs, "-filter_complex", filter_graph(scenes)]
        command += ["-map", "[clip]", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20"]
        # The same bytes every time: one thread, no date, no version.
        command += ["-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact", output]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
