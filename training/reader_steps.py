"""From the material to the rows of each step: which passages, and which questions are put to them."""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from training.cloze import cloze_questions
from training.reader_packs import Row
from training.reading_examples import Asked, ReadPassage, by_article, questions_of
from training.section_questions import WORDINGS

NEIGHBOURS, OWN = 4, 10
_HARDEST = 4
_CLOZES = 6
_BESIDE = 4
UNTITLED = 0.3
"""Of so many passages title and heading are left away, so that the reader can do without them."""

Encode = Callable[[list[str]], NDArray[np.float32]]


class Draw(Protocol):
    """Something that rows are drawn from."""

    def row(self, chance: random.Random) -> Row:
        """One passage and what is asked of it."""


@dataclass(frozen=True, slots=True)
class Material:
    """Passages with their own questions, and by passage the questions of its neighbours that look most like it."""

    passages: Sequence[ReadPassage]
    neighbours: Mapping[str, Sequence[Asked]]

    @property
    def size(self) -> int:
        """How many questions were written for these passages."""
        return sum(asked.mine for passage in self.passages for asked in passage.asked)

    def row(self, chance: random.Random) -> Row:
        """A passage with its own questions and some that it does not answer."""
        passage = chance.choice(self.passages)
        own = chance.sample(passage.asked, min(OWN, len(passage.asked)))
        others = self.neighbours.get(passage.passage_id, ())
        some = chance.sample(list(others), min(NEIGHBOURS, len(others)))
        return Row(untitled(passage, chance), [*own, *some])


def untitled(passage: ReadPassage, chance: random.Random) -> ReadPassage:
    """The passage, or, now and then, the same without title and heading."""
    return replace(passage, before="") if chance.random() < UNTITLED else passage


def material_of(passages: Sequence[ReadPassage], encode: Encode) -> Material:
    """Hard negatives by the encoder: each question is put to the passages of its article that look most like an answer.

    Passages that have no question at all are left out.
    """
    articles = by_article(passages)
    neighbours: dict[str, list[Asked]] = defaultdict(list)
    for article, asked in questions_of(passages).items():
        own = articles[article]
        answering = {
            (each.question, passage.passage_id)
            for passage in own
            for each in passage.asked
            if each.label == 1
        }
        for (each, home), hardest in zip(asked, _hardest(asked, own, encode), strict=True):
            for passage in hardest:
                if passage is not home and (each.question, passage.passage_id) not in answering:
                    neighbours[passage.passage_id].append(Asked(each.question, 0, None, False))
    kept = [passage for passage in passages if passage.asked or neighbours.get(passage.passage_id)]
    return Material(kept, neighbours)


def _hardest(
    asked: Sequence[tuple[Asked, ReadPassage]], own: Sequence[ReadPassage], encode: Encode
) -> list[list[ReadPassage]]:
    """For each question the passages of its article that look most like an answer, its own perhaps among them."""
    if len(own) <= _HARDEST + 1:
        return [list(own) for _ in asked]
    vectors = encode([passage.before + passage.text for passage in own])
    cosines = encode([each.question for each, _ in asked]) @ vectors.T
    order = np.argsort(-cosines, axis=1, kind="stable")[:, : _HARDEST + 1]
    return [[own[place] for place in row] for row in order]


class Clozes:
    """Passages asked for what stands in their own sentences."""

    def __init__(self, passages: Sequence[ReadPassage], lay: dict[str, list[str]]) -> None:
        self._passages = passages
        self._lay = lay
        self._by_article = by_article(passages)

    def row(self, chance: random.Random) -> Row:
        """A passage with questions made of it, and one or two made of a neighbour."""
        while True:
            passage = chance.choice(self._passages)
            others = [other for other in self._by_article[passage.article] if other is not passage]
            others = chance.sample(others, min(3, len(others))) or chance.sample(list(self._passages), 2)
            texts = [other.text for other in others]
            asked = cloze_questions(passage.text, texts, self._lay, _CLOZES, chance)
            strange = cloze_questions(others[0].text, [], self._lay, 2, chance)
            if asked:
                return Row(passage, [*asked, *(Asked(each.question, 0, None, False) for each in strange)])


class Twins:
    """Passages asked in twins: beside each question that is answered one that differs in a single thing and is not."""

    def __init__(self, passages: Sequence[ReadPassage], beside: Sequence[ReadPassage]) -> None:
        """`passages` have their twins, those `beside` other questions about the same passages."""
        self._passages = passages
        self._beside = {passage.passage_id: passage.asked for passage in beside}

    def row(self, chance: random.Random) -> Row:
        """A passage with all of its twins and some of its other questions."""
        passage = chance.choice(self._passages)
        others = self._beside.get(passage.passage_id, ())
        some = chance.sample(list(others), min(_BESIDE, len(others)))
        return Row(passage, [*passage.asked, *some], len(passage.asked) // 2)


class Sections:
    """Passages of pages by section, asked what a section's heading asks, in other words."""

    def __init__(self, passages: Sequence[ReadPassage], kinds: Mapping[str, str]) -> None:
        """`kinds`: by passage id, what kind of question its section answers."""
        self._passages = [passage for passage in passages if kinds[passage.passage_id] in WORDINGS]
        self._kinds = kinds

    def row(self, chance: random.Random) -> Row:
        """A passage with questions its section answers and some of other kinds."""
        passage = chance.choice(self._passages)
        kind = self._kinds[passage.passage_id]
        right = [Asked(self._worded(kind, passage, chance), 1) for _ in range(3)]
        others = chance.sample([other for other in WORDINGS if other not in (kind, "information")], 5)
        return Row(passage, [*right, *(Asked(self._worded(other, passage, chance), 0) for other in others)])

    @staticmethod
    def _worded(kind: str, passage: ReadPassage, chance: random.Random) -> str:
        name = passage.before.rstrip(". ")
        return chance.choice(WORDINGS[kind]).replace("{}", name if chance.random() < 0.6 else "it")
