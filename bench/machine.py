"""What the numbers were measured on."""

import os
import platform
import subprocess
from pathlib import Path

import torch
import transformers


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def describe_machine(program: Path) -> dict:
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "system": platform.platform(),
        "load_before": round(os.getloadavg()[0], 2),
        "clipclap": version.stdout.strip().splitlines(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
    }
