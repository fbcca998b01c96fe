"""How well the reader tells what a passage answers, on articles it has not learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.reader.spans import LONGEST
from evaluation.abstention import auroc
from training.reader_model import Reader
from training.reader_packs import QUESTIONS_AT_ONCE, Packer, Row
from training.reader_steps import Material
from training.reader_trainer import DEVICE
from training.reading_examples import ReadPassage


@dataclass(frozen=True, slots=True)
class ReaderFigures:
    """`near`: AUROC of a passage's own answered questions against near misses written for it; `neighbours`: against
    questions that other passages of its article answer; None where there are none. `overlap`: of the tokens pointed at
    and those of the answer, the mean F1; None where no spans are known."""

    near: float | None
    neighbours: float | None
    overlap: float | None
    questions: int

    def __str__(self) -> str:
        parts = {"near misses": self.near, "neighbours": self.neighbours, "overlap": self.overlap}
        told = (f"{name} {value:.3f}" for name, value in parts.items() if value is not None)
        return f"{', '.join(told)} ({self.questions} questions)"


def reader_figures(reader: Reader, material: Material, packer: Packer) -> ReaderFigures:
    """Of the reader as trained, not as it ships."""
    reader.eval()
    answered, near, neighbours = list[float](), list[float](), list[float]()
    overlaps = list[float]()
    for passage in material.passages:
        asked = [*passage.asked, *material.neighbours.get(passage.passage_id, ())]
        for start in range(0, len(asked), QUESTIONS_AT_ONCE):
            row = Row(passage, asked[start : start + QUESTIONS_AT_ONCE])
            packed, wanted = packer.pack([row])
            with torch.no_grad(), torch.autocast(DEVICE, dtype=torch.bfloat16):
                logits, starts, ends, _ = (each.float().cpu() for each in reader(packed.to(DEVICE)))
            for each, logit in zip(row.asked, logits.tolist(), strict=True):
                (answered if each.label else near if each.mine else neighbours).append(logit)
            known = (wanted.starts >= 0).nonzero()[:, 0].tolist()
            overlaps += [
                _overlap(_pair(starts[each], ends[each]), (int(wanted.starts[each]), int(wanted.ends[each])))
                for each in known
            ]
    return ReaderFigures(
        _auroc(answered, near),
        _auroc(answered, neighbours),
        float(np.mean(overlaps)) if overlaps else None,
        len(answered) + len(near) + len(neighbours),
    )


@dataclass(frozen=True, slots=True)
class TwinFigures:
    """`told`: of the twins, the share whose answered question has the higher logit; `auroc` over all of them."""

    told: float
    auroc: float
    twins: int

    def __str__(self) -> str:
        return f"told apart {self.told:.3f}, AUROC {self.auroc:.3f} ({self.twins} twins)"


def twin_figures(reader: Reader, passages: Sequence[ReadPassage], packer: Packer) -> TwinFigures:
    """Of passages asked in twins, as `twins` reads them."""
    reader.eval()
    logits = np.concatenate([_logits(reader, Row(passage, passage.asked), packer) for passage in passages])
    answered, others = logits[::2], logits[1::2]
    return TwinFigures(float(np.mean(answered > others)), auroc(answered, others), len(answered))


def _logits(reader: Reader, row: Row, packer: Packer) -> NDArray[np.float32]:
    packed, _ = packer.pack([row])
    with torch.no_grad(), torch.autocast(DEVICE, dtype=torch.bfloat16):
        logits: NDArray[np.float32] = reader(packed.to(DEVICE))[0].float().cpu().numpy()
    return logits


def _auroc(answered: Sequence[float], others: Sequence[float]) -> float | None:
    return auroc(np.array(answered), np.array(others)) if answered and others else None


def _pair(starts: torch.Tensor, ends: torch.Tensor) -> tuple[int, int]:
    first: NDArray[np.float32] = starts.numpy()
    last: NDArray[np.float32] = ends.numpy()
    apart = np.arange(len(last))[np.newaxis] - np.arange(len(first))[:, np.newaxis]
    scores = np.where((apart >= 0) & (apart < LONGEST), first[:, np.newaxis] + last[np.newaxis], -np.inf)
    start, end = divmod(int(scores.argmax()), len(first))
    return start, end


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> float:
    shared = max(0, min(one[1], other[1]) - max(one[0], other[0]) + 1)
    return 2 * shared / (one[1] - one[0] + other[1] - other[0] + 2)
