"""Media that tests of the command line make."""

import subprocess
from pathlib import Path


def make_media(path: Path, source: str, *options: str) -> Path:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", source, *options]
    subprocess.run([*command, str(path)], check=True)
    return path
