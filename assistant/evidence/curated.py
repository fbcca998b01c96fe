"""Curated questions: a question is far more like another question than like prose."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.encoder import Vectors
from assistant.evidence.leaning import closeness
from assistant.index import PassageIndex

Scores = NDArray[np.float32]
Places = NDArray[np.intp]

_CANDIDATES = 200
_NEAREST = 3
_SHARPNESS = 10


class Likeness(NamedTuple):
    """To a set of questions: to the `nearest` of them, and how densely they lie around (`density`)."""

    nearest: float
    density: float


class CuratedQuestions:
    """The curated questions of one index."""

    def __init__(self, index: PassageIndex) -> None:
        self._vectors = index.question_vectors
        self._row = np.array([-1 if record.row is None else record.row for record in index.questions], int)
        self._doc = np.array([record.doc_id for record in index.questions], str)
        self._all = self._told_apart(np.ones(len(self._doc), bool))
        self._pulls = index.question_pulls
        self._named, self._number = np.unique(self._doc, return_inverse=True)
        self._learnt = np.isin(self._named, self._doc[self._pulls != 0])
        order = np.argsort(self._row, kind="stable")
        rows, starts = np.unique(self._row[order], return_index=True)
        groups = np.split(order, starts[1:])
        self._own = {int(row): own for row, own in zip(rows, groups, strict=False) if row >= 0}

    def cosines(self, vector: Vectors) -> Scores:
        """The question's cosine with every curated question, which the other methods read."""
        return self._vectors @ vector

    def likeness(self, cosines: Scores, rows: Iterable[int]) -> dict[int, float]:
        """Per passage row with curated questions of its own, how like them the question is."""
        return {row: _nearest_mean(cosines[self._own[row]]) for row in rows if row in self._own}

    def rows_near(self, cosines: Scores) -> set[int]:
        """The passages of the nearest curated questions."""
        nearest = np.argsort(-cosines, kind="stable")[:_CANDIDATES]
        return set(self._row[nearest].tolist()) - {-1}

    def likenesses(self, cosines: Scores, doc_ids: Sequence[str]) -> tuple[Likeness | None, Likeness | None]:
        """How like the question the answered and the unanswered questions of these articles are (of all
        articles if none is given); None where there are none."""
        asked = self._told_apart(np.isin(self._doc, doc_ids)) if doc_ids else self._all
        answered, unanswered = (_likeness(cosines[places]) if len(places) else None for places in asked)
        return answered, unanswered

    def leaning(self, cosines: Scores, doc_ids: Sequence[str]) -> float | None:
        """About 1 if questions like it are answered by one of these articles (of all if none is given), about -1 if
        they are not, 0 if none is like it. None where nothing was learnt of them."""
        asked = self._learnt & np.isin(self._named, doc_ids) if doc_ids else self._learnt
        if not asked.any():
            return None
        pulled = np.bincount(self._number, closeness(cosines) * self._pulls, len(self._named))
        return float(pulled[asked].max())

    def _told_apart(self, asked: NDArray[np.bool_]) -> tuple[Places, Places]:
        """Where those of some questions are that the articles answer, and those that they do not."""
        return np.flatnonzero(asked & (self._row >= 0)), np.flatnonzero(asked & (self._row < 0))


def _likeness(cosines: Scores) -> Likeness:
    return Likeness(_nearest_mean(cosines), _density(cosines))


def _nearest_mean(cosines: Scores) -> float:
    """Half the nearest, half the mean of the nearest three: one odd question alone does not decide."""
    nearest = np.sort(cosines)[::-1][:_NEAREST]
    return float(nearest[0] + nearest.mean()) / 2


def _density(cosines: Scores) -> float:
    """A kernel density estimate (Parzen 1962) with the kernel exp(10 x cosine), on the cosine's scale."""
    return float(np.log(np.mean(np.exp(_SHARPNESS * cosines)))) / _SHARPNESS
