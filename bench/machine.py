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


def version_of(peer: str) -> dict:
    try:
        return {peer: importlib.metadata.version(peer)}
    except importlib.metadata.PackageNotFoundError:
        return {}


def is_same_machine(one: dict, other: dict) -> bool:
    """Whether both have the same hardware; programs and load may differ."""
    return all(one.get(key) == other.get(key) for key in ("device", "processor", "cores", "capability"))


def describe_machine(program: Path, device: str) -> dict:
    ours = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    versions = dict(line.split(" ", 1) for line in ours.splitlines())
    versions |= {"torch": torch.__version__}
    for peer in PEERS:
        versions |= version_of(peer)
    return {
        **({} if device == "cpu" else {"device": torch.get_device_module(device).get_device_name()}),
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "system": platform.platform(),
        "load_before": round(os.getloadavg()[0], 2),
        "versions": versions,
    }
