"""Words shared by a question and a passage: BM25 divided by the question's idf mass.

The division bounds the score and makes it comparable between questions and corpora.
"""

import math
import threading
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import bm25s
import numpy as np
import Stemmer
from bm25s.stopwords import STOPWORDS_EN_PLUS
from numpy.typing import NDArray

from assistant.language.tokens import tokens

Scores = NDArray[np.float32]

_STOPWORDS = frozenset(STOPWORDS_EN_PLUS) | {"would", "could", "also", "get", "got", "im", "ive", "please"}


class Alternative(NamedTuple):
    """A way to say part of a question. `weight` from 0 to 1: how surely it means the same."""

    words: tuple[str, ...]
    weight: float


Unit = tuple[Alternative, ...]
"""One part of a question, in the person's words first; it counts once, by its best alternative."""


class _Own(threading.local):
    """A stemmer serves one thread at a time."""

    def __init__(self) -> None:
        self.stemmer = Stemmer.Stemmer("english")


_own = _Own()


def terms(text: str) -> tuple[str, ...]:
    """The stems of a text's content words, in order."""
    words = [token.word for token in tokens(text) if token.word not in _STOPWORDS]
    return tuple(_own.stemmer.stemWords(words))


class LexicalIndex:
    """BM25 (Lucene's variant, k1 1.5, b 0.75) over passages; row i is passage i."""

    def __init__(self, texts: Sequence[str]) -> None:
        documents = [list(terms(text)) for text in texts]
        counts = Counter(term for document in documents for term in set(document))
        self._size = len(texts)
        self._terms = [frozenset(document) for document in documents]
        self._document_counts = counts
        self._bm25 = bm25s.BM25(method="lucene") if counts else None
        if self._bm25:
            self._bm25.index(documents, show_progress=False)

    def idf(self, term: str) -> float:
        """Rarity of a term: ln(1 + (N - n + 0.5) / (n + 0.5)), greatest for one that no passage has."""
        count = self._document_counts.get(term, 0)
        return math.log(1 + (self._size - count + 0.5) / (count + 0.5))

    def scores(self, units: Sequence[Unit]) -> Scores:
        """One score a passage, shape [passages]: 0 where no word is shared."""
        total = np.zeros(self._size, np.float32)
        mass = sum(map(self._unit_mass, units))
        for unit in units:
            total += np.max([self._alternative(self._unit_mass(unit), other) for other in unit], axis=0)
        return total / np.float32(mass) if mass else total

    def found(self, unit: Unit, row: int) -> bool:
        """Whether passage `row` has every word of one of the unit's alternatives."""
        return any(other.words and self._terms[row].issuperset(other.words) for other in unit)

    def known(self, unit: Unit) -> bool:
        """Whether any passage has every word of one of the unit's alternatives."""
        return any(self.found(unit, row) for row in range(self._size))

    def coverage(self, units: Sequence[Unit], row: int) -> float:
        """The share of the question's idf mass that passage `row` has, from 0 to 1; 0 without content words."""
        masses = [self._unit_mass(unit) for unit in units]
        found = sum(mass for mass, unit in zip(masses, units, strict=True) if self.found(unit, row))
        return found / sum(masses) if sum(masses) else 0.0

    def _unit_mass(self, unit: Unit) -> float:
        """The idf of what was asked, or of its likeliest meaning if it was asked in stop words alone."""
        return next((mass for other in unit if (mass := self._mass(other.words))), 0.0)

    def _alternative(self, most: float, other: Alternative) -> Scores:
        """Its score, scaled so that a rarer way to say it counts no more than what was asked."""
        known = [word for word in other.words if word in self._document_counts]
        if not known or self._bm25 is None:
            return np.zeros(self._size, np.float32)
        scale = min(1.0, most / self._mass(other.words))
        return np.asarray(self._bm25.get_scores(known), np.float32) * np.float32(other.weight * scale)

    def _mass(self, words: Sequence[str]) -> float:
        return sum(map(self.idf, words))
