"""Questions of FAQs as their editors put them, as people ask the same, and as people ask something else.

All written for this project: training/faq/*.jsonl, a line an entry: `{"topic", "faq", "asked": [two], "other": [two]}`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from assistant.settings import ROOT
from evaluation.abstention import auroc
from evaluation.reading import read_rows
from evaluation.splits import kept_apart
from training.encoder_rows import TextRow
from training.reader_steps import Encode

FAQ = ROOT / "training" / "faq"
SHARE_APART = 0.15
"""Of the pages, so many teach nothing."""


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One question of a page: `asked` ask the same in other words, `other` something else in much the same words."""

    page: str
    faq: str
    asked: tuple[str, ...]
    other: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FaqFigures:
    """`first`: the share of people's questions whose own entry is the nearest of all; `near`: AUROC of the cosine with
    it, of those that ask the same against those that do not."""

    first: float
    near: float
    entries: int

    def __str__(self) -> str:
        return f"success@1 {self.first:.3f}, AUROC {self.near:.3f} ({self.entries} entries)"


def read_faq(folder: Path = FAQ) -> tuple[list[FaqEntry], list[FaqEntry]]:
    """The entries that are learnt from, and those of whole pages that are kept apart. Raises `EvaluationError`."""
    entries = [
        FaqEntry(row.text("topic"), row.text("faq"), tuple(row.fields["asked"]), tuple(row.fields["other"]))
        for path in sorted(folder.glob("*.jsonl"))
        for row in read_rows(path, "faq")
    ]
    pages = {entry.page for entry in entries}
    apart = kept_apart(pages, round(SHARE_APART * len(pages)))
    return [each for each in entries if each.page not in apart], [
        each for each in entries if each.page in apart
    ]


def faq_rows(entries: Iterable[FaqEntry]) -> list[TextRow]:
    """Every two questions that ask the same, against each that asks something else."""
    return [
        TextRow(entry.page, one, same, another)
        for entry in entries
        for one, same in _pairs((entry.faq, *entry.asked))
        for another in entry.other
    ]


def faq_figures(encode: Encode, entries: Sequence[FaqEntry]) -> FaqFigures:
    """`encode` gives unit rows."""
    editors = encode([entry.faq for entry in entries])
    own = np.repeat(np.arange(len(entries)), [len(entry.asked) for entry in entries])
    asked = encode([text for entry in entries for text in entry.asked]) @ editors.T
    others = np.concatenate(
        [encode(list(entry.other)) @ vector for entry, vector in zip(entries, editors, strict=True)]
    )
    first = float(np.mean(asked.argmax(1) == own))
    near = auroc(asked[np.arange(len(own)), own].astype(float), others.astype(float))
    return FaqFigures(first, near, len(entries))


def _pairs(questions: Sequence[str]) -> list[tuple[str, str]]:
    return [(one, same) for one, same in product(questions, questions[1:]) if one != same]
