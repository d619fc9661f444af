"""What `clipclap tag PICTURE --labels cat,dog` does, by transformers: first_result.py MODEL PICTURE"""

import sys
from pathlib import Path

import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests/reference"))
import torchvision_operators  # noqa: E402, F401  (before transformers)
from transformers import CLIPImageProcessor, CLIPModel, CLIPTokenizerFast  # noqa: E402

model, picture = sys.argv[1:]
tokenizer = CLIPTokenizerFast.from_pretrained(model)
texts = tokenizer(["cat", "dog"], padding=True, return_tensors="pt")
pixels = CLIPImageProcessor.from_pretrained(model)(Image.open(picture), return_tensors="pt")
with torch.inference_mode():
    output = CLIPModel.from_pretrained(model, dtype=torch.float32).eval()(**texts, **pixels)
print(output.logits_per_image.softmax(-1).tolist())
