"""Draws what a command prints on a terminal: picture.py OUT.png COMMAND ARGUMENT…

Made for docs/demo.png, in the colours that a terminal would show.
"""

import os
import pty
import re
import sys
import textwrap
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = Path("/usr/share/fonts/truetype/dejavu")
COLUMNS = 94
SIZE, MARGIN, LINE = 20, 24, 27
GROUND, PLAIN, DIM, GREEN = "#1d2129", "#d8dce4", "#7f8794", "#98c379"


def printed(command):
    """All that the command writes to a terminal of COLUMNS columns."""
    chunks = []

    def read(descriptor):
        chunk = os.read(descriptor, 65536)
        chunks.append(chunk)
        return chunk  # nothing at all would be taken for the end

    os.environ["COLUMNS"] = str(COLUMNS)
    os.environ["TERM"] = "xterm-256color"
    status = pty.spawn(command, read)
    assert status == 0, f"{command} failed"
    return b"".join(chunks).decode("utf-8").replace("\r\n", "\n")


def runs(line):
    """(text, colour, bold) in turn, by the line's SGR sequences."""
    color, bold = PLAIN, False
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if not part.startswith("\x1b"):
            yield part, color, bold
            continue
        codes = part[2:-1].split(";")
        color, bold = PLAIN, "1" in codes
        if "2" in codes:
            color = DIM
        if "32" in codes:
            color = GREEN


def draw(lines, path):
    fonts = {
        bold: ImageFont.truetype(str(FONTS / f"DejaVuSansMono{'-Bold' * bold}.ttf"), SIZE)
        for bold in (False, True)
    }
    step = fonts[False].getlength("m")
    size = (round(2 * MARGIN + COLUMNS * step), 2 * MARGIN + LINE * len(lines))
    picture = Image.new("RGB", size, GROUND)
    pen = ImageDraw.Draw(picture)
    for row, line in enumerate(lines):
        column = 0
        for text, color, bold in runs(line):
            place = (MARGIN + column * step, MARGIN + row * LINE)
            pen.text(place, text, fill=color, font=fonts[bold])
            column += len(text)
    picture.quantize(32).save(path, optimize=True)


def main():
    path, command = sys.argv[1], sys.argv[2:]
    shown = [part if part.strip() == part and " " not in part else f'"{part}"' for part in command]
    title = " ".join(["$", Path(shown[0]).name, *shown[1:]])
    title = " \\\n".join(textwrap.wrap(title, COLUMNS - 2, subsequent_indent="    ")).split("\n")
    draw([*title, "", *printed(command).rstrip("\n").split("\n")], path)


if __name__ == "__main__":
    main()
