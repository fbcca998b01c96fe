"""What one step of the reader's training reads: passages, each with many questions, as rows of tokens."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import torch

from training.reader_model import Packed
from training.reading_examples import Asked, ReadPassage, Span
from training.wrong_words import wrong_words

PASSAGE_TOKENS, QUESTION_TOKENS = 256, 44
QUESTIONS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader should say of each question [n]; `starts` and `ends` are tokens of the row, -1 if not known;
    `twins` [pairs] are the answered questions whose twin, the next question, is not answered; `doubts` [n, tokens of
    the question]: 1 for a token that the passage does not bear out, 0 for one that it does, -1 if not known."""

    labels: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor
    twins: torch.Tensor
    doubts: torch.Tensor

    def to(self, device: str) -> "Wanted":
        """The same on another device."""
        return Wanted(*(getattr(self, each.name).to(device) for each in fields(self)))


@dataclass(frozen=True, slots=True)
class Row:
    """A passage and what is asked of it at once: first of all `twins` pairs, each an answered question and its twin."""

    passage: ReadPassage
    asked: Sequence[Asked]
    twins: int = 0


class Packer:
    """Tokens of rows; `tokenizer` is the encoder's, without truncation and padding."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def length(self, row: Row) -> int:
        """About how many tokens a row has: texts are not tokenised for it."""
        texts = [row.passage.before + row.passage.text, *(asked.question for asked in row.asked)]
        return sum(len(text) // 4 + 4 for text in texts)

    def pack(self, rows: Sequence[Row]) -> tuple[Packed, Wanted]:
        """The tensors of a step. A span that lies beyond the last token read is not known."""
        passages, labels, starts, ends, doubts = [], list[float](), [], [], list[list[float]]()
        questions, twins = list[list[list[int]]](), list[int]()
        for row in rows:
            before = len(row.passage.before)
            read = self._tokenizer.encode(row.passage.before + row.passage.text)
            passages.append(_cut(read.ids, PASSAGE_TOKENS))
            offsets = read.offsets[: len(passages[-1]) - 1]
            twins += range(len(labels), len(labels) + 2 * row.twins, 2)
            questions.append([])
            answered = {each.question for each in (*row.asked, *row.passage.asked) if each.label}
            for asked, tokens in zip(row.asked, self._encoded(row), strict=True):
                start, end = _tokens_of(asked.span, offsets, before)
                questions[-1].append(_cut(tokens.ids, QUESTION_TOKENS))
                labels.append(float(asked.label))
                starts.append(start)
                ends.append(end)
                doubts.append(_doubts(asked, wrong_words(asked, answered), tokens.offsets[:QUESTION_TOKENS]))
        most = max(map(len, questions))
        filled = [each for own in questions for each in [*own, *[[]] * (most - len(own))]]
        by_row = (each.reshape(len(rows), most, -1) for each in _padded(filled))
        packed = Packed(*_padded(passages), *by_row)
        wanted = torch.tensor(labels), torch.tensor(starts), torch.tensor(ends)
        longest = packed.questions.shape[2]
        known = torch.tensor([each + [-1.0] * (longest - len(each)) for each in doubts])
        return packed, Wanted(*wanted, torch.tensor(twins, dtype=torch.long), known)

    def _encoded(self, row: Row) -> list[Any]:
        found: list[Any] = self._tokenizer.encode_batch([asked.question for asked in row.asked])
        return found


def _doubts(asked: Asked, wrong: Sequence[Span], offsets: Sequence[Span]) -> list[float]:
    if not asked.label and not wrong:
        return [-1.0] * len(offsets)
    return [
        float(any(start < last and first < end for start, end in wrong)) if last > first else -1.0
        for first, last in offsets
    ]


def _padded(texts: Sequence[list[int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask [texts, tokens]."""
    ids = torch.zeros(len(texts), max(map(len, texts)), dtype=torch.long)
    for place, own in enumerate(texts):
        ids[place, : len(own)] = torch.tensor(own)
    mask = torch.arange(ids.shape[1]) < torch.tensor([[len(own)] for own in texts])
    return ids, mask


def _cut(ids: list[int], most: int) -> list[int]:
    """The first ids and the last, which ends a text."""
    return ids if len(ids) <= most else [*ids[: most - 1], ids[-1]]


def _tokens_of(span: Span | None, offsets: Sequence[Span], before: int) -> Span:
    if span is None:
        return -1, -1
    start, end = span[0] + before, span[1] + before
    inside = [place for place, (first, last) in enumerate(offsets) if first < end and last > start]
    whole = bool(inside) and offsets[inside[-1]][1] >= end - 1
    return (inside[0], inside[-1]) if whole else (-1, -1)


def batch(rows: Sequence[Row], packer: Packer, tokens: int, chance: random.Random) -> list[Row]:
    """So many of the rows, in random order, that together they have about `tokens` tokens."""
    chosen: list[Row] = []
    longest = 0
    for row in chance.sample(list(rows), len(rows)):
        longest = max(longest, packer.length(row))
        if chosen and longest * (len(chosen) + 1) > tokens:
            break
        chosen.append(row)
    return chosen
