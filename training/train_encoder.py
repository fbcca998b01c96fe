"""Trains the encoder's adapter: `python -m training.train_encoder HANDWRITTEN_FOLDER OUT_FOLDER`.

From the verified base weights, low-rank adapters (Hu et al. 2021, rank 16) on every linear layer; the
embeddings stay frozen. Four losses a step:
  - question to passage: cross-entropy over the batch's passages and one hard negative each (multiple
    negatives ranking, Henderson et al. 2017), the passage at times only the sentence that answers;
  - question to question: the same over questions answered by the same words, near misses of the same
    passage as hard negatives, for that is how curated questions are matched;
  - answerable against near miss, by a soft margin on the cosine with the passage;
The run is seeded and goes on from its last checkpoint in OUT_FOLDER.
"""

import random
import re
import time
from pathlib import Path

import click
import numpy as np
import torch
import torch.nn.functional as F
from peft import LoraConfig, TaskType
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer

from assistant.encoder import bundled_folder
from training.checkpoints import resume, save
from training.examples import Material, Question, read_material

SEED = 7
BATCH, NEAR = 12, 4
RANK, ALPHA, DROPOUT = 16, 32, 0.05
RATE, WARM_UP, LEAST_RATE = 6e-4, 40, 0.05
TEMPERATURE = 20
SENTENCE_SHARE = 0.35
PASSAGE_TOKENS, QUESTION_TOKENS = 128, 64
SAVE_EVERY = 40
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")

Tensor = torch.Tensor


class Trainer:
    """The model, its optimiser, and one step of training."""

    def __init__(self, material: Material, epochs: int) -> None:
        self.material = material
        self.model = SentenceTransformer(str(bundled_folder()), device="cpu", local_files_only=True)
        self.hard = _hard_negatives(self.model, material)
        self.model.add_adapter(
            LoraConfig(
                task_type=TaskType.FEATURE_EXTRACTION,
                r=RANK,
                lora_alpha=ALPHA,
                lora_dropout=DROPOUT,
                target_modules=["query", "key", "value", "dense"],
            )
        )
        self.weights = [weight for weight in self.model.parameters() if weight.requires_grad]
        self.per_epoch = len(material.answerable) // BATCH
        self.steps = epochs * self.per_epoch
        self.optimiser = torch.optim.AdamW(self.weights, lr=RATE, weight_decay=0.01)

    def step(self, number: int) -> float:
        """One step; everything random in it follows from its number."""
        self.model.train()
        chance = random.Random(f"{SEED} {number}")
        torch.manual_seed(SEED * 1_000_000 + number)
        for group in self.optimiser.param_groups:
            group["lr"] = RATE * min(1, (number + 1) / WARM_UP) * max(LEAST_RATE, 1 - number / self.steps)
        loss = self._loss(self._batch(number), chance)
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        self.optimiser.step()
        return float(loss)

    def _batch(self, number: int) -> list[Question]:
        order = list(self.material.answerable)
        random.Random(f"{SEED} epoch {number // self.per_epoch}").shuffle(order)
        first = number % self.per_epoch * BATCH
        return order[first : first + BATCH]

    def _loss(self, batch: list[Question], chance: random.Random) -> Tensor:
        passages = self.material.passages
        near = chance.sample(self.material.near_misses, NEAR)
        right = [_right_text(question, passages, chance) for question in batch]
        hard = [chance.choice(self.hard[question]) for question in batch if self.hard[question]]
        alike = [
            (question, chance.choice(same))
            for question in batch
            if (same := self.material.paraphrases[question])
        ]
        missed = [
            chance.choice(misses)
            for question, _ in alike
            if (misses := self.material.near_to.get(question.gold[0]))
        ]
        asked = self._encode(
            [q.text for q in (*batch, *near, *(o for _, o in alike), *missed)], QUESTION_TOKENS
        )
        read = self._encode(
            [*right, *(passages[i] for i in hard), *(passages[q.near] for q in near)], PASSAGE_TOKENS
        )
        questions, near_asked = asked[:BATCH], asked[BATCH : BATCH + NEAR]
        cosines = questions @ read[: BATCH + len(hard)].T
        loss = _ranking_loss(cosines, _also_right(batch, hard))
        right_cosine = cosines.diagonal()
        near_cosine = (near_asked * read[BATCH + len(hard) :]).sum(1)
        loss = loss + F.softplus(10 * (near_cosine[None] - right_cosine[:, None] + 0.15)).mean() / 5
        if alike:
            own = questions[[batch.index(question) for question, _ in alike]]
            likeness = own @ asked[BATCH + NEAR :].T
            others = [other for _, other in alike]
            mask = torch.tensor(
                [
                    [i != j and bool(set(one.gold) & set(other.gold)) for j, other in enumerate(others)]
                    + [False] * len(missed)
                    for i, (one, _) in enumerate(alike)
                ]
            )
            loss = loss + 0.5 * _ranking_loss(likeness, mask)
        return loss

    def _encode(self, texts: list[str], most: int) -> Tensor:
        """Unit rows; in two halves by length, so that short texts are not padded to the longest."""
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        halves = [half for half in (order[: len(order) // 2], order[len(order) // 2 :]) if half]
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rows = [self._forward([texts[number] for number in half], most) for half in halves]
        back = torch.argsort(torch.tensor([number for half in halves for number in half]))
        return F.normalize(torch.cat(rows).float()[back], dim=1)

    def _forward(self, texts: list[str], most: int) -> Tensor:
        tokens = self.model.tokenizer(
            texts, padding=True, truncation=True, max_length=most, return_tensors="pt"
        )
        rows: Tensor = self.model(dict(tokens))["sentence_embedding"]
        return rows

    def adapter(self) -> dict[str, Tensor]:
        """The trained weights by the name of the layer they belong to."""
        state = self.model.state_dict()
        return {
            re.sub(r"^0\.(auto_)?model\.", "", name).replace(
                ".default.weight", ".weight"
            ): weight.contiguous()
            for name, weight in state.items()
            if ".lora_" in name and "pooler" not in name
        }


def evaluate(model: SentenceTransformer, material: Material) -> str:
    """success@1, success@3 and AUROC (near misses against answerable) by passage cosine alone."""
    ids = list(material.passages)
    passages = model.encode(list(material.passages.values()), normalize_embeddings=True, batch_size=32)
    ranks, best, missed = [], [], []
    for question in (*material.answerable, *material.near_misses):
        rows = [ids.index(own) for own in material.pages[question.page]]
        [vector] = model.encode([question.text], normalize_embeddings=True)
        cosines = passages[rows] @ vector
        if not question.gold:
            missed.append(cosines.max())
            continue
        best.append(cosines.max())
        order = np.argsort(-cosines, kind="stable")
        ranks.append(min(list(order).index(rows.index(ids.index(gold))) for gold in question.gold))
    auroc = np.mean(np.array(best)[:, None] > np.array(missed)[None])
    first, third = np.mean(np.array(ranks) < 1), np.mean(np.array(ranks) < 3)
    sizes = f"{len(best)} answerable, {len(missed)} near misses"
    return f"success@1 {first:.3f}, success@3 {third:.3f}, AUROC {auroc:.3f} ({sizes})"


def _hard_negatives(model: SentenceTransformer, material: Material) -> dict[Question, list[str]]:
    """The four passages of the same page nearest to each question that do not answer it."""
    rows = model.encode(list(material.passages.values()), normalize_embeddings=True, batch_size=32)
    vectors = dict(zip(material.passages, rows, strict=True))
    asked = model.encode([q.text for q in material.answerable], normalize_embeddings=True, batch_size=64)
    negatives: dict[Question, list[str]] = {}
    for question, vector in zip(material.answerable, asked, strict=True):
        others = [own for own in material.pages[question.page] if own not in question.gold]
        negatives[question] = sorted(others, key=lambda own: -float(vectors[own] @ vector))[:4]
    return negatives


def _right_text(question: Question, passages: dict[str, str], chance: random.Random) -> str:
    text = passages[chance.choice(question.gold)]
    if chance.random() < SENTENCE_SHARE:
        return next((part for part in _SENTENCE_END.split(text) if question.span in part), text)
    return text


def _also_right(batch: list[Question], hard: list[str]) -> Tensor:
    """Which other passages of the batch answer a question too, and so are no negatives for it."""
    rows = [
        [i != j and bool(set(one.gold) & set(other.gold)) for j, other in enumerate(batch)]
        + [passage in one.gold for passage in hard]
        for i, one in enumerate(batch)
    ]
    return torch.tensor(rows)


def _ranking_loss(cosines: Tensor, also_right: Tensor) -> Tensor:
    logits = (TEMPERATURE * cosines).masked_fill(also_right, -1e4)
    return F.cross_entropy(logits, torch.arange(len(cosines)))


@click.command()
@click.argument("handwritten", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--epochs", default=2, show_default=True)
@click.option("--threads", default=2, show_default=True)
def main(handwritten: Path, out: Path, epochs: int, threads: int) -> None:
    """Train on the questions in HANDWRITTEN and write OUT/adapter.safetensors."""
    torch.set_num_threads(threads)
    out.mkdir(parents=True, exist_ok=True)
    training, development = read_material(handwritten)
    trainer = Trainer(training, epochs)
    first = resume(trainer, out / "checkpoint.pt")
    begun = time.monotonic()
    for number in range(first, trainer.steps):
        loss = trainer.step(number)
        if number % 10 == 9:
            click.echo(
                f"step {number + 1} of {trainer.steps}, loss {loss:.3f}, {time.monotonic() - begun:.0f} s"
            )
        if number % SAVE_EVERY == SAVE_EVERY - 1:
            save(trainer, number + 1, out / "checkpoint.pt")
    save_file(
        {name: weight.half() for name, weight in trainer.adapter().items()}, out / "adapter.safetensors"
    )
    trainer.model.eval()
    click.echo(evaluate(trainer.model, development))


if __name__ == "__main__":
    main()
