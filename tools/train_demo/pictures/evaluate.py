"""Measures a model folder on material that training never saw, through transformers alone as any user would."""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import CLIPModel, CLIPProcessor

from ..shared import calibration_error
from . import material
from .phrases import UNSEEN_TEMPLATES, USUAL_TEMPLATES
from .vocabulary import Vocabulary, is_held_out

PLAIN = "T-shirt/top|Trouser|Pullover|Dress|Coat|Sandal|Shirt|Sneaker|Bag|Ankle boot".split("|")
PHRASINGS = {
    "dataset's names": PLAIN,
    "lower case": [name.lower() for name in PLAIN],
    "upper case": [name.upper() for name in PLAIN],
    "plain words": "t-shirt|trousers|pullover|dress|coat|sandal|shirt|sneaker|bag|ankle boot".split("|"),
    "plurals": "t-shirts|trousers|pullovers|dresses|coats|sandals|shirts|sneakers|bags|ankle boots".split("|"),
    "synonyms": "tee|pants|sweater|gown|overcoat|flip-flop|button-up shirt|running shoe|handbag|boot".split("|"),
    "other synonyms": "T shirt|pair of pants|jumper|summer dress|jacket|slipper|blouse|trainers|purse|boots".split("|"),
    "with articles": "a t-shirt or top|a pair of trousers|a sweater|a dress|a coat|a sandal|a shirt|a sneaker|a bag|an ankle boot".split("|"),
    "reworded": "short-sleeved top|long trousers|warm pullover|long dress|heavy coat|open sandal|white shirt|sport sneaker|leather handbag|high ankle boot".split("|"),
}
WIDE_SETS = {
    "animals, food, vehicles, clothing, buildings, plants": {"animal": "animals/", "food": "food/", "vehicle": "vehicles/", "clothing": "clothes/", "building": "town/houses/", "plant": "plants/"},
    "bird, fish, insect, mammal": {"bird": "animals/birds/", "fish": "animals/fish/", "insect": "animals/insects/", "mammal": "animals/mammals/"},
    "bird, other animal, food, vehicle": {"bird": "animals/birds/", "mammal": "animals/mammals/", "food": "food/", "vehicle": "vehicles/"},
    "fruit, vegetable, flower, tree": {"fruit": "food/fruit/", "vegetable": "food/vegetables/", "flower": "plants/flowers/", "tree": "plants/trees/"},
    "letter, chess piece, coin, math sign, music, hand sign": {"letter": "symbols/alphabets/english", "chess piece": "symbols/chess/", "coin": "symbols/money/", "math sign": "symbols/math/operators", "musical note": "symbols/music", "hand sign": "symbols/alphabets/asl"},
    "wide, twelve words": {"animal": "animals/", "food": "food/", "vehicle": "vehicles/", "clothing": "clothes/", "building": "town/houses/", "plant": "plants/", "tool": "household/tools", "letter": "symbols/alphabets/", "coin": "symbols/money/", "musical instrument": "hobbies/music/", "road sign": "town/roadsigns/", "person": "people/"},
}


class Measure:
    def __init__(self, folder: Path):
        self.model = CLIPModel.from_pretrained(folder).eval()
        self.processor = CLIPProcessor.from_pretrained(folder, use_fast=False)

    @torch.no_grad()
    def see(self, pictures: list[Image.Image]) -> torch.Tensor:
        parts = []
        for start in range(0, len(pictures), 500):
            pixels = self.processor(images=pictures[start:start + 500], return_tensors="pt")
            parts.append(self.model.get_image_features(**pixels))
        return torch.nn.functional.normalize(torch.cat(parts), dim=-1)

    @torch.no_grad()
    def read(self, texts: list[str]) -> torch.Tensor:
        tokens = self.processor(text=texts, return_tensors="pt", padding=True)
        return torch.nn.functional.normalize(self.model.get_text_features(**tokens), dim=-1)

    def chances(self, seen: torch.Tensor, texts: list[str]) -> torch.Tensor:
        return (self.model.logit_scale.exp() * seen @ self.read(texts).T).softmax(1)


def fashion(measure: Measure) -> None:
    pictures, labels = material.load_fashion("t10k")
    labels = torch.from_numpy(labels)
    seen = measure.see([Image.fromarray(p).convert("RGB") for p in pictures])

    def score(template: str, names: list[str]) -> torch.Tensor:
        return measure.chances(seen, [template.format(name) for name in names])

    print("Fashion-MNIST, 10,000 test pictures, top-1 in %")
    for title, templates in (("usual templates", USUAL_TEMPLATES), ("templates never trained", UNSEEN_TEMPLATES)):
        print(f" {title}:")
        for template in templates:
            values = [100 * score(template, PHRASINGS[p]).argmax(1).eq(labels).float().mean().item() for p in ("dataset's names", "lower case", "plain words")]
            print(f"  {template!r:52} names {values[0]:.2f}, lower case {values[1]:.2f}, plain words {values[2]:.2f}")
    for title, names in PHRASINGS.items():
        values = [100 * score(t, names).argmax(1).eq(labels).float().mean().item() for t in ("{}", "a photo of a {}.")]
        print(f"  {title:20} bare {values[0]:.2f}, 'a photo of a {{}}.' {values[1]:.2f}")
    chances = score("a photo of a {}.", PLAIN)
    right = chances.argmax(1).eq(labels)
    print("  by class: " + ", ".join(f"{name} {100 * right[labels == c].float().mean():.1f}" for c, name in enumerate(PLAIN)))
    print(f"  mean surety {100 * chances.max(1).values.mean():.1f}, calibration error {100 * calibration_error(chances, labels):.1f}, "
          f"scale {measure.model.logit_scale.exp():.2f}")
    coarse = measure.chances(seen, ["clothing", "shoe", "animal", "food", "vehicle", "building"])
    wanted = torch.isin(labels, torch.tensor([5, 7, 9])).long()
    keep = labels != 8
    print(f"  clothing or shoe among six wide words: {100 * coarse.argmax(1).eq(wanted)[keep].float().mean():.1f}")


def stamps(measure: Measure, words: Vocabulary, cache: Path) -> None:
    pictures, leaves = material.stamp_pool(words, cache, True, 20, 2)
    seen = measure.see([Image.fromarray(p) for p in pictures])
    paths = {leaf: path for path, leaf in words.stamp_leaves.items()}
    where = [paths[int(leaf)] for leaf in leaves]
    print(f"Stamps never trained on: {len(set(where))} stamps, {len(where)} composed pictures")
    for title, words_of in WIDE_SETS.items():
        labels = np.array([next((n for n, prefix in enumerate(words_of.values()) if p.startswith(prefix)), -1) for p in where])
        keep = torch.from_numpy(labels >= 0)
        guess = measure.chances(seen[keep], [f"a picture of a {word}" for word in words_of]).argmax(1)
        right = guess.eq(torch.from_numpy(labels)[keep]).float()
        whole = [right[torch.from_numpy(labels)[keep] == c].mean().item() for c in range(len(words_of)) if (labels == c).any()]
        print(f"  {title}: {100 * right.mean():.1f} of {len(right)} (mean over {len(whole)} classes {100 * np.mean(whole):.1f}; chance {100 / len(words_of):.0f})")


def trained_stamps(measure: Measure, words: Vocabulary) -> None:
    rng = np.random.default_rng(9)
    chosen = [item for item in words.stamp_leaves.items() if "alphabets" not in item[0] and not is_held_out(item[0])]
    pictures, concepts = [], []
    for path, leaf in chosen:
        stamp = material.load_stamp(path)
        pictures += [Image.fromarray(material.compose(stamp, rng)) for _ in range(2)]
        concepts += [words.leaves[leaf].concept] * 2
    known = sorted(set(concepts))
    names = [words.concepts[c].names[0] for c in known]
    guess = measure.chances(measure.see(pictures), [f"a picture of a {name}" for name in names]).topk(5, dim=1).indices
    wanted = torch.tensor([known.index(c) for c in concepts])[:, None]
    print(f"Trained stamps newly composed, {len(known)} names at once: top-1 {100 * guess[:, :1].eq(wanted).any(1).float().mean():.1f}, "
          f"top-5 {100 * guess.eq(wanted).any(1).float().mean():.1f}")


def drawn(measure: Measure, words: Vocabulary, cache: Path) -> None:
    pictures, leaves = material.drawn_pool(words, cache, 12, 4)
    seen = measure.see([Image.fromarray(p) for p in pictures])
    keys = {leaf: key for key, leaf in words.drawn.items()}
    named = [keys[int(leaf)] for leaf in leaves]
    sets = {"plain colours": [k for k in words.drawn if k.startswith("plain ")], "digits": [k for k in words.drawn if k.startswith("digit ")],
            "patterns": list(material.PATTERNS) + ["gradient", "noise"],
            "coloured shapes": [k for k in words.drawn if k.split()[-1] in material.SHAPES]}
    print("Drawn material, seeds never trained on")
    for title, labels in sets.items():
        keep = [n for n, k in enumerate(named) if k in labels]
        guess = measure.chances(seen[keep], labels).argmax(1).tolist()
        print(f"  {title} ({len(labels)} names): {100 * np.mean([labels[g] == named[n] for g, n in zip(guess, keep)]):.1f}")
    empty = [n for n, k in enumerate(named) if k.startswith("plain ") or k in ("gradient", "noise")]
    chances = measure.chances(seen[empty], ["nothing"] + [name.lower() for name in PLAIN])
    print(f"  'nothing' beside the ten fashion names, on colours, gradients and noise: {100 * chances.argmax(1).eq(0).float().mean():.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--work", type=Path, default=Path("work"), help="the pools of pictures")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    measure, words = Measure(options.folder), Vocabulary(material.list_stamps())
    fashion(measure)
    stamps(measure, words, options.work)
    trained_stamps(measure, words)
    drawn(measure, words, options.work)


if __name__ == "__main__":
    main()
