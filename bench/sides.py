"""The towers of others, each in a process of its own: sides.py SIDE MODEL PRECISION THREADS

Reads commands on stdin, one a line, and answers each with a line:
  time BATCH REPETITIONS       seconds for so many batches
  embed PIXELS BATCH ROWS      reads uint8 [batch, side, side, 3], writes float32 rows of length 1
  memory                       the process's peak in MiB
"""

import resource
import sys
import time
from pathlib import Path

import numpy
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests/reference"))
import torchvision_operators  # noqa: E402, F401  (before transformers)

from transformers import AutoConfig, AutoImageProcessor, AutoModel  # noqa: E402

TYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


class Vision(torch.nn.Module):
    """Normalised pixels, [batch, 3, side, side], to embeddings: what is exported, too."""

    def __init__(self, folder: Path, dtype: torch.dtype = torch.float32):
        super().__init__()
        self.model = AutoModel.from_pretrained(folder, dtype=dtype).eval()

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.model.get_image_features(pixel_values=pixels)


class Side:
    """What all sides do before the tower: bytes to normalised pixels."""

    def __init__(self, folder: Path):
        processor = AutoImageProcessor.from_pretrained(folder)
        self.mean = torch.tensor(processor.image_mean).view(1, 3, 1, 1)
        self.std = torch.tensor(processor.image_std).view(1, 3, 1, 1)
        self.size = AutoConfig.from_pretrained(folder).vision_config.image_size

    def normalise(self, pixels: torch.Tensor) -> torch.Tensor:
        return (pixels.permute(0, 3, 1, 2) / 255.0 - self.mean) / self.std

    def run(self, pixels: torch.Tensor, repetitions: int) -> numpy.ndarray:
        """The last batch's rows."""
        for _ in range(repetitions):
            rows = self.encode(pixels)
        return rows


class Transformers(Side):
    def __init__(self, folder: Path, precision: str, threads: int):
        super().__init__(folder)
        torch.set_num_threads(threads)
        self.vision, self.dtype = Vision(folder, TYPES[precision]), TYPES[precision]

    @torch.inference_mode()
    def encode(self, pixels: torch.Tensor) -> numpy.ndarray:
        return self.vision(pixels.to(self.dtype)).float().numpy()


class OpenClip(Side):
    """The same weights under open_clip's names."""

    def __init__(self, folder: Path, precision: str, threads: int):
        super().__init__(folder)
        import open_clip

        torch.set_num_threads(threads)
        reference = AutoModel.from_pretrained(folder).eval()
        config = reference.config
        vision, text = config.vision_config, config.text_config
        settings = {"width": vision.hidden_size, "layers": vision.num_hidden_layers, "patch_size": vision.patch_size,
                    "image_size": vision.image_size, "head_width": vision.hidden_size // vision.num_attention_heads}  # fmt: skip
        words = {"width": text.hidden_size, "heads": text.num_attention_heads, "layers": text.num_hidden_layers}
        model = open_clip.CLIP(config.projection_dim, settings, words, quick_gelu=vision.hidden_act == "quick_gelu")
        model.visual.load_state_dict(open_clip_vision(reference))
        self.visual, self.dtype = model.visual.to(TYPES[precision]).eval(), TYPES[precision]

    @torch.inference_mode()
    def encode(self, pixels: torch.Tensor) -> numpy.ndarray:
        return self.visual(pixels.to(self.dtype)).float().numpy()


def open_clip_vision(reference: torch.nn.Module) -> dict:
    """The picture tower of transformers' CLIP as open_clip's VisionTransformer stores it."""
    tower, found = reference.vision_model.state_dict(), {}
    renamed = {"embeddings.class_embedding": "class_embedding", "embeddings.position_embedding.weight": "positional_embedding",
               "embeddings.patch_embedding.weight": "conv1.weight"}  # fmt: skip
    parts = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj",
             "self_attn.out_proj": "attn.out_proj"}  # fmt: skip
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


class OnnxRuntime(Side):
    def __init__(self, folder: Path, precision: str, threads: int):
        super().__init__(folder)
        import onnxruntime

        assert precision == "fp32"
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(export_onnx(folder, self.size), options)

    def encode(self, pixels: torch.Tensor) -> numpy.ndarray:
        return self.session.run(None, {"pixels": pixels.numpy()})[0]


class OpenVino(Side):
    """`streams` requests at once, which is its throughput setting; one is its latency setting."""

    def __init__(self, folder: Path, precision: str, threads: int, streams: int = 1):
        super().__init__(folder)
        import openvino

        self.openvino = openvino
        self.core, self.model = openvino.Core(), export_openvino(folder, self.size, precision)
        self.settings = {
            "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
            "INFERENCE_NUM_THREADS": str(threads), "NUM_STREAMS": str(streams),
            "PERFORMANCE_HINT": "THROUGHPUT" if streams > 1 else "LATENCY",
        }  # fmt: skip
        self.streams, self.queues = streams, {}

    def queue(self, batch: int):
        if batch not in self.queues:
            model = self.core.read_model(self.model)
            model.reshape([batch, 3, self.size, self.size])
            compiled = self.core.compile_model(model, "CPU", self.settings)
            self.queues[batch] = self.openvino.AsyncInferQueue(compiled, self.streams)
        return self.queues[batch]

    def run(self, pixels: torch.Tensor, repetitions: int) -> numpy.ndarray:
        queue, rows = self.queue(len(pixels)), []
        queue.set_callback(lambda request, _: rows.append(request.get_output_tensor().data.copy()))
        for _ in range(repetitions):
            queue.start_async({0: pixels.numpy()})
        queue.wait_all()
        return rows[-1]


class OpenVinoStreams(OpenVino):
    def __init__(self, folder: Path, precision: str, threads: int):
        super().__init__(folder, precision, threads, streams=threads)


def export_onnx(folder: Path, size: int) -> Path:
    path = folder / "vision.onnx"
    if not path.exists():
        example, names = (torch.randn(2, 3, size, size),), {"input_names": ["pixels"], "output_names": ["rows"]}
        batch = {"pixels": {0: "batch"}, "rows": {0: "batch"}}
        torch.onnx.export(Vision(folder), example, path, **names, dynamic_axes=batch, dynamo=False)
    return path


def export_openvino(folder: Path, size: int, precision: str) -> Path:
    import openvino

    path = folder / ("vision-int8.xml" if precision == "int8" else "vision.xml")
    if not path.exists():
        model = openvino.convert_model(Vision(folder), example_input=torch.randn(2, 3, size, size), input=[(-1, 3, size, size)])
        if precision == "int8":
            import nncf

            chance = torch.Generator().manual_seed(1)
            samples = [torch.randn(1, 3, size, size, generator=chance).numpy() for _ in range(64)]
            model = nncf.quantize(model, nncf.Dataset(samples), model_type=nncf.ModelType.TRANSFORMER)
        openvino.save_model(model, path, compress_to_fp16=False)
    return path


SIDES = {"transformers": Transformers, "open_clip": OpenClip, "onnxruntime": OnnxRuntime,
         "openvino": OpenVino, "openvino-streams": OpenVinoStreams}  # fmt: skip


def answer(side: Side, words: list[str]) -> str:
    if words[0] == "time":
        batch, repetitions = map(int, words[1:])
        pixels = side.normalise(torch.randint(0, 256, (batch, side.size, side.size, 3)))
        start = time.perf_counter()
        side.run(pixels, repetitions)
        return str(time.perf_counter() - start)
    if words[0] == "embed":
        source, batch, target = words[1:]
        pixels = numpy.fromfile(source, numpy.uint8).reshape(int(batch), side.size, side.size, 3)
        rows = side.run(side.normalise(torch.from_numpy(pixels)), 1).astype(numpy.float32)
        (rows / numpy.linalg.norm(rows, axis=1, keepdims=True)).tofile(target)
        return "written"
    assert words == ["memory"], words
    return str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    name, folder, precision, threads = sys.argv[1:]
    side = SIDES[name](Path(folder), precision, int(threads))
    print("ready", flush=True)
    for line in sys.stdin:
        print(answer(side, line.split()), flush=True)


if __name__ == "__main__":
    main()
