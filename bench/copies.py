"""Whether a GPU's copies run beside its products: copies.py MODEL PRECISION DEVICE

Pushes pictures through a session of the library within this process, where torch's profiler sees
what the GPU does, and prints JSON: copies of batches to the GPU, how many were from page-locked
memory, what share of their time something of another stream ran, how many streams computed, and
what share of the time from the first to the last of it the GPU did.
"""

import ctypes
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy
import torch  # before the library, so that both have one LibTorch
from results import ROOT, read_json_lines, run_program

#: So heavy a tower that the GPU, not the pushing, is what is waited for.
MODEL = "CLIP ViT-B/16"
PICTURES = 4096
#: Microseconds: what takes less is no batch.
LEAST_COPY = 20


class ModelOptions(ctypes.Structure):
    """The beginning of clipclap_model_options; the rest keeps its defaults."""

    _fields_ = [
        ("struct_size", ctypes.c_size_t), ("model", ctypes.c_char_p), ("device", ctypes.c_char_p),
        ("precision", ctypes.c_char_p),
    ]  # fmt: skip


class Picture(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_size_t), ("width", ctypes.c_int), ("height", ctypes.c_int),
        ("pixel_format", ctypes.c_char_p), ("planes", ctypes.c_void_p * 4),
        ("strides", ctypes.c_ssize_t * 4), ("color_matrix", ctypes.c_char_p),
        ("color_range", ctypes.c_char_p), ("chroma_location", ctypes.c_char_p),
        ("pixel_aspect", ctypes.c_double), ("start_seconds", ctypes.c_double),
        ("end_seconds", ctypes.c_double), ("id", ctypes.c_uint64), ("boxes", ctypes.c_void_p),
        ("box_count", ctypes.c_size_t),
    ]  # fmt: skip


class Session:
    """As much of the C API as it takes to push pictures and drop what comes out."""

    def __init__(self, model: str, precision: str, device: str):
        self.library = ctypes.CDLL(str(ROOT / "build/libclipclap.so"))
        self.library.clipclap_session_error.restype = ctypes.c_char_p
        self.library.clipclap_session_wait.argtypes = (
            ctypes.c_void_p, ctypes.c_double, ctypes.c_void_p)  # fmt: skip
        options = ModelOptions()
        self.library.clipclap_model_options_init(ctypes.byref(options), ctypes.sizeof(options))
        options.model, options.device, options.precision = (
            text.encode() for text in (model, device, precision)
        )
        self.model, self.session = ctypes.c_void_p(), ctypes.c_void_p()
        error = ctypes.create_string_buffer(1000)
        self.opened(self.library.clipclap_model_open(
            ctypes.byref(options), ctypes.byref(self.model), error, len(error)), error)  # fmt: skip
        self.opened(self.library.clipclap_session_open(
            self.model, None, ctypes.byref(self.session), error, len(error)), error)  # fmt: skip
        self.good(self.library.clipclap_session_parse_labels(self.session, b"cat,dog", None, 0))

    @staticmethod
    def opened(status: int, error: ctypes.Array) -> None:
        if status:
            raise RuntimeError(error.value.decode())

    def good(self, status: int) -> None:
        if status:
            raise RuntimeError(self.library.clipclap_session_error(self.session).decode())

    def run(self, pixels: numpy.ndarray, count: int) -> None:
        """`pixels` are uint8 [height, width, 3]."""
        picture = Picture()
        self.library.clipclap_picture_init(ctypes.byref(picture), ctypes.sizeof(picture))
        picture.height, picture.width = pixels.shape[:2]
        picture.pixel_format = b"rgb24"
        picture.planes[0], picture.strides[0] = pixels.ctypes.data, pixels.strides[0]
        for _ in range(count):
            self.good(self.library.clipclap_session_push_picture(
                self.session, ctypes.byref(picture), None))  # fmt: skip
        self.good(self.library.clipclap_session_flush(self.session))
        for _ in range(count):
            result = ctypes.c_void_p()
            self.good(self.library.clipclap_session_wait(self.session, -1, ctypes.byref(result)))
            self.library.clipclap_result_free(result)


def seen_events(work: Callable[[], None]) -> list[dict]:
    """What the GPU did meanwhile; `ts` and `dur` in microseconds."""
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profiler:
        work()
        torch.accelerator.synchronize()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trace.json"
        profiler.export_chrome_trace(str(path))
        return json.loads(path.read_text("utf-8"))["traceEvents"]


def covered(span: tuple[float, float], others: list[tuple[float, float]]) -> float:
    """How much of a span lies in some of the others, which are in order."""
    end, total = span[0], 0.0
    for start, stop in others:
        if start >= span[1]:
            break
        start, stop = max(start, end), min(stop, span[1])
        if stop > start:
            total, end = total + stop - start, stop
    return total


def summarise(events: list[dict]) -> dict:
    def of(category: str) -> list[tuple[int, tuple[float, float], str]]:
        return sorted(
            (event["args"]["stream"], (event["ts"], event["ts"] + event["dur"]), event["name"])
            for event in events
            if event.get("cat") == category
        )

    kernels = of("kernel")
    copies = [copy for copy in of("gpu_memcpy") if "HtoD" in copy[2]]
    copies = [copy for copy in copies if copy[1][1] - copy[1][0] > LEAST_COPY]
    if not kernels or not copies:
        raise RuntimeError(f"the profiler saw {len(kernels)} kernels and {len(copies)} copies")
    streams = {stream for stream, _, _ in kernels}
    others = {
        own: sorted(span for stream, span, _ in kernels if stream != own)
        for own in {stream for stream, _, _ in copies}
    }
    times = [end - start for _, (start, end), _ in copies]
    beside = [covered(span, others[stream]) for stream, span, _ in copies]
    first = min(span[0] for _, span, _ in kernels)
    last = max(span[1] for _, span, _ in kernels)
    busy = covered((first, last), sorted(span for _, span, _ in kernels))
    return {
        "copies": len(copies),
        "page_locked": sum("Pinned" in name for _, _, name in copies),
        "milliseconds": sum(times) / 1000,
        "beside_products": sum(beside) / sum(times),
        "streams": len(streams),
        "busy": busy / (last - first),
    }


def measure_copies(folder: Path, device: str) -> list[dict]:
    """Of MODEL's checkpoint, each precision in a process of its own."""
    rows = []
    for precision in ("fp32", "fp16"):
        _, _, output = run_program([sys.executable, __file__, folder, precision, device])
        rows.append({"model": MODEL, "precision": precision, **read_json_lines(output)[-1]})
    return rows


def main() -> None:
    model, precision, device = sys.argv[1:]
    session = Session(model, precision, device)
    pixels = numpy.random.default_rng(1).integers(0, 256, (224, 224, 3), numpy.uint8)
    session.run(pixels, PICTURES // 4)
    start = time.perf_counter()
    session.run(pixels, PICTURES)
    rate = PICTURES / (time.perf_counter() - start)
    found = summarise(seen_events(lambda: session.run(pixels, PICTURES)))
    print(json.dumps({"items_per_second": rate, **found}))


if __name__ == "__main__":
    main()
