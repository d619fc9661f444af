"""What the recipes of both demo models have in common."""

import random
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

# What a class of material says of a concept.
OWN, ANCESTOR, OTHER, UNSURE = 1, 2, 0, -1

SYLLABLES = ["ba", "cor", "del", "fi", "gan", "hu", "jel", "kom", "lo", "mer", "ni", "op", "pra", "qui", "ris", "sta",
             "tor", "ul", "ven", "wex", "yl", "zan", "che", "thr", "ing", "ed", "er", "ly", "al", "ness", "con", "un"]


@dataclass
class Leaf:
    """A class of material: which concept names it, which wider ones hold too, which cannot be judged."""
    concept: int
    ancestors: list[int] = field(default_factory=list)
    unsure: list[int] = field(default_factory=list)


def relation_table(leaves: list[Leaf], concepts: int) -> np.ndarray:
    """(leaf, concept): what the leaf says of the concept."""
    table = np.full((len(leaves), concepts), OTHER, dtype=np.int8)
    for row, leaf in enumerate(leaves):
        table[row, leaf.unsure] = UNSURE
        table[row, leaf.ancestors] = ANCESTOR
        table[row, leaf.concept] = OWN
    return table


def made_up_word(rng: random.Random) -> str:
    return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(1, 4)))


def save_state(state: dict, work: Path) -> None:
    """As work/checkpoint.pt, which is whole at every moment."""
    torch.save(state, work / "checkpoint.new")
    (work / "checkpoint.new").rename(work / "checkpoint.pt")


class SetLoss:
    """Cross-entropy over exclusive sets of concepts, for a relation table."""

    def __init__(self, relation: np.ndarray):
        self.relation = torch.from_numpy(relation)
        # Of two right wide words the narrower one should win.
        self.weight = (self.relation > 0).sum(0).clamp(min=1).float().rsqrt()

    def __call__(self, logits: torch.Tensor, leaves: torch.Tensor, concepts: torch.Tensor, wide: bool = False) -> torch.Tensor:
        """`concepts` are those of the columns; -1 is a stranger. With `wide`, ancestors are right too."""
        relation = self.relation[leaves][:, concepts.clamp(min=0)]
        relation = torch.where(concepts[None] < 0, OTHER, relation)
        right = relation > 0 if wide else relation == OWN
        hidden = relation == UNSURE if wide else (relation == UNSURE) | (relation == ANCESTOR)
        share = right * self.weight[concepts.clamp(min=0)][None]
        total = share.sum(1, keepdim=True)
        valid = total[:, 0] > 0
        if not valid.any():
            return logits.sum() * 0
        chance = logits.masked_fill(hidden, -1e4).log_softmax(1)
        return -((share / total.clamp(min=1e-9)) * chance).sum(1)[valid].mean()


def calibration_error(chances: torch.Tensor, labels: torch.Tensor) -> float:
    """Mean distance between what is said and what is right, over fifteen bands of surety."""
    top, guess = chances.max(1)
    band = (top * 15).long().clamp(max=14)
    gaps = [(guess.eq(labels)[band == b].float().mean() - top[band == b].mean()).abs() * (band == b).float().mean() for b in range(15) if (band == b).any()]
    return sum(gap.item() for gap in gaps)
