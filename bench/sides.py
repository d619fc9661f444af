"""The towers of others, each in a process of its own: sides.py SIDE MODEL PRECISION THREADS [DEVICE]

Speaks as clipclap_tower_bench does: commands on stdin, one a line, each answered with a line.
  wide BATCH TIMES, time BATCH TIMES   seconds for so many batches; `time` as many at once as fits
  embed INPUTS BATCH ROWS              reads uint8 [batch, side, side, 3], or of a tower that hears
                                       float32 [batch, samples]; writes float32 rows
  memory                               the process's peak in MiB
"""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/reference"))
sys.path.append(str(ROOT / ".venv/rivals"))
import torchvision_operators  # noqa: E402, F401  (before transformers)

from transformers import AutoConfig, AutoImageProcessor, AutoModel, ClapFeatureExtractor  # noqa: E402

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


class Pictures:
    """What all sides do before a picture tower: bytes to normalised pixels."""

    def __init__(self, folder: Path):
        processor = AutoImageProcessor.from_pretrained(folder)
        self.mean = torch.tensor(processor.image_mean).view(1, 3, 1, 1)
        self.std = torch.tensor(processor.image_std).view(1, 3, 1, 1)
        self.size = AutoConfig.from_pretrained(folder).vision_config.image_size
        self.shape = (3, self.size, self.size)

    def normalise(self, pixels: torch.Tensor) -> torch.Tensor:
        return ((pixels.permute(0, 3, 1, 2) / 255.0 - self.mean) / self.std).contiguous()

    def made_up(self, batch: int) -> torch.Tensor:
        return self.normalise(torch.randint(0, 256, (batch, self.size, self.size, 3)))

    def read(self, path: str, batch: int) -> torch.Tensor:
        pixels = numpy.fromfile(path, numpy.uint8).reshape(batch, self.size, self.size, 3)
        return self.normalise(torch.from_numpy(pixels))


class Sounds:
    """Clips of 10 s; their spectrograms are part of the work for a side that makes them."""

    def __init__(self, folder: Path):
        self.extractor = ClapFeatureExtractor.from_pretrained(folder)
        self.shape = (1, 1001, 64)

    def made_up(self, batch: int) -> torch.Tensor:
        return torch.from_numpy(numpy.random.default_rng(1).normal(0, 0.1, (batch, 480000)))

    def read(self, path: str, batch: int) -> torch.Tensor:
        return torch.from_numpy(numpy.fromfile(path, numpy.float32).reshape(batch, -1))

    def spectrograms(self, clips: torch.Tensor) -> torch.Tensor:
        made = self.extractor(list(clips.numpy()), sampling_rate=48000, return_tensors="pt")
        return made["input_features"]


def media_of(folder: Path) -> Pictures | Sounds:
    hears = AutoConfig.from_pretrained(folder).model_type == "clap"
    return (Sounds if hears else Pictures)(folder)


class Tower(torch.nn.Module):
    """Normalised pixels or spectrograms to embeddings: what is exported, too."""

    def __init__(self, folder: Path, dtype: torch.dtype = torch.float32):
        super().__init__()
        self.model = AutoModel.from_pretrained(folder, dtype=dtype).eval()
        self.hears = self.model.config.model_type == "clap"
        del self.model.text_model

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        if self.hears:
            return self.model.get_audio_features(input_features=values)
        return self.model.get_image_features(pixel_values=values)


class Side:
    """`rows` of a batch of made-up or given input; `media` says what the tower takes."""

    def __init__(self, folder: Path):
        self.media = media_of(folder)

    def run(self, values: torch.Tensor, times: int) -> numpy.ndarray:
        """The last batch's rows."""
        for _ in range(times):
            rows = self.encode(values)
        return rows

    def prepare(self, media: torch.Tensor) -> torch.Tensor:
        """What `run` takes: of an exported model that hears no more than the tower is asked."""
        return media if isinstance(self.media, Pictures) else self.media.spectrograms(media)

    def example(self, batch: int) -> torch.Tensor:
        return self.prepare(self.media.made_up(batch))


class Transformers(Side):
    def __init__(self, folder: Path, precision: str, threads: int, device: str = "cpu"):
        super().__init__(folder)
        torch.set_num_threads(threads)
        self.dtype, self.device = TYPES[precision], device
        self.tower = Tower(folder, self.dtype).to(device)

    def prepare(self, media: torch.Tensor) -> torch.Tensor:
        if self.device == "cpu" or isinstance(self.media, Sounds):
            return media
        return media.to(self.dtype).pin_memory()  # as a careful loader hands them over

    @torch.inference_mode()
    def encode(self, values: torch.Tensor) -> numpy.ndarray:
        there = super().prepare(values).to(self.device, self.dtype, non_blocking=True)
        return self.tower(there).float().cpu().numpy()


class OpenClip(Side):
    """The same weights under open_clip's names."""

    def __init__(self, folder: Path, precision: str, threads: int):
        super().__init__(folder)
        torch.set_num_threads(threads)
        self.visual = open_clip_model(folder).visual.to(TYPES[precision]).eval()
        self.dtype = TYPES[precision]

    @torch.inference_mode()
    def encode(self, values: torch.Tensor) -> numpy.ndarray:
        return self.visual(values.to(self.dtype)).float().numpy()


def open_clip_model(folder: Path):
    """Of a checkpoint of transformers' CLIP; its text tower has weights of its own."""
    import open_clip

    reference = AutoModel.from_pretrained(folder).eval()
    vision, text = reference.config.vision_config, reference.config.text_config
    settings = {
        "width": vision.hidden_size, "layers": vision.num_hidden_layers,
        "patch_size": vision.patch_size, "image_size": vision.image_size,
        "head_width": vision.hidden_size // vision.num_attention_heads,
    }  # fmt: skip
    words = {"width": text.hidden_size, "heads": text.num_attention_heads, "layers": text.num_hidden_layers}  # fmt: skip
    gelu = vision.hidden_act == "quick_gelu"
    model = open_clip.CLIP(reference.config.projection_dim, settings, words, quick_gelu=gelu).eval()
    model.visual.load_state_dict(open_clip_vision(reference))
    return model


def open_clip_vision(reference: torch.nn.Module) -> dict:
    """The picture tower of transformers' CLIP as open_clip's VisionTransformer stores it."""
    tower, found = reference.vision_model.state_dict(), {}
    renamed = {
        "embeddings.class_embedding": "class_embedding",
        "embeddings.position_embedding.weight": "positional_embedding",
        "embeddings.patch_embedding.weight": "conv1.weight",
    }
    parts = {
        "layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj",
        "self_attn.out_proj": "attn.out_proj",
    }  # fmt: skip
    for name, tensor in tower.items():
        if name in renamed:
            found[renamed[name]] = tensor
        elif name.startswith(("pre_layrnorm", "post_layernorm")):
            place = "ln_pre" if name.startswith("pre") else "ln_post"
            found[f"{place}.{name.rsplit('.', 1)[1]}"] = tensor
        elif name.startswith("encoder.layers."):
            number, rest = name.removeprefix("encoder.layers.").split(".", 1)
            part, kind = rest.rsplit(".", 1)
            if part in parts:
                found[f"transformer.resblocks.{number}.{parts[part]}.{kind}"] = tensor
    for number in range(reference.config.vision_config.num_hidden_layers):
        for kind in ("weight", "bias"):
            joined = [tower[f"encoder.layers.{number}.self_attn.{part}_proj.{kind}"] for part in "qkv"]
            found[f"transformer.resblocks.{number}.attn.in_proj_{kind}"] = torch.cat(joined)
    found["proj"] = reference.visual_projection.weight.T
    return found


def make_apart(path: Path, make: Callable, *arguments: object) -> None:
    """Where it is not there yet. What it takes to make a model is not what it takes to run one, so it
    is made in a process of its own."""
    if not path.exists():
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as maker:
            maker.submit(make, path, *arguments).result()


def export_to_onnx(path: Path, folder: Path) -> None:
    names = {"input_names": ["values"], "output_names": ["rows"]}
    batch = {"values": {0: "batch"}, "rows": {0: "batch"}}
    example = (Side(folder).example(2),)
    torch.onnx.export(Tower(folder), example, path, **names, dynamic_axes=batch, dynamo=False)


class OnnxRuntime(Side):
    def __init__(self, folder: Path, precision: str, threads: int):
        super().__init__(folder)
        import onnxruntime

        assert precision == "fp32"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        path = folder / "tower.onnx"
        make_apart(path, export_to_onnx, folder)
        self.session = onnxruntime.InferenceSession(path, options)

    def encode(self, values: torch.Tensor) -> numpy.ndarray:
        return self.session.run(None, {"values": values.numpy()})[0]


def export_to_openvino(path: Path, folder: Path, is_int8: bool) -> None:
    import openvino

    side = Side(folder)
    model = openvino.convert_model(
        Tower(folder), example_input=side.example(2), input=[(-1, *side.media.shape)]
    )
    if is_int8:
        import nncf

        samples = nncf.Dataset([side.example(1).numpy() for _ in range(32)])
        model = nncf.quantize(model, samples, model_type=nncf.ModelType.TRANSFORMER)
    openvino.save_model(model, path, compress_to_fp16=False)


class OpenVino(Side):
    """As many requests at once as threads is its throughput setting; one, its latency setting."""

    def __init__(self, folder: Path, precision: str, threads: int, streams: int = 1):
        super().__init__(folder)
        import openvino

        self.openvino, self.core = openvino, openvino.Core()
        self.path = folder / ("tower-int8.xml" if precision == "int8" else "tower.xml")
        make_apart(self.path, export_to_openvino, folder, precision == "int8")
        self.settings = {
            "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
            "INFERENCE_NUM_THREADS": str(threads), "NUM_STREAMS": str(streams),
            "PERFORMANCE_HINT": "THROUGHPUT" if streams > 1 else "LATENCY",
        }  # fmt: skip
        self.streams, self.batch = streams, 0

    def queue(self, batch: int):
        if self.batch != batch:
            self.made, self.batch = None, batch  # the one before holds the weights once more
            model = self.core.read_model(self.path)
            model.reshape([batch, *self.media.shape])
            compiled = self.core.compile_model(model, "CPU", self.settings)
            self.made = self.openvino.AsyncInferQueue(compiled, self.streams)
        return self.made

    def run(self, values: torch.Tensor, times: int) -> numpy.ndarray:
        queue, rows = self.queue(len(values)), []
        queue.set_callback(lambda request, _: rows.append(request.get_output_tensor().data.copy()))
        for _ in range(times):
            queue.start_async({0: values.numpy()})
        queue.wait_all()
        return rows[-1]


class OpenVinoStreams(OpenVino):
    def __init__(self, folder: Path, precision: str, threads: int):
        super().__init__(folder, precision, threads, streams=threads)


SIDES = {
    "transformers": Transformers, "open_clip": OpenClip, "onnxruntime": OnnxRuntime,
    "openvino": OpenVino, "openvino-streams": OpenVinoStreams,
}  # fmt: skip


def answer(side: Side, words: list[str]) -> str:
    if words[0] in ("time", "wide"):
        batch, times = map(int, words[1:])
        values = side.example(batch)
        side.run(values, 1)
        start = time.perf_counter()
        side.run(values, times)
        return str(time.perf_counter() - start)
    if words[0] == "embed":
        source, batch, target = words[1:]
        values = side.prepare(side.media.read(source, int(batch)))
        rows = side.run(values, 1).astype(numpy.float32)
        (rows / numpy.linalg.norm(rows, axis=1, keepdims=True)).tofile(target)
        return "written"
    assert words == ["memory"], words
    return str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    name, folder, precision, threads, *device = sys.argv[1:]
    side = SIDES[name](Path(folder), precision, int(threads), *device)
    print("ready", flush=True)
    for line in sys.stdin:
        print(answer(side, line.split()), flush=True)


if __name__ == "__main__":
    main()
