"""Trains the demo model that hears: the sound tower on prototypes, the text tower towards them, then both against each other.

Run again with the same --work to go on after an interruption; a file `stop` in there ends a run softly.
With --export it only writes the newest checkpoint as a model folder.
"""

import argparse
import math
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import nn

from ..shared import SetLoss, save_state
from . import material
from .model import TOKENS, WIDTH, make_model, save_checkpoint, train_tokenizer
from .phrases import Frame
from .sampling import Phrases, Sounds, tokenizer_corpus
from .vocabulary import Vocabulary

MAIN_KINDS = 4  # speech, music, noise, silence exclude each other; so do the families


class Trainer:
    def __init__(self, options: argparse.Namespace):
        self.options = options
        torch.manual_seed(options.seed)
        self.words = Vocabulary(material.list_stamps())
        options.work.mkdir(parents=True, exist_ok=True)
        tokenizer = options.work / "bpe.json"
        if not tokenizer.exists():
            train_tokenizer(tokenizer_corpus(self.words, options.seed), options.vocabulary).save(str(tokenizer))
        self.tokenizer = Tokenizer.from_file(str(tokenizer))
        self.model = make_model(self.tokenizer.get_vocab_size())
        self.prototypes = nn.Parameter(torch.randn(len(self.words.concepts), WIDTH))
        self.set_loss = SetLoss(self.words.relation)
        self.families, self.kinds = torch.tensor(self.words.families), torch.tensor(self.words.kinds)
        self.optimizers = self._optimizers()
        self.step = 0
        self._resume()
        self.phrases = Phrases(self.words, self.tokenizer, options.seed + self.step)  # a resumed run goes on with fresh draws
        self.saved_at = time.time()

    def _optimizers(self) -> list[torch.optim.Optimizer]:
        """Muon learns the matrices in half of the steps that AdamW needs; the rest is AdamW's."""
        named = list(self.model.named_parameters())
        matrices = [p for n, p in named if p.ndim == 2 and "embedding" not in n and "relative" not in n]
        chosen = set(map(id, matrices))
        rest = [p for _, p in named if id(p) not in chosen] + [self.prototypes]
        rate = self.options.rate
        return [torch.optim.Muon(matrices, lr=rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
                torch.optim.AdamW(rest, lr=rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True)]

    def _resume(self) -> None:
        file = self.options.work / "checkpoint.pt"
        if file.exists():
            state = torch.load(file, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.prototypes.data.copy_(state["prototypes"])
            for optimizer, kept in zip(self.optimizers, state["optimizers"]):
                optimizer.load_state_dict(kept)
            self.step = state["step"]

    def save(self) -> None:
        state = {"model": self.model.state_dict(), "prototypes": self.prototypes.data, "step": self.step,
                 "optimizers": [optimizer.state_dict() for optimizer in self.optimizers]}
        save_state(state, self.options.work)
        self.saved_at = time.time()

    def scale(self) -> torch.Tensor:
        return self.model.logit_scale_a.exp()

    def hear(self, mels: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            pooled = self.model.audio_model(mels).pooler_output
            return F.normalize(self.model.audio_projection(pooled).float(), dim=-1)

    def read(self, texts: list[str]) -> torch.Tensor:
        ids, mask = self.phrases.pack(texts, TOKENS if self.step % 40 == 0 else 24)
        with torch.autocast("cpu", torch.bfloat16):
            pooled = self.model.text_model(ids, attention_mask=mask).pooler_output
            return F.normalize(self.model.text_projection(pooled).float(), dim=-1)

    def named(self) -> torch.Tensor:
        return F.normalize(self.prototypes, dim=-1)

    def sets_loss(self, cosines: torch.Tensor, leaves: torch.Tensor) -> torch.Tensor:
        """`cosines` with every concept: what a sound is, among all, among families, among kinds."""
        logits = self.scale() * cosines
        loss = self.set_loss(logits, leaves, torch.arange(logits.shape[1]), wide=False)
        loss = loss + 1.5 * self.set_loss(logits[:, self.families], leaves, self.families, wide=True)
        loss = loss + 0.5 * self.set_loss(logits[:, self.kinds[:MAIN_KINDS]], leaves, self.kinds[:MAIN_KINDS], wide=True)
        return loss + 0.5 * self.set_loss(logits[:, self.kinds], leaves, self.kinds, wide=True)

    def head_step(self) -> torch.Tensor:
        mels, leaves = self.sounds.batch(self.options.batch)
        return self.sets_loss(self.hear(mels) @ self.named().T, leaves)

    def drawn_concepts(self, count: int) -> list[int]:
        rng = self.phrases.rng
        return self.words.families * 2 + self.words.kinds * 2 + [rng.randrange(len(self.words.concepts)) for _ in range(count)]

    def text_step(self) -> torch.Tensor:
        concepts = self.drawn_concepts(120)
        cosines = self.read(self.phrases.mixed(concepts)) @ self.named().detach().T
        targets = torch.tensor(concepts)
        return F.cross_entropy(20 * cosines, targets) + 2 * (1 - cosines.gather(1, targets[:, None])).mean()

    def joint_step(self) -> torch.Tensor:
        """The sounds against phrases, one for each concept, and strangers; both still near the prototypes."""
        mels, leaves = self.sounds.batch(self.options.batch)
        heard = self.hear(mels)
        every = list(range(len(self.words.concepts)))
        frame = Frame(self.phrases.rng)
        texts = self.phrases.mixed(every)
        for concept in self.words.families + self.words.kinds:
            texts[concept] = self.phrases.write(concept, frame)
        read = self.read(texts + self.phrases.strangers(24))
        cosines = heard @ read.T
        known = cosines[:, :len(every)]
        concepts = torch.tensor(every + [-1] * 24)
        loss = self.sets_loss(known, leaves) + 0.5 * self.set_loss(self.scale() * cosines, leaves, concepts, wide=False)
        loss = loss + 0.5 * self.sets_loss(heard @ self.named().T, leaves)
        return loss + 0.5 * F.cross_entropy(20 * read[:len(every)] @ self.named().T, torch.arange(len(every)))

    def rate(self) -> float:
        head, text, joint = self.options.steps
        if self.step < head:
            low = max(0.02, 0.5 + 0.5 * math.cos(math.pi * self.step / head))
            return self.options.rate * min(1.0, (self.step + 1) / 60) * low
        if self.step < head + text:
            return self.options.rate * min(1.0, (self.step - head + 1) / 100, (head + text - self.step) / text + 0.1)
        return 0.4 * self.options.rate * max(0.02, 0.5 + 0.5 * math.cos(math.pi * (self.step - head - text) / joint))

    def loss(self) -> torch.Tensor:
        head, text, _ = self.options.steps
        if self.step < head:
            return self.head_step()
        return self.text_step() if self.step < head + text else self.joint_step()

    def train(self) -> None:
        self.sounds = Sounds(self.words, material.pools(self.words, False, self.options.work), self.options.seed + self.step)
        self.model.train()
        parameters = [*self.model.parameters(), self.prototypes]
        started, mean = time.time(), 0.0
        while self.step < sum(self.options.steps) and not (self.options.work / "stop").exists():
            for group in (group for optimizer in self.optimizers for group in optimizer.param_groups):
                group["lr"] = self.rate()
            loss = self.loss()
            self.model.zero_grad(set_to_none=True)
            self.prototypes.grad = None
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            for optimizer in self.optimizers:
                optimizer.step()
            with torch.no_grad():
                self.model.logit_scale_a.clamp_(max=math.log(50))
                self.model.logit_scale_t.copy_(self.model.logit_scale_a)
            mean = loss.item() if mean == 0 else 0.95 * mean + 0.05 * loss.item()
            self.step += 1
            if time.time() - self.saved_at > 120:
                self.save()
            if self.step % 50 == 0:
                print(f"step {self.step} loss {mean:.3f} scale {self.scale().item():.1f} rate {self.rate():.2e} "
                      f"{(time.time() - started) / 50:.2f} s/step", flush=True)
                started = time.time()
        self.save()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("work"), help="pools of sounds and the checkpoint")
    parser.add_argument("--export", type=Path, help="only write the newest checkpoint as a model folder")
    parser.add_argument("--steps", type=int, nargs=3, default=[4000, 500, 250], help="sound tower, text tower, both")
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--vocabulary", type=int, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    trainer = Trainer(options)
    if options.export:
        save_checkpoint(trainer.model.eval(), trainer.tokenizer, options.export)
    else:
        trainer.train()


if __name__ == "__main__":
    main()
