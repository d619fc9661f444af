"""Draws the batches: log-mels with their leaves, and phrases with their concepts."""

import math
import random

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from ..shared import made_up_word
from .model import PADDING, TOKENS
from .phrases import FILLERS, Frame
from .vocabulary import FAMILIES, Vocabulary

FLOOR = -100.0  # decibels of nothing at all, of ClapFeatureExtractor
DECIBELS = math.log(10) / 10  # natural units of power in one


class Sounds:
    """Batches of augmented log-mels, (N, 1, 1001, 64), balanced over groups of leaves."""

    def __init__(self, words: Vocabulary, pools: dict[str, tuple[np.ndarray, np.ndarray]], seed: int):
        self.mels = [torch.from_numpy(mels) for mels, _ in pools.values()]
        self.generator = torch.Generator().manual_seed(seed)
        self.rng = random.Random(seed)
        self.silence = words.leaf_of["silence"]
        by_leaf: dict[int, list[tuple[int, int]]] = {}
        for pool, (_, leaves) in enumerate(pools.values()):
            for row, leaf in enumerate(leaves.tolist()):
                by_leaf.setdefault(leaf, []).append((pool, row))
        self.by_leaf = by_leaf
        self.programs = {leaf for key, leaf in words.leaf_of.items() if key.startswith("program ")}
        self.groups = self._groups(words)

    def _groups(self, words: Vocabulary) -> list[tuple[float, list[int]]]:
        """(share of a batch, leaves)"""
        of = words.leaf_of
        families = [[of[f"program {p}"] for p in programs] or [of["drums"]] for _, programs in FAMILIES.values()]
        in_family = {leaf for leaves in families for leaf in leaves}
        others = [leaf for key, leaf in of.items() if key.startswith("program ") and leaf not in in_family]
        groups = [(0.6 / len(families), leaves) for leaves in families] + [(0.04, others), (0.03, [of["band"]])]
        groups.append((0.11, [leaf for key, leaf in of.items() if key.startswith("speech")]))
        groups.append((0.07, [leaf for key, leaf in of.items() if key.startswith("stamp")]))
        noises = [of[key] for key in ("white noise", "pink noise", "brown noise", "hiss", "wind", "crackle", "band noise")]
        tones = [of[key] for key in ("hum", "sine tone", "square tone", "beep", "sweep", "siren", "dial tones", "click")]
        groups += [(0.06, noises), (0.06, tones), (0.03, [self.silence])]
        return [(share, [leaf for leaf in leaves if leaf in self.by_leaf]) for share, leaves in groups]

    def _uniform(self, low: float, high: float, *shape: int) -> torch.Tensor:
        return low + (high - low) * torch.rand(*shape, generator=self.generator)

    def batch(self, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        chosen = self.rng.choices(self.groups, [share for share, _ in self.groups], k=count)
        leaves = [self.rng.choice(group) for _, group in chosen]
        mels = torch.stack([self._draw(leaf) for leaf in leaves])
        leaves = torch.tensor(leaves)
        return self.augment(mels, leaves == self.silence)[:, None], leaves

    def _draw(self, leaf: int) -> torch.Tensor:
        mel = self._clip(leaf)
        if leaf in self.programs and self.rng.random() < 0.3:
            # Two sound fonts' idea of one instrument make a third.
            other = self._clip(leaf) - self.rng.uniform(0, 10)
            mel = torch.logaddexp(mel * DECIBELS, other * DECIBELS) / DECIBELS
        return mel

    def _clip(self, leaf: int) -> torch.Tensor:
        pool, row = self.rng.choice(self.by_leaf[leaf])
        return self.mels[pool][row].float()

    def augment(self, mels: torch.Tensor, silent: torch.Tensor) -> torch.Tensor:
        """What rooms, microphones, codecs and other instruments of the kind change; in place."""
        count, frames, bands = mels.shape
        change = self._equaliser(count, bands) + self._uniform(-14, 10, count, 1)
        cut = torch.where(self._uniform(0, 1, count) < 0.25, self._uniform(30, bands, count), float(bands))
        above = torch.arange(bands)[None] > cut[:, None]  # a low sample rate or a lossy codec
        change -= above * self._uniform(25, 70, count, 1)
        mels += (change * (~silent)[:, None])[:, None]
        for row in torch.nonzero(~silent)[:, 0].tolist():
            self._disturb(mels[row])
        return mels.clamp_(min=FLOOR)

    def _equaliser(self, count: int, bands: int) -> torch.Tensor:
        """A smooth curve over the bands, of up to some 15 dB, with ripples."""
        curve = torch.zeros(count, 1, bands)
        for points, reach in ((6, 7), (20, 3)):
            draw = torch.randn(count, 1, points, generator=self.generator) * self._uniform(0, reach, count, 1, 1)
            curve += F.interpolate(draw, size=bands, mode="linear", align_corners=True)
        return curve[:, 0]

    def _disturb(self, mel: torch.Tensor) -> None:
        """One log-mel turned in time, slower, deeper, of other dynamics, with noise behind it, with parts missing; each now and then."""
        rng, (frames, bands) = self.rng, mel.shape
        if rng.random() < 0.5:
            mel.copy_(mel[(torch.arange(frames) * rng.uniform(0.75, 1.3)).long() % frames])
        if rng.random() < 0.4:
            mel.copy_(mel[:, (torch.arange(bands) + rng.randint(-2, 2)).clamp(0, bands - 1)])
        if rng.random() < 0.5:
            mel.sub_(mel.max()).mul_(rng.uniform(0.75, 1.25)).add_(rng.uniform(-30, 5))
        if rng.random() < 0.5:
            mel.copy_(mel.roll(rng.randrange(frames), 0))
        if rng.random() < 0.4:
            noise = mel.max() - rng.uniform(35, 90) + self._equaliser(1, bands) + 4 * torch.randn(frames, bands, generator=self.generator)
            mel.copy_(torch.logaddexp(mel * DECIBELS, noise * DECIBELS) / DECIBELS)
        for axis, reach in ((0, 250), (1, 12)):
            if rng.random() < 0.3:
                width = rng.randrange(reach)
                mel.narrow(axis, rng.randrange(mel.shape[axis] - width), width).fill_(FLOOR)


class Phrases:
    """Writes concepts in varied ways and packs them for the text tower."""

    def __init__(self, words: Vocabulary, tokenizer: Tokenizer, seed: int):
        self.words, self.tokenizer = words, tokenizer
        self.rng = random.Random(seed)
        self.padding = tokenizer.token_to_id(PADDING)

    def write(self, concept: int, frame: Frame) -> str:
        return frame.write(self.rng.choice(self.words.concepts[concept].names))

    def mixed(self, concepts: list[int]) -> list[str]:
        frames = [Frame(self.rng) for _ in range(12)]
        return [self.write(concept, self.rng.choice(frames)) for concept in concepts]

    def strangers(self, count: int) -> list[str]:
        """Words that name nothing here; they must draw no sound."""
        return [Frame(self.rng).write(self.rng.choice([made_up_word(self.rng), self.rng.choice(FILLERS)])) for _ in range(count)]

    def pack(self, texts: list[str], length: int = 24) -> tuple[torch.Tensor, torch.Tensor]:
        """Ids and mask, padded or cut to `length`; a cut phrase still ends with the end token."""
        ids = torch.full((len(texts), length), self.padding, dtype=torch.long)
        for row, encoding in enumerate(self.tokenizer.encode_batch(texts)):
            kept = encoding.ids[:length - 1] + encoding.ids[-1:] if len(encoding.ids) > length else encoding.ids
            ids[row, :len(kept)] = torch.tensor(kept)
        return ids, (ids != self.padding).long()


def tokenizer_corpus(words: Vocabulary, seed: int, count: int = 20000) -> list[str]:
    rng = random.Random(seed)
    corpus = [Frame(rng).write(rng.choice(rng.choice(words.concepts).names)) for _ in range(count)]
    return corpus + [name for concept in words.concepts for name in concept.names for _ in range(20)] + FILLERS * 10
