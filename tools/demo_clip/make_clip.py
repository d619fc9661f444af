"""Makes the demo's clip: make_clip.py OUTPUT.mp4

Two seconds a scene of scenes.txt, each picture drifting slowly over a plain ground, to the sounds of
sounds.txt. Needs ffmpeg and Python's standard library.
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


class Sound(NamedTuple):
    name: str
    seconds: str
    recordings: str


def read_rows(name: str, row: type) -> list:
    lines = (Path(__file__).parent / name).read_text("utf-8").splitlines()
    return [
        row(*(part.strip() for part in line.split("|")))
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
    return stamp_file(scene.picture)


def stamp_file(name: str) -> Path:
    path = STAMPS / name
    if not path.is_file():
        sys.exit(f"{path} is missing: install tuxpaint-stamps-default")
    return path


def picture_graph(scenes: list[Scene]) -> str:
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


def sound_graph(sounds: list[Sound], first: int) -> str:
    """`first` is the input number of the first recording."""
    chains = []
    for index, sound in enumerate(sounds):
        count = len(sound.recordings.split())
        parts = [f"[{first + part}:a]" for part in range(count)]
        for number, part in enumerate(parts):
            chains.append(f"{part}aresample=48000,aformat=channel_layouts=mono[r{index}_{number}]")
        played = "".join(f"[r{index}_{number}]" for number in range(count))
        chains.append(
            f"{played}concat=n={count}:v=0:a=1,aloop=-1:size=2147483647"
            f",atrim=duration={sound.seconds}[a{index}]"
        )
        first += count
    inputs = "".join(f"[a{index}]" for index in range(len(sounds)))
    chains.append(f"{inputs}concat=n={len(sounds)}:v=0:a=1[track]")
    return ";".join(chains)


def main(output: str) -> None:
    scenes, sounds = read_rows("scenes.txt", Scene), read_rows("sounds.txt", Sound)
    graph = ";".join([picture_graph(scenes), sound_graph(sounds, len(scenes))])
    with tempfile.TemporaryDirectory() as folder:
        files = [picture_file(scene, Path(folder)) for scene in scenes]
        files += [stamp_file(name) for sound in sounds for name in sound.recordings.split()]
        inputs = [part for file in files for part in ("-i", str(file))]
        command = ["ffmpeg", "-v", "error", "-y", *inputs, "-filter_complex", graph]
        command += ["-map", "[clip]", "-c:v", "libx264", "-preset", "veryfast", "-crf", "20"]
        command += ["-map", "[track]", "-c:a", "aac", "-b:a", "128k"]
        # The same bytes every time: one thread, no date, no version.
        command += ["-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact", output]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
