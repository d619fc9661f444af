"""Draws the batches: augmented pictures, and the phrases that they are judged against."""

import random

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from tokenizers import Tokenizer

from ..shared import made_up_word
from . import material
from .model import MEAN, STD
from .phrases import FILLERS, Frame
from .vocabulary import Vocabulary

VALIDATION = 2000  # of the 60,000 training pictures; they only set the scale


def bicubic_matrix() -> torch.Tensor:
    """Pillow's 28 to 70 bicubic resize as a matrix."""
    columns = [np.asarray(Image.fromarray(np.tile(row, (28, 1))).resize((70, 28), Image.BICUBIC))[0] for row in np.eye(28, dtype=np.float32)]
    return torch.from_numpy(np.stack(columns, 1))


class Pictures:
    """Batches of normalised pictures with their class."""

    def __init__(self, words: Vocabulary, cache, seed: int):
        pictures, labels = material.load_fashion("train")
        self.fashion = torch.from_numpy(pictures.copy())[:-VALIDATION]
        self.labels = torch.from_numpy(labels)[:-VALIDATION]
        self.stamps, self.stamp_leaves = self._load(material.stamp_pool(words, cache, False, 64, 1))
        self.drawn, self.drawn_leaves = self._load(material.drawn_pool(words, cache, 120, 3))
        self.resize = bicubic_matrix()
        self.generator = torch.Generator().manual_seed(seed)
        self.mean = torch.tensor(MEAN).view(1, 3, 1, 1)
        self.std = torch.tensor(STD).view(1, 3, 1, 1)

    @staticmethod
    def _load(pool):
        return torch.from_numpy(pool[0]), torch.from_numpy(pool[1])

    def _rand(self, *shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=self.generator)

    def _pick(self, count: int, size: int) -> torch.Tensor:
        return torch.randint(size, (count,), generator=self.generator)

    def _fashion(self, count: int, plain: bool) -> tuple[torch.Tensor, torch.Tensor]:
        rows = self._pick(count, len(self.fashion))
        x = self.fashion[rows].float() / 255
        flips = self._rand(count) < 0.5
        x = torch.where(flips[:, None, None], x.flip(2), x)
        x = self._shift(x, 2)
        x = (self.resize @ x @ self.resize.T).clamp(0, 1)[:, None].expand(-1, 3, -1, -1).contiguous()
        if not plain:
            some = self._rand(count) < 0.12
            x[some] = self._restage(x[some])
            x = self._erase(x)
        return x, self.labels[rows]

    def _shift(self, x: torch.Tensor, reach: int) -> torch.Tensor:
        count, side = len(x), x.shape[-1]
        padded = F.pad(x, (reach,) * 4)
        moves = torch.randint(0, 2 * reach + 1, (2, count), generator=self.generator)
        moves[:, self._rand(count) < 0.4] = reach
        rows = (torch.arange(side)[None] + moves[0][:, None])[:, :, None]
        columns = (torch.arange(side)[None] + moves[1][:, None])[:, None, :]
        return padded[torch.arange(count)[:, None, None], rows, columns]

    def _restage(self, x: torch.Tensor) -> torch.Tensor:
        """The garment smaller, larger, turned, tinted or on other grounds, as a video may show it."""
        count = len(x)
        if count == 0:
            return x
        scale = 1 / (0.5 + 0.7 * self._rand(count))
        turn = (self._rand(count) - 0.5) * 0.4
        matrix = torch.zeros(count, 2, 3)
        matrix[:, 0, 0], matrix[:, 1, 1] = scale * turn.cos(), scale * turn.cos()
        matrix[:, 0, 1], matrix[:, 1, 0] = -scale * turn.sin(), scale * turn.sin()
        matrix[:, :, 2] = (self._rand(count, 2) - 0.5) * 0.4 * scale[:, None]
        grid = F.affine_grid(matrix, list(x.shape), align_corners=False)
        moved = F.grid_sample(x, grid, align_corners=False)
        inside = F.grid_sample(torch.ones_like(x[:, :1]), grid, align_corners=False)
        outside = self._rand(count, 3, 1, 1) * (self._rand(count, 1, 1, 1) < 0.5)
        moved = moved + (1 - inside) * outside
        tint = torch.where(self._rand(count, 1, 1, 1) < 0.3, 0.5 + 0.5 * self._rand(count, 3, 1, 1), torch.ones(count, 3, 1, 1))
        moved = moved * tint
        return torch.where(self._rand(count, 1, 1, 1) < 0.1, 1 - moved, moved)

    def _erase(self, x: torch.Tensor) -> torch.Tensor:
        count, side = len(x), x.shape[-1]
        low = (self._rand(count, 2) * side).long()
        size = (8 + self._rand(count, 2) * 20).long()
        line = torch.arange(side)
        rows = (line >= low[:, :1]) & (line < (low + size)[:, :1])
        columns = (line >= low[:, 1:]) & (line < (low + size)[:, 1:])
        mask = rows[:, None, :, None] & columns[:, None, None, :] & (self._rand(count, 1, 1, 1) < 0.1)
        return x.masked_fill(mask, 0.0)

    def _from_pool(self, pool: torch.Tensor, leaves: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        rows = self._pick(count, len(pool))
        x = pool[rows].permute(0, 3, 1, 2).float() / 255
        x = x * (0.85 + 0.3 * self._rand(count, 1, 1, 1)) + (self._rand(count, 3, 1, 1) - 0.5) * 0.08
        return x.clamp(0, 1), leaves[rows]

    def batch(self, fashion: int, stamps: int, drawn: int, plain: bool = False) -> tuple[torch.Tensor, torch.Tensor]:
        parts = [self._fashion(fashion, plain), self._from_pool(self.stamps, self.stamp_leaves, stamps),
                 self._from_pool(self.drawn, self.drawn_leaves, drawn)]
        x, leaves = torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])
        noisy = (self._rand(len(x), 1, 1, 1) < 0.1).float() * 0.05
        x = (x + noisy * torch.randn(x.shape, generator=self.generator)).clamp(0, 1)
        return (x - self.mean) / self.std, leaves


class Phrases:
    """Writes concepts in varied ways and packs them for the text tower."""

    def __init__(self, words: Vocabulary, tokenizer: Tokenizer, seed: int):
        self.words, self.tokenizer = words, tokenizer
        self.rng = random.Random(seed)
        self.end = tokenizer.token_to_id("<|endoftext|>")

    def frame(self) -> Frame:
        return Frame(self.rng, FILLERS)

    def write(self, concept: int, frame: Frame, first_name: bool = False) -> str:
        entry = self.words.concepts[concept]
        name = entry.names[0] if first_name else self.rng.choice(entry.names)
        kind_of = ""
        if concept < 10 and self.rng.random() < 0.06:
            kind_of = self.rng.choice(["clothing", "garment", "product", "fashion item", "thing", "object"])
        return frame.write(name, kind_of)

    def fashion_set(self) -> list[str]:
        """All ten in one frame, mostly under one kind of name, as users write them."""
        frame, usual = self.frame(), self.rng.random() < 0.4
        return [self.write(c, frame, usual) for c in range(10)]

    def mixed(self, concepts: list[int]) -> list[str]:
        frames = [self.frame() for _ in range(6)]
        return [self.write(c, self.rng.choice(frames)) for c in concepts]

    def strangers(self, count: int) -> list[str]:
        """Words that name nothing here; they must draw no picture."""
        return [self.frame().write(self.rng.choice([made_up_word(self.rng), self.rng.choice(FILLERS)])) for _ in range(count)]

    def pack(self, texts: list[str], length: int) -> torch.Tensor:
        """Padded or cut to `length`; a cut phrase still ends with the end token."""
        rows = torch.full((len(texts), length), self.end, dtype=torch.long)
        for row, encoding in enumerate(self.tokenizer.encode_batch(texts)):
            ids = encoding.ids[:length]
            rows[row, :len(ids)] = torch.tensor(ids)
            rows[row, -1] = self.end
        return rows


def tokenizer_corpus(words: Vocabulary, seed: int, count: int = 30000) -> list[str]:
    rng = random.Random(seed)
    corpus = []
    for _ in range(count):
        entry = words.concepts[rng.randrange(len(words.concepts))]
        corpus.append(Frame(rng, FILLERS).write(rng.choice(entry.names)))
    for entry in words.concepts:
        corpus += entry.names * 12
    return corpus + FILLERS * 10
