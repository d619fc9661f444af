"""Modules that tests save as TorchScript."""

import torch


class Hearing(torch.nn.Module):
    """A CLAP in miniature: forward(audio, ids, mask) → (text, audio, scale)."""

    def __init__(self, samples: int):
        super().__init__()
        self.ears = torch.nn.Conv1d(1, 32, 4096, stride=samples // 64)
        self.words = torch.nn.Embedding(49408, 32)
        self.scale = torch.nn.Parameter(torch.tensor(3.0))
        self.samples = samples

    def forward(self, audio, ids, mask):
        torch._assert(audio.shape[1] == self.samples, "another length")
        heard = torch.tanh(self.ears(audio.unsqueeze(1))).mean(-1) + 0.1
        words = (self.words(ids) * mask.unsqueeze(-1)).sum(1)
        return words, heard, self.scale.exp()
