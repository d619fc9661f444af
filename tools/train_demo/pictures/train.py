"""Trains the demo model: the picture tower on prototypes, the text tower towards them, then both against each other.

Run again with the same --work to go on after an interruption; a file `stop` in there ends a run softly.
With --export it only writes the newest checkpoint as a model folder.
"""

import argparse
import math
import time
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import nn

from ..shared import SetLoss, save_state
from . import material
from .model import MEAN, STD, make_model, save_checkpoint, train_tokenizer
from .sampling import VALIDATION, Phrases, Pictures, tokenizer_corpus
from .vocabulary import Vocabulary

CALIBRATION_TEMPLATES = ["{}", "a photo of a {}.", "a picture of {}", "this is a {}"]


class Trainer:
    def __init__(self, options: argparse.Namespace, rank: int = 0):
        self.options, self.rank = options, rank
        torch.manual_seed(options.seed)
        self.words = Vocabulary(material.list_stamps())
        self.tokenizer = Tokenizer.from_file(str(options.work / "bpe.json"))
        self.model = make_model(self.tokenizer.get_vocab_size())
        self.prototypes = nn.Parameter(torch.randn(len(self.words.concepts), 192))
        self.set_loss = SetLoss(self.words.relation)
        self.all_concepts = torch.arange(len(self.words.concepts))
        self.wide = torch.tensor(self.words.wide)
        self.optimizer = torch.optim.AdamW(self._groups(), lr=options.rate, betas=(0.9, 0.98), fused=True)
        self.step = 0
        self._resume()
        seed = options.seed + self.step + 100_000 * rank  # an interrupted run goes on with fresh draws
        self.phrases = Phrases(self.words, self.tokenizer, seed)
        self.vision = torch.compile(self.model.vision_model, dynamic=False) if options.compile else self.model.vision_model
        self.saved_at = time.time()

    def _groups(self) -> list[dict]:
        named = list(self.model.named_parameters())
        decayed = [p for n, p in named if p.ndim >= 2 and "embedding" not in n]
        plain = [p for n, p in named if p.ndim < 2 or "embedding" in n]
        return [{"params": decayed, "weight_decay": 0.05}, {"params": plain + [self.prototypes], "weight_decay": 0.0}]

    def _resume(self) -> None:
        file = self.options.work / "checkpoint.pt"
        if file.exists():
            state = torch.load(file, weights_only=True)
            self.model.load_state_dict(state["model"])
            self.prototypes.data.copy_(state["prototypes"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.step = state["step"]

    def save(self) -> None:
        state = {"model": self.model.state_dict(), "prototypes": self.prototypes.data,
                 "optimizer": self.optimizer.state_dict(), "step": self.step}
        save_state(state, self.options.work)
        self.saved_at = time.time()

    def scale(self) -> torch.Tensor:
        return self.model.logit_scale.exp()

    def see(self, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            tower = self.vision if self.model.training else self.model.vision_model
            pooled = tower(x).pooler_output
            return F.normalize(self.model.visual_projection(pooled).float(), dim=-1)

    def read(self, ids: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            pooled = self.model.text_model(ids).pooler_output
            return F.normalize(self.model.text_projection(pooled).float(), dim=-1)

    def prototype_loss(self, seen: torch.Tensor, leaves: torch.Tensor) -> torch.Tensor:
        logits = self.scale() * seen @ F.normalize(self.prototypes, dim=-1).T
        clothes = leaves < 10
        loss = F.cross_entropy(logits[clothes, :10], leaves[clothes])
        loss = loss + 0.5 * self.set_loss(logits, leaves, self.all_concepts)
        return loss + 0.5 * self.set_loss(logits[:, self.wide], leaves, self.wide, wide=True)

    def meaning_loss(self, read: torch.Tensor, concepts: torch.Tensor) -> torch.Tensor:
        """Every way of writing a concept belongs at its prototype."""
        return F.cross_entropy(20 * read @ F.normalize(self.prototypes, dim=-1).T, concepts)

    def text_step(self) -> torch.Tensor:
        rng = self.phrases.rng
        concepts = self.words.wide + list(range(10)) * 5 + [rng.randrange(len(self.words.concepts)) for _ in range(140)]
        length = 77 if self.step % 40 == 0 else 18
        read = self.read(self.phrases.pack(self.phrases.mixed(concepts), length))
        prototypes = F.normalize(self.prototypes.detach(), dim=-1)
        targets = torch.tensor(concepts)
        loss = F.cross_entropy(20 * read @ prototypes.T, targets)
        return loss + 2 * (1 - (read * prototypes[targets]).sum(1)).mean()

    def polish_step(self) -> torch.Tensor:
        """Text alone against the finished prototypes: many more ways of writing than the joint steps have time for."""
        rng = self.phrases.rng
        concepts = list(range(10)) * 8 + self.words.wide + [rng.randrange(len(self.words.concepts)) for _ in range(80)]
        texts = sum((self.phrases.fashion_set() for _ in range(4)), []) + self.phrases.mixed(concepts[40:])
        read = self.read(self.phrases.pack(texts, 77 if self.step % 40 == 0 else 18))
        return F.cross_entropy(20 * read @ F.normalize(self.prototypes.detach(), dim=-1).T, torch.tensor(concepts))

    def joint_step(self, x: torch.Tensor, leaves: torch.Tensor) -> torch.Tensor:
        rng, phrases, parts = self.phrases.rng, self.phrases, self.options.processes
        sets, guests = max(1, 2 // parts), 20 // parts
        wide = rng.sample(self.words.wide, max(13, 26 // parts))
        present = {self.words.leaves[leaf].concept for leaf in leaves[leaves >= 10].tolist()}
        narrow = sorted(present - set(self.words.wide) - set(range(10)))
        others = [c for c in rng.sample(range(10, len(self.words.concepts)), 16 // parts) if c not in present and c not in self.words.wide]
        texts = sum((phrases.fashion_set() for _ in range(sets)), [])
        texts += phrases.mixed(wide) + phrases.mixed(narrow + others) + phrases.strangers(guests)
        concepts = torch.tensor(list(range(10)) * sets + wide + narrow + others + [-1] * guests)
        length = 77 if self.step % 60 == 0 else 18
        read = self.read(phrases.pack(texts, length))
        seen = self.see(x)
        logits = self.scale() * seen @ read.T
        clothes = leaves < 10
        exact = [F.cross_entropy(logits[clothes, 10 * n:10 * n + 10], leaves[clothes]) for n in range(sets)]
        in_wide = concepts < 0
        in_wide[10 * sets:10 * sets + len(wide)] = True
        in_all = torch.ones(len(concepts), dtype=torch.bool)
        in_all[10:10 * sets] = False
        loss = 3 / sets * sum(exact)
        loss = loss + 0.5 * self.set_loss(logits[:, in_wide], leaves, concepts[in_wide], wide=True)
        loss = loss + 0.7 * self.set_loss(logits[:, in_all], leaves, concepts[in_all])
        known = concepts >= 0
        return loss + 0.5 * self.prototype_loss(seen, leaves) + 0.5 * self.meaning_loss(read[known], concepts[known])

    def rate(self) -> float:
        head, text, joint, polish = self.options.steps
        if self.step < head + text:
            start = self.step if self.step < head else self.step - head
            return self.options.rate * min(1.0, (start + 1) / 150)
        done = self.step - head - text
        if done >= joint:
            return 0.3 * self.options.rate * max(0.01, 0.5 + 0.5 * math.cos(math.pi * (done - joint) / polish))
        return self.options.rate * min(1.0, (done + 1) / 50) * max(0.01, 0.5 + 0.5 * math.cos(math.pi * min(1.0, done / joint)))

    def loss(self) -> torch.Tensor:
        head, text, joint, _ = self.options.steps
        if head <= self.step < head + text:
            return self.text_step()
        if self.step >= head + text + joint:
            return self.polish_step()
        late = self.step > head + text + 0.75 * joint
        x, leaves = self.pictures.batch(*(count // self.options.processes for count in (176, 56, 24)), plain=late)
        if self.step < head:
            return self.prototype_loss(self.see(x), leaves)
        return self.joint_step(x, leaves)

    def share_gradients(self, parameters: list[torch.Tensor]) -> bool:
        """Averages the processes' gradients; true when the first of them was asked to stop."""
        stop = torch.zeros(1)
        if self.rank == 0 and (self.options.work / "stop").exists():
            stop.fill_(1)
        if self.options.processes > 1:
            grads = [p.grad for p in parameters if p.grad is not None]
            flat = torch.cat([g.flatten() for g in grads] + [stop])
            dist.all_reduce(flat)
            for grad, part in zip(grads, flat[:-1].split([g.numel() for g in grads])):
                grad.copy_(part.view_as(grad) / self.options.processes)
            stop = flat[-1:]
        return stop.item() > 0

    def warm_up(self) -> None:
        """Compiles in one process while the others wait, so that they find it done."""
        for turn in range(self.options.processes if self.options.compile else 0):
            if turn == self.rank:
                self.see(self.pictures.batch(*(c // self.options.processes for c in (176, 56, 24)))[0]).sum().backward()
                self.optimizer.zero_grad(set_to_none=True)
            if self.options.processes > 1:
                dist.barrier()

    def train(self) -> None:
        seed = self.options.seed + self.step + 100_000 * self.rank
        self.pictures = Pictures(self.words, self.options.work, seed)
        self.model.train()
        self.warm_up()
        parameters = list(self.model.parameters()) + [self.prototypes]
        started, mean, stop = time.time(), 0.0, False
        while self.step < sum(self.options.steps) and not stop:
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate()
            loss = self.loss()
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            stop = self.share_gradients(parameters)
            nn.utils.clip_grad_norm_(parameters, 1.0)
            self.optimizer.step()
            with torch.no_grad():
                self.model.logit_scale.clamp_(max=math.log(100))
            mean = loss.item() if mean == 0 else 0.95 * mean + 0.05 * loss.item()
            self.step += 1
            if self.rank == 0:
                started = self.report(mean, started)
        if self.rank == 0:
            self.save()

    def report(self, mean: float, started: float) -> float:
        if self.step % 300 == 0:
            print("validation", self.validate(), flush=True)
        if time.time() - self.saved_at > 120:
            self.save()
        if self.step % 50 == 0:
            print(f"step {self.step} loss {mean:.3f} scale {self.scale().item():.1f} rate {self.rate():.2e} "
                  f"{(time.time() - started) / 50:.2f} s/step", flush=True)
            return time.time()
        return started

    @torch.no_grad()
    def validation_embeddings(self) -> tuple[torch.Tensor, torch.Tensor]:
        if not hasattr(self, "_validation"):
            pictures, labels = material.load_fashion("train")
            large = torch.from_numpy(material.enlarge(pictures[-VALIDATION:])).float()[:, None].expand(-1, 3, -1, -1) / 255
            mean, std = torch.tensor(MEAN), torch.tensor(STD)
            self._validation = ((large - mean.view(1, 3, 1, 1)) / std.view(1, 3, 1, 1), torch.from_numpy(labels[-VALIDATION:]))
        x, labels = self._validation
        return torch.cat([self.see(part) for part in x.split(500)]), labels

    def _names(self, template: str) -> torch.Tensor:
        texts = [template.format(self.words.concepts[c].names[0]) for c in range(10)]
        return self.read(self.phrases.pack(texts, 18))

    @torch.no_grad()
    def validate(self) -> str:
        self.model.eval()
        seen, labels = self.validation_embeddings()
        prototypes = F.normalize(self.prototypes[:10], dim=-1)
        result = {"prototypes": (seen @ prototypes.T).argmax(1).eq(labels).float().mean().item()}
        for template in CALIBRATION_TEMPLATES:
            result[template] = (seen @ self._names(template).T).argmax(1).eq(labels).float().mean().item()
        self.model.train()
        return ", ".join(f"{key!r} {100 * value:.1f}" for key, value in result.items())

    @torch.no_grad()
    def calibrate(self) -> None:
        """The scale under which the chances over the ten classes are neither too sure nor too shy."""
        self.model.eval()
        seen, labels = self.validation_embeddings()
        cosines = [seen @ self._names(t).T for t in CALIBRATION_TEMPLATES]
        best = min((sum(F.cross_entropy(s * c, labels).item() for c in cosines), s) for s in [4 * 1.05 ** k for k in range(67)])
        print(f"scale learnt {self.scale().item():.2f}, calibrated {best[1]:.2f}, mean cross-entropy {best[0] / len(cosines):.4f}")
        self.model.logit_scale.fill_(math.log(min(best[1], 100.0)))


def prepare(options: argparse.Namespace) -> None:
    """What the processes share must lie ready before they start."""
    options.work.mkdir(parents=True, exist_ok=True)
    words, file = Vocabulary(material.list_stamps()), options.work / "bpe.json"
    material.stamp_pool(words, options.work, False, 64, 1)
    material.drawn_pool(words, options.work, 120, 3)
    if not file.exists():
        train_tokenizer(tokenizer_corpus(words, options.seed), options.vocabulary).save(str(file))


def work(rank: int, options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    if options.processes > 1:
        dist.init_process_group("gloo", init_method="tcp://127.0.0.1:29517", rank=rank, world_size=options.processes)
    Trainer(options, rank).train()
    if options.processes > 1:
        dist.destroy_process_group()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("work"), help="pools of pictures and the checkpoint")
    parser.add_argument("--export", type=Path, help="only write the newest checkpoint as a model folder")
    parser.add_argument("--steps", type=int, nargs=4, default=[500, 600, 2600, 300], help="picture tower, text tower, both, text alone")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--vocabulary", type=int, default=2400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compile", action="store_true", help="torch.compile the picture tower: a third faster, needs g++")
    parser.add_argument("--processes", type=int, default=2, help="of one thread each: they suffer less from a busy machine than threads")
    options = parser.parse_args()
    if options.export:
        trainer = Trainer(options)
        print(trainer.validate())
        trainer.calibrate()
        save_checkpoint(trainer.model, trainer.tokenizer, options.export)
    else:
        prepare(options)
        torch.multiprocessing.spawn(work, (options,), options.processes)


if __name__ == "__main__":
    main()
