"""Measures the demo model on sounds never trained on, with transformers alone."""

import argparse
from pathlib import Path

import numpy as np
import torch
from transformers import ClapModel, ClapProcessor

from ..shared import calibration_error
from . import material
from .phrases import UNSEEN_TEMPLATES, USUAL_TEMPLATES
from .vocabulary import FAMILIES, LANGUAGES, SYNTHETIC, Vocabulary

WORDINGS = {
    "plain": list(FAMILIES),
    "capitals": [name.upper() for name in FAMILIES],
    "other words": "piano music|bells|organ music|guitars|bass guitar|violins and cellos|choir of voices|brass instrument|saxophone or clarinet|flutes|drum kit".split("|"),
}
GENERAL_MIDI = {"piano": (0, 8), "chromatic percussion": (8, 16), "organ": (16, 24), "guitar": (24, 32), "bass": (32, 40), "strings": (40, 48),
                "ensemble": (48, 56), "brass": (56, 64), "reed": (64, 72), "pipe": (72, 80)}
KINDS = ["speech", "music", "noise", "silence"]


class Measure:
    def __init__(self, folder: Path):
        self.model = ClapModel.from_pretrained(folder).float().eval()
        self.tokenizer = ClapProcessor.from_pretrained(folder).tokenizer

    @torch.no_grad()
    def hear(self, mels: np.ndarray) -> torch.Tensor:
        parts = [self.model.get_audio_features(torch.from_numpy(mels[start:start + 100]).float()[:, None]) for start in range(0, len(mels), 100)]
        return torch.nn.functional.normalize(torch.cat(parts), dim=-1)

    @torch.no_grad()
    def read(self, texts: list[str]) -> torch.Tensor:
        return torch.nn.functional.normalize(self.model.get_text_features(**self.tokenizer(texts, padding=True, return_tensors="pt")), dim=-1)

    def chances(self, heard: torch.Tensor, texts: list[str]) -> torch.Tensor:
        return (self.model.logit_scale_a.exp() * heard @ self.read(texts).T).softmax(1)


def by_class(guess: torch.Tensor, labels: torch.Tensor, count: int) -> list[float]:
    return [100 * guess[labels == c].eq(c).float().mean().item() for c in range(count) if (labels == c).any()]


def families(measure: Measure, heard: torch.Tensor, keys: list[str], words: Vocabulary) -> None:
    names = list(FAMILIES)
    wanted = [words.family_of(int(key.split()[1])) if key.startswith("program") else key for key in keys]
    labels = torch.tensor([names.index(name) if name in names else -1 for name in wanted])
    heard, labels = heard[labels >= 0], labels[labels >= 0]
    print(f"Eleven instrument families from a sound font never trained on, {len(labels)} clips, top-1 as the mean over families in %")
    for title, wording in WORDINGS.items():
        for template in [*USUAL_TEMPLATES, *UNSEEN_TEMPLATES] if title == "plain" else ["{}", "the sound of a {}"]:
            chances = measure.chances(heard, [template.format(word) for word in wording])
            print(f"  {title}, {template!r}: {np.mean(by_class(chances.argmax(1), labels, 11)):.1f}")
    chances = measure.chances(heard, names)
    scores = by_class(chances.argmax(1), labels, 11)
    print("  by family: " + ", ".join(f"{name} {score:.0f}" for name, score in zip(names, scores)))
    print(f"  surety {100 * chances.max(1).values.mean():.1f}, calibration error {100 * calibration_error(chances, labels):.1f}, "
          f"scale {measure.model.logit_scale_a.exp():.2f}")


def general_midi(measure: Measure, heard: torch.Tensor, keys: list[str]) -> None:
    """General MIDI's own ten families and drums, timpani and string ensembles where the standard has them."""
    names = [*GENERAL_MIDI, "drums"]
    labels = []
    for key in keys:
        program = int(key.split()[1]) if key.startswith("program") else -1
        labels.append(next((n for n, (low, high) in enumerate(GENERAL_MIDI.values()) if low <= program < high), 10 if key == "drums" else -1))
    labels = torch.tensor(labels)
    guess = measure.chances(heard[labels >= 0], names).argmax(1)
    scores = by_class(guess, labels[labels >= 0], 11)
    print(f"General MIDI's families to the letter: {np.mean(scores):.1f} (" + ", ".join(f"{n} {s:.0f}" for n, s in zip(names, scores)) + ")")


def kinds(measure: Measure, groups: dict[str, tuple[torch.Tensor, list[str]]]) -> None:
    heard, labels = [], []
    for group, (embeddings, keys) in groups.items():
        for embedding, key in zip(embeddings, keys):
            kind = "speech" if key.startswith("speech") else "music" if group == "test-font" else SYNTHETIC[key][1] if key in SYNTHETIC else ""
            if kind in KINDS:
                heard.append(embedding)
                labels.append(KINDS.index(kind))
    heard, labels = torch.stack(heard), torch.tensor(labels)
    for template in ("{}", "the sound of {}", "this is {}"):
        scores = by_class(measure.chances(heard, [template.format(kind) for kind in KINDS]).argmax(1), labels, 4)
        print(f"Speech, music, noise, silence, {template!r}: {np.mean(scores):.1f} (" + ", ".join(f"{k} {s:.1f}" for k, s in zip(KINDS, scores)) + f"; {len(labels)} clips)")


def named_sounds(measure: Measure, groups: dict[str, tuple[torch.Tensor, list[str]]]) -> None:
    heard, keys = groups["test-synthetic"]
    names = ["white noise", "pink noise", "brown noise", "wind", "hum", "sine wave", "square wave", "beeping", "frequency sweep", "siren", "telephone keypad", "ticking clock", "silence"]
    of = dict(zip(["white noise", "pink noise", "brown noise", "wind", "hum", "sine tone", "square tone", "beep", "sweep", "siren", "dial tones", "click", "silence"], range(13)))
    labels = torch.tensor([of.get(key, -1) for key in keys])
    scores = by_class(measure.chances(heard[labels >= 0], names).argmax(1), labels[labels >= 0], 13)
    print(f"Thirteen computed sounds, other seeds: {np.mean(scores):.1f} (" + ", ".join(f"{n} {s:.0f}" for n, s in zip(names, scores)) + ")")
    heard, keys = groups["test-voices"]
    codes = [code for code in LANGUAGES if f"speech {code}" in keys]
    labels = torch.tensor([codes.index(key.split()[1]) if key != "speech" and key.split()[1] in codes else -1 for key in keys])
    scores = by_class(measure.chances(heard[labels >= 0], [f"{LANGUAGES[code]} speech" for code in codes]).argmax(1), labels[labels >= 0], len(codes))
    print(f"Languages, known voices, other phrases: {np.mean(scores):.1f} (" + ", ".join(f"{c} {s:.0f}" for c, s in zip(codes, scores)) + ")")
    heard, keys = groups["test-stamps"]
    animal = torch.tensor([0 if "animals/" in key or "blackcat" in key else -1 for key in keys])
    wide = ["animal", "speech", "music", "machine", "silence", "electronic beep"]
    scores = by_class(measure.chances(heard[animal >= 0], wide).argmax(1), animal[animal >= 0], 6)
    print(f"Animals never trained on, among {', '.join(wide)}: {np.mean(scores):.1f} ({int((animal >= 0).sum())} clips; chance 17)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--work", type=Path, default=Path("work"), help="the pools of sounds")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    measure, words = Measure(options.folder), Vocabulary(material.list_stamps())
    key_of = {leaf: key for key, leaf in words.leaf_of.items()}
    groups = {}
    for group, (mels, leaves) in material.pools(words, True, options.work).items():
        groups[group] = (measure.hear(mels), [key_of[leaf] for leaf in leaves.tolist()])
    families(measure, *groups["test-font"], words)
    general_midi(measure, *groups["test-font"])
    kinds(measure, groups)
    named_sounds(measure, groups)


if __name__ == "__main__":
    main()
