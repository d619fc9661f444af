"""What the numbers were measured on."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

import torch

PEERS = ("transformers", "open_clip_torch", "onnxruntime", "openvino", "nncf", "av")


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def describe_machine(program: Path) -> dict:
    ours = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    versions = dict(line.split(" ", 1) for line in ours.splitlines())
    versions |= {"torch": torch.__version__}
    versions |= {peer: importlib.metadata.version(peer) for peer in PEERS}
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "system": platform.platform(),
        "load_before": round(os.getloadavg()[0], 2),
        "versions": versions,
    }
