"""Whole jobs as users of the Python libraries write them: jobs.py JOB SIDE MODEL INPUT [OPTION…]

  start SIDE MODEL PICTURE              the first result
  folder SIDE MODEL FOLDER LABELS       every picture of a folder, in its order
  film SIDE MODEL FILM HOW              frames: "1" for all, "1s" for one a second, "key"
  proposal SIDE MODEL FILM LABELS COUNT so many frames, each alone, and all labels with each
  sound SIDE MODEL SOUND                windows of 10 s, one every 5 s

Labels are words with commas between them. Prints {"seconds": …, "items": …} of the job without
loading, and where ROWS=FILE is given in the environment, writes the embeddings there, of length 1, or
the scores of the labels.
"""

import itertools
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy
import sides
import torch
from PIL import Image
from transformers import AutoModel, AutoProcessor

BATCH = 16


def batches(items: Iterator, size: int = BATCH) -> Iterator[list]:
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def unit(rows: torch.Tensor) -> torch.Tensor:
    return rows / rows.norm(dim=-1, keepdim=True)


class TransformersModel:
    def __init__(self, folder: Path, dtype: torch.dtype = torch.float32):
        self.processor = AutoProcessor.from_pretrained(folder)
        self.model, self.dtype = AutoModel.from_pretrained(folder, dtype=dtype).eval(), dtype

    def texts(self, texts: list[str]) -> torch.Tensor:
        ids = self.processor(text=texts, return_tensors="pt", padding=True)
        return unit(self.model.get_text_features(**ids))

    def pictures(self, pictures: list[Image.Image]) -> torch.Tensor:
        pixels = self.processor(images=pictures, return_tensors="pt")["pixel_values"]
        return unit(self.model.get_image_features(pixel_values=pixels.to(self.dtype)).float())

    def sounds(self, clips: list[numpy.ndarray]) -> torch.Tensor:
        extractor = self.processor.feature_extractor
        features = extractor(clips, sampling_rate=48000, return_tensors="pt")
        return unit(self.model.get_audio_features(**features))


class OpenClipModel:
    def __init__(self, folder: Path):
        import open_clip

        self.visual = sides.open_clip_model(folder).visual
        self.prepare = open_clip.image_transform(self.visual.image_size, is_train=False)

    def pictures(self, pictures: list) -> torch.Tensor:
        return unit(self.visual(torch.stack([self.prepare(picture) for picture in pictures])))


def models(side: str, folder: Path):
    if side == "open_clip":
        return OpenClipModel(folder)
    return TransformersModel(folder, torch.bfloat16 if side.endswith("bf16") else torch.float32)


def frames(film: Path, how: str) -> Iterator[Image.Image]:
    import av

    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        if how == "key":
            stream.codec_context.skip_frame = "NONKEY"
        due = None
        for frame in container.decode(stream):
            if how == "1s":
                due = frame.time if due is None else due
                if frame.time < due:
                    continue
                due += 1
            yield frame.to_image()


class Folder(torch.utils.data.Dataset):
    def __init__(self, paths: list[Path], prepare):
        self.paths, self.prepare = paths, prepare

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> torch.Tensor:
        return self.prepare(Image.open(self.paths[index]).convert("RGB"))


def run_folder(side: str, folder: Path, pictures: Path, labels: str) -> Iterator[torch.Tensor]:
    """transformers' pipeline, and open_clip with a DataLoader, as their documentation has them."""
    paths, words = sorted(pictures.iterdir()), labels.split(",")
    if side == "open_clip":
        model = OpenClipModel(folder)
        reference = TransformersModel(folder)  # open_clip_model() has no weights for texts
        texts = reference.texts(words)
        scale = reference.model.logit_scale.exp()
        yield None  # loaded
        loader = torch.utils.data.DataLoader(Folder(paths, model.prepare), BATCH, num_workers=2)
        for pixels in loader:
            yield (scale * unit(model.visual(pixels)) @ texts.T).softmax(-1)
        return
    from transformers import pipeline

    classify = pipeline("zero-shot-image-classification", model=str(folder), device="cpu")
    asked = {"candidate_labels": words, "hypothesis_template": "{}", "batch_size": BATCH}
    yield None
    for batch in batches(iter(map(str, paths))):
        scores = [{found["label"]: found["score"] for found in each} for each in classify(batch, **asked)]
        yield torch.tensor([[row[word] for word in words] for row in scores])


def run_film(side: str, folder: Path, film: Path, how: str) -> Iterator[torch.Tensor]:
    model = models(side, folder)
    yield None
    for batch in batches(frames(film, how)):
        yield model.pictures(batch)


def run_proposal(side: str, folder: Path, film: Path, labels: str, count: str) -> Iterator[torch.Tensor]:
    """vf_dnn_classify as proposed: TorchScript of both towers, called for each frame with all
    labels."""
    del side
    model = TransformersModel(folder)
    words = [f"a photo of {word}" for word in labels.split(",")]
    text = model.processor(text=words, padding="max_length", return_tensors="pt")

    class Both(torch.nn.Module):
        def __init__(self, inner):
            super().__init__()
            self.inner = inner

        def forward(self, pixels, ids, mask):
            return self.inner(input_ids=ids, attention_mask=mask, pixel_values=pixels).logits_per_image

    size = model.model.config.vision_config.image_size
    example = (torch.randn(1, 3, size, size), text["input_ids"], text["attention_mask"])
    script = torch.jit.freeze(torch.jit.trace(Both(model.model).eval(), example))
    yield None
    for frame in itertools.islice(frames(film, "1"), int(count)):
        pixels = model.processor(images=[frame], return_tensors="pt")["pixel_values"]
        yield script(pixels, text["input_ids"], text["attention_mask"]).softmax(-1)


def windows(sound: Path) -> Iterator[numpy.ndarray]:
    import av

    with av.open(str(sound)) as container:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=48000)
        waiting = numpy.zeros(0, numpy.float32)
        for frame in container.decode(audio=0):
            parts = [part.to_ndarray()[0] for part in resampler.resample(frame)]
            waiting = numpy.concatenate([waiting, *parts])
            while len(waiting) >= 480000:
                yield waiting[:480000]
                waiting = waiting[240000:]


def run_sound(side: str, folder: Path, sound: Path) -> Iterator[torch.Tensor]:
    model = models(side, folder)
    yield None
    for batch in batches(windows(sound)):
        yield model.sounds(batch)


def run_start(side: str, folder: Path, picture: Path) -> Iterator[torch.Tensor]:
    model = models(side, folder)
    model.texts(["cat", "dog"])
    yield None
    yield model.pictures([Image.open(picture)])


JOBS = {
    "folder": run_folder, "film": run_film, "proposal": run_proposal, "sound": run_sound,
    "start": run_start,
}  # fmt: skip


@torch.inference_mode()
def main() -> None:
    job, side, folder, *rest = sys.argv[1:]
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    steps = JOBS[job](side, Path(folder), Path(rest[0]), *rest[1:])
    next(steps)
    start = time.perf_counter()
    rows = [step.numpy() for step in steps]
    seconds = time.perf_counter() - start
    found = numpy.concatenate(rows)
    if "ROWS" in os.environ:
        numpy.save(os.environ["ROWS"], found)
    print(json.dumps({"seconds": seconds, "items": len(found)}))


if __name__ == "__main__":
    main()
