"""A material whose questions are put the more often the more was lost on them when they were last put.

Of the further articles, a third of the near misses held six sevenths of what was lost on them, and questions of
neighbouring passages next to nothing: what is known already costs a step as much as what is not (Jiang et al. 2019,
selective backpropagation).
"""

import random
from collections.abc import Sequence
from itertools import accumulate, islice

from training.reader_packs import Row
from training.reader_steps import Material, untitled
from training.reading_examples import Asked

UNKNOWN = 0.7
"""What is taken to be lost on a question not yet put, in nats: that of one that is guessed."""
_SURE, _SELDOM = 0.35, 0.12
"""A question on which this much or more is lost is always put; one on which nothing is lost, with this chance."""
_MOST, _NEIGHBOURS = 14, 1
_EVEN, _HARDEST = 0.5, 1.0
"""A passage is drawn in proportion to what is lost on its questions, each of at most the second, and the first more."""
_WEIGHED_EVERY = 50


class Practice:
    """Draws from a material, and is told what was lost."""

    def __init__(self, material: Material, lost: dict[str, float]) -> None:
        """`lost`, by passage and question in nats, is read and kept up to date."""
        self._material, self._lost = material, lost
        self._passages = [passage for passage in material.passages if passage.asked]
        self._names = {passage.passage_id for passage in self._passages}
        self._weights: list[float] = []
        self._noted = 0

    def row(self, chance: random.Random) -> Row:
        """A passage with those of its own questions that are hard, some that are not, and one of a neighbour."""
        if not self._weights:
            self._weights = self._weighed()
        [passage] = chance.choices(self._passages, cum_weights=self._weights)
        own = [
            asked
            for asked in passage.asked
            if chance.random() < max(_SELDOM, self._of(passage.passage_id, asked) / _SURE)
        ]
        own = chance.sample(own, min(_MOST, len(own))) or [chance.choice(passage.asked)]
        others = list(self._material.neighbours.get(passage.passage_id, ()))
        return Row(untitled(passage, chance), [*own, *chance.sample(others, min(_NEIGHBOURS, len(others)))])

    def note(self, rows: Sequence[Row], lost: Sequence[float]) -> None:
        """`lost`: what was lost on each question of the rows, in nats; rows of other materials are passed over."""
        told = iter(lost)
        for row in rows:
            passage_id = row.passage.passage_id
            for asked, loss in zip(row.asked, islice(told, len(row.asked)), strict=True):
                if asked.mine and passage_id in self._names:
                    # Something is dropped at each reading: the last alone says little.
                    before = self._lost.get(_key(passage_id, asked), loss)
                    self._lost[_key(passage_id, asked)] = (before + loss) / 2
        self._noted += 1
        if self._noted % _WEIGHED_EVERY == 0:
            self._weights = []

    def _weighed(self) -> list[float]:
        return list(
            accumulate(
                _EVEN + sum(min(_HARDEST, self._of(passage.passage_id, asked)) for asked in passage.asked)
                for passage in self._passages
            )
        )

    def _of(self, passage_id: str, asked: Asked) -> float:
        return self._lost.get(_key(passage_id, asked), UNKNOWN)


def _key(passage_id: str, asked: Asked) -> str:
    return f"{passage_id} {asked.question}"
