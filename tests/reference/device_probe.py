"""Runs device_probe: what a GPU would compute, shown without one."""

import subprocess
from pathlib import Path


class DeviceProbe:
    def __init__(self, tools: Path):
        self.program = tools / "device_probe"

    def check(self, model: Path) -> None:
        """All tensors lie on the device, and its plain operations give the processor's numbers."""
        done = subprocess.run([self.program, model], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert float(done.stdout) <= 1e-5
