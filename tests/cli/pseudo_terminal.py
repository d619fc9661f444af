"""Runs a program with a terminal on some of its descriptors and keeps what it shows."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from surroundings import environment


class PseudoTerminal:
    def __init__(self, command, columns=80, stdout_too=True, **changes):
        self.controller, device = pty.openpty()
        fcntl.ioctl(device, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen(
            command,
            stdin=device,
            stdout=device if stdout_too else subprocess.PIPE,
            stderr=device,
            env=environment(**changes),
            start_new_session=True,
        )
        os.close(device)
        self.shown = b""

    def read(self, seconds: float) -> bool:
        """Reads what comes within a time; False at the end."""
        if not select.select([self.controller], [], [], seconds)[0]:
            return True
        try:
            block = os.read(self.controller, 65536)
        except OSError:  # how Linux tells that the other side is closed
            return False
        self.shown += block
        return bool(block)

    def read_until(self, text: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while text.encode() not in self.shown:
            assert time.monotonic() < deadline and self.read(0.1), self.shown

    def finish(self, seconds: float = 60) -> int:
        deadline = time.monotonic() + seconds
        while self.read(0.1):
            assert time.monotonic() < deadline, self.shown
        os.close(self.controller)
        return self.process.wait(timeout=seconds)

    def text(self) -> str:
        return self.shown.decode()


def final_lines(shown: str) -> list[str]:
    """What stays on the screen: lines that were erased are gone, colours too."""
    lines = []
    for line in shown.replace("\r\n", "\n").split("\n"):
        line = line.rsplit("\r\x1b[2K", 1)[-1]
        lines.append(re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", line))
    return lines
