"""Curated questions: a question is far more like another question than like prose."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.encoder import Vectors
from assistant.evidence.leaning import closeness, places_by
from assistant.index import PassageIndex

Scores = NDArray[np.float32]
Places = NDArray[np.intp]

_CANDIDATES = 200
_NEAREST = 3
_SHARPNESS = 10
_THE_SAME, _LIKE = 0.98, 0.75
_NONE = np.empty(0, np.intp)


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
        self._at: list[int | None] = [record.at for record in index.questions]
        self._pulls = index.question_pulls
        self._of_article = places_by(self._doc)
        self._own = {row: own for row, own in places_by(self._row).items() if row >= 0}

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

    def likenesses(self, cosines: Scores, doc_id: str) -> tuple[Likeness | None, Likeness | None]:
        """How like the question the answered and the unanswered questions of an article are; None where it has none."""
        own = self._own_of(doc_id)
        is_answered = self._row[own] >= 0
        answered, unanswered = (
            _likeness(cosines[places]) if len(places) else None
            for places in (own[is_answered], own[~is_answered])
        )
        return answered, unanswered

    def leaning(self, cosines: Scores, doc_id: str) -> float | None:
        """About 1 if the article answers questions like it, about -1 if it does not, or where they are like none of
        its own and most of these are not answered. None where nothing was learnt of them."""
        own = self._own_of(doc_id)
        pulls = self._pulls[own]
        return float(closeness(cosines[own]) @ pulls) if pulls.any() else None

    def verdict(self, cosines: Scores, doc_id: str) -> int | None:
        """What the editors of an article have said of the very question: the row of the passage that answers it, or -1.

        None if none of theirs is the same but for a letter.
        """
        own = self._own_of(doc_id)
        if not len(own) or cosines[own].max() < _THE_SAME:
            return None
        return int(self._row[own[cosines[own].argmax()]])

    def answer_at(self, cosines: Scores, row: int) -> int | None:
        """Where in its article the words of a passage begin that answer the question of its own most like this one.

        None if none is like it, or nobody has said which words answer it.
        """
        own = self._own.get(row, _NONE)
        if not len(own) or cosines[own].max() < _LIKE:
            return None
        return self._at[int(own[cosines[own].argmax()])]

    def _own_of(self, doc_id: str) -> Places:
        return self._of_article.get(doc_id, _NONE)


def _likeness(cosines: Scores) -> Likeness:
    return Likeness(_nearest_mean(cosines), _density(cosines))


def _nearest_mean(cosines: Scores) -> float:
    """Half the nearest, half the mean of the nearest three: one odd question alone does not decide."""
    nearest = np.sort(cosines)[::-1][:_NEAREST]
    return float(nearest[0] + nearest.mean()) / 2


def _density(cosines: Scores) -> float:
    """A kernel density estimate (Parzen 1962) with the kernel exp(10 x cosine), on the cosine's scale."""
    return float(np.log(np.mean(np.exp(_SHARPNESS * cosines)))) / _SHARPNESS
