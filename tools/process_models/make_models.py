#!/usr/bin/env python3
"""Makes small picture-to-picture models as TorchScript files, for `clipclap process`.

    make_models.py FOLDER

- identity.pt: a picture as it is.
- upscale.pt: twice as wide and high, bicubic.
- strided.pt: halves its input three times and joins what it finds on the way back, so that sides
  must be multiples of 8.
- grey.pt: one channel, blurred by a convolution.
- colour.pt: three channels of one.
"""

import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional


class Identity(nn.Module):
    def forward(self, pictures):
        return pictures * 1.0


class Upscale(nn.Module):
    def forward(self, pictures):
        return functional.interpolate(
            pictures, scale_factor=2.0, mode="bicubic", align_corners=False
        )


class Strided(nn.Module):
    """A U-Net of three levels with fixed random weights."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(1)
        widths = [3, 4, 4, 4]
        self.down = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in zip(widths, widths[1:])
        )
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 2, stride=2) for a, b in zip(widths[:0:-1], widths[-2::-1])
        )
        for parameter in self.parameters():
            parameter.data = 0.2 * torch.randn(parameter.shape, generator=generator)

    def forward(self, pictures):
        levels = [pictures]
        for layer in self.down:
            levels.append(torch.tanh(layer(levels[-1])))
        signal = levels.pop()
        for layer in self.up:
            signal = layer(signal) + levels.pop()
        return signal


class Grey(nn.Module):
    def __init__(self):
        super().__init__()
        self.blur = nn.Conv2d(1, 1, 3, padding=1, bias=False)
        self.blur.weight.data.fill_(1 / 9)

    def forward(self, pictures):
        return self.blur(pictures)


class Colour(nn.Module):
    def __init__(self):
        super().__init__()
        self.tint = nn.Conv2d(1, 3, 1, bias=False)
        self.tint.weight.data = torch.tensor([1.0, 0.8, 0.6]).reshape(3, 1, 1, 1)

    def forward(self, pictures):
        return self.tint(pictures)


MODELS = {
    "identity": (Identity, 3),
    "upscale": (Upscale, 3),
    "strided": (Strided, 3),
    "grey": (Grey, 1),
    "colour": (Colour, 1),
}


def make(name: str) -> torch.jit.ScriptModule:
    model, channels = MODELS[name]
    with torch.no_grad():
        return torch.jit.trace(model().eval(), torch.rand(1, channels, 64, 64))


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in MODELS:
        make(name).save(folder / f"{name}.pt")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
