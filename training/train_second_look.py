"""Trains the safety layer's second look: `python -m training.train_second_look OUT_FOLDER [FOLDER ...]`.

The first layers of the verified base encoder, mean pooling and one linear layer give a score for each outcome
(crisis, poisoning, emergency, personal decision); binary cross-entropy on each. Word vectors stay as they are. One
row in six is held out to choose thresholds on, see `training.second_look_thresholds`; with `--all` those rows are
learnt too, and the thresholds stay. Each FOLDER holds `.jsonl` files of everyday questions, of which the tune
half is learnt as calling for nothing.

The run is seeded and goes on from its last checkpoint in OUT_FOLDER.
"""

import random
import time
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from transformers import AutoModel

from assistant.encoder import bundled_folder, verify_bundled
from assistant.safety.rulebook import rulebook
from assistant.safety.scoring import OUTCOMES, STRETCH, Scorer, stretches, tokenizer
from assistant.safety.triage import URGENT
from training.checkpoints import resume, save
from training.safety_rows import Asked, safety_rows
from training.second_look_graph import write_graph

SEED = 7
LAYERS = 3
BATCH, SORTED = 32, 20
RATE, HEAD_RATE, WARM_UP, DROPOUT = 1e-4, 2e-3, 60, 0.1
POSITIVE_WEIGHT = 3.0
OTHER_URGENT = 0.3
"""How much it counts that a question of one urgent outcome does not call for another: it sometimes does."""
EXAMPLE_REPEATS = 4
SAVE_EVERY = 100

Tensor = torch.Tensor


class SecondLookModel(torch.nn.Module):
    """Token ids and mask, each [n, tokens], to logits [n, outcomes]."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.transformer = AutoModel.from_pretrained(
            folder, local_files_only=True, attn_implementation="eager", add_pooling_layer=False
        )
        self.transformer.encoder.layer = self.transformer.encoder.layer[:LAYERS]
        self.transformer.embeddings.requires_grad_(False)
        self.head = torch.nn.Linear(self.transformer.config.hidden_size, len(OUTCOMES))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits; a sigmoid makes scores of them."""
        states = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        shown = attention_mask.unsqueeze(-1).float()
        pooled = (states.float() * shown).sum(1) / shown.sum(1)
        logits: Tensor = self.head(F.dropout(pooled, DROPOUT, self.training))
        return logits


class Trainer:
    """The model, its optimiser, and one step of training."""

    def __init__(self, rows: Sequence[Asked], epochs: int) -> None:
        folder = bundled_folder()
        verify_bundled(folder)
        torch.manual_seed(SEED)
        self.model = SecondLookModel(folder)
        self.tokens, self.rows = _learnt(rows)
        self.per_epoch = -(-len(self.rows) // BATCH)
        self.steps = epochs * self.per_epoch
        body = [weight for weight in self.model.transformer.parameters() if weight.requires_grad]
        head = list(self.model.head.parameters())
        self.weights = body + head
        self.optimiser = torch.optim.AdamW(
            [{"params": body, "peak": RATE}, {"params": head, "peak": HEAD_RATE}], weight_decay=0.01
        )

    def step(self, number: int) -> float:
        """One step; everything random in it follows from its number."""
        self.model.train()
        torch.manual_seed(SEED * 1_000_000 + number)
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * min(1, (number + 1) / WARM_UP) * (1 - number / self.steps)
        chosen = self._batch(number)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = self.model(*padded([self.tokens[row] for row in chosen]))
        wanted, counts = _targets([self.rows[row] for row in chosen])
        loss = F.binary_cross_entropy_with_logits(
            logits.float(), wanted, counts, pos_weight=torch.tensor(POSITIVE_WEIGHT)
        )
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        self.optimiser.step()
        return float(loss)

    def _batch(self, number: int) -> list[int]:
        """Questions of like length, in an order that differs from epoch to epoch."""
        epoch, place = divmod(number, self.per_epoch)
        chance = random.Random(f"{SEED} epoch {epoch}")
        order = list(range(len(self.rows)))
        chance.shuffle(order)
        near = [
            sorted(order[start : start + BATCH * SORTED], key=lambda row: len(self.tokens[row]))
            for start in range(0, len(order), BATCH * SORTED)
        ]
        batches = [part[start : start + BATCH] for part in near for start in range(0, len(part), BATCH)]
        chance.shuffle(batches)
        return batches[place]


def _learnt(rows: Sequence[Asked]) -> tuple[list[list[int]], list[Asked]]:
    """Each question's first stretch; where it calls for no card, no stretch of it does, and all are learnt.

    What a rule itself gives as an example is learnt more than once: it must come out as written there.
    """
    read = tokenizer()
    tokens, owners = [], []
    for row in rows:
        parts = list(stretches(read, rulebook().plain(row.text)))
        parts = parts if row.outcome not in URGENT else parts[:1]
        for part in parts * (EXAMPLE_REPEATS if row.is_example else 1):
            tokens.append(part)
            owners.append(row)
    return tokens, owners


def padded(tokens: Sequence[list[int]]) -> tuple[Tensor, Tensor]:
    """Ids and mask of shape [n, longest]."""
    ids = torch.zeros(len(tokens), max(map(len, tokens)), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, own in enumerate(tokens):
        ids[row, : len(own)] = torch.tensor(own)
        mask[row, : len(own)] = 1
    return ids, mask


def _targets(rows: Sequence[Asked]) -> tuple[Tensor, Tensor]:
    """What is wanted of each outcome, and how much it counts."""
    wanted = torch.tensor([[float(row.outcome == name) for name in OUTCOMES] for row in rows])
    counts = [
        [OTHER_URGENT if row.outcome in URGENT and name != row.outcome else 1.0 for name in OUTCOMES]
        for row in rows
    ]
    return wanted, torch.tensor(counts)


@click.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--epochs", default=3, show_default=True)
@click.option("--threads", default=2, show_default=True)
@click.option("--all", "everything", is_flag=True, help="Learn from the held-out rows too.")
def main(out: Path, folders: tuple[Path, ...], epochs: int, threads: int, everything: bool) -> None:
    """Train, write OUT/model.onnx and, unless --all, OUT/held_out.npz with the scores of the held-out rows."""
    torch.set_num_threads(threads)
    out.mkdir(parents=True, exist_ok=True)
    rows = safety_rows(folders)
    trainer = Trainer([row for row in rows if everything or not row.is_held_out], epochs)
    click.echo(f"{len(rows)} questions, {len(trainer.rows)} stretches, {trainer.steps} steps")
    begun = time.monotonic()
    for number in range(resume(trainer, out / "checkpoint.pt"), trainer.steps):
        loss = trainer.step(number)
        if number % SAVE_EVERY == SAVE_EVERY - 1:
            save(trainer, number + 1, out / "checkpoint.pt")
            click.echo(f"step {number + 1}, loss {loss:.3f}, {time.monotonic() - begun:.0f} s")
    export(trainer.model.eval(), out / "model.onnx")
    if not everything:
        write_scores(out, [row for row in rows if row.is_held_out])


def export(model: SecondLookModel, path: Path) -> None:
    """Writes the model as ONNX as it ships."""
    quantised = path.with_suffix(".quantised.onnx")
    write_quantised(model, quantised)
    write_graph(quantised, path, model.transformer.config.num_attention_heads, STRETCH)
    quantised.unlink()


def write_quantised(model: SecondLookModel, path: Path) -> None:
    """Writes the model with weights as whole numbers of 7 bits: with 8, older processors would overflow."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    names = ["input_ids", "attention_mask"]
    sample = padded([[101, 2003, 2023, 102], [101, 102]])
    whole = path.with_suffix(".float.onnx")
    torch.onnx.export(
        model,
        sample,
        str(whole),
        input_names=names,
        output_names=["logits"],
        dynamic_axes={name: {0: "n", 1: "tokens"} for name in names},
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(whole, path, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    whole.unlink()


def write_scores(out: Path, rows: Sequence[Asked]) -> None:
    """Scores [n, outcomes] of the exported model and of what each row is: what thresholds are chosen on."""
    scorer = Scorer(out / "model.onnx")
    scores: NDArray[np.float32] = np.array(
        [scorer.scores(rulebook().plain(row.text)) for row in rows], np.float32
    )
    np.savez(
        out / "held_out.npz",
        scores=scores,
        texts=np.array([row.text for row in rows]),
        outcomes=np.array([row.outcome for row in rows]),
        everyday=np.array([row.everyday for row in rows]),
    )


if __name__ == "__main__":
    main()
